import { writeSnapshot } from '../retrieval/snapshot-writer.ts'
import type { PassageRecord } from '../retrieval/types.ts'
import { openDatabase } from '../storage/database.ts'
import { createMeta } from '../storage/meta.ts'
import { createPassages } from '../storage/passages.ts'
import { createSynonymLists } from '../storage/synonyms.ts'
import type { EmbeddedPassage } from '../storage/types.ts'
import type { OnProgress, SnapshotDone, SnapshotTask } from './tasks.ts'

/** Write the index of everything that is current in the store. Reads the database on a connection of its own, read-only. */
export async function buildSnapshot(task: SnapshotTask, onProgress: OnProgress): Promise<SnapshotDone> {
  const { dataDir, dir, generation, encoderId, dimension, questions } = task
  const db = await openDatabase({ dir: dataDir, readOnly: true })
  try {
    const live = createPassages(db).live(encoderId)
    const manifest = await writeSnapshot(dir, forIndex(live), {
      generation,
      encoderId,
      dimension,
      questions,
      synonyms: await createSynonymLists(createMeta(db)).all(),
      onProgress: (done, total) => onProgress(done / total, 'building the index'),
    })
    return { count: manifest.count, recallAt10: manifest.hnsw?.recallAt10 ?? 1 }
  } finally {
    db.close()
  }
}

async function* forIndex(passages: AsyncIterable<EmbeddedPassage>) {
  for await (const passage of passages) {
    yield { record: recordOf(passage), vector: passage.vector, unitVectors: passage.unitVectors }
  }
}

/** The passage as plain data of the index. */
function recordOf({ id, version, start, end, heading, lang, kind, units }: EmbeddedPassage): PassageRecord {
  const { doc, ver, collection, audience, from, until, product, region, title } = version
  return {
    ...{ id, doc, ver, collection, audience, title, heading, lang, kind, start, units },
    text: version.text.slice(start, end),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(product === undefined ? {} : { product }),
    ...(region === undefined ? {} : { region }),
  }
}
