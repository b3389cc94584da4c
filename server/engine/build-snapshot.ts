import { constants, setPriority } from 'node:os'
import { writeSnapshot } from '../retrieval/snapshot-writer.ts'
import { openDatabase } from '../storage/database.ts'
import { createMeta } from '../storage/meta.ts'
import { createPassages } from '../storage/passages.ts'
import { createSynonymLists } from '../storage/synonyms.ts'
import { forIndex } from './index-rows.ts'
import type { OnProgress, SnapshotDone, SnapshotTask } from './tasks.ts'

/** Write the index of everything that is current in the store. Reads the database on a connection of its own, read-only. */
export async function buildSnapshot(task: SnapshotTask, onProgress: OnProgress): Promise<SnapshotDone> {
  const { dataDir, dir, generation, encoderId, dimension, second, questions } = task
  if (task.background) setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  const db = await openDatabase({ dir: dataDir, readOnly: true })
  try {
    const live = createPassages(db).live(encoderId)
    const manifest = await writeSnapshot(dir, forIndex(db, live, second?.encoderId), {
      ...{ generation, encoderId, dimension, questions },
      ...(second && { second }),
      synonyms: await createSynonymLists(createMeta(db)).all(),
      onProgress: (done, total) => onProgress(done / total, 'building the index'),
    })
    return { count: manifest.count, recallAt10: manifest.hnsw?.recallAt10 ?? 1 }
  } finally {
    db.close()
  }
}
