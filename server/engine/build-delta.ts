import { removalOf } from '../retrieval/removal.ts'
import { readRowIds } from '../retrieval/snapshot.ts'
import { writeSnapshot } from '../retrieval/snapshot-writer.ts'
import { openDatabase } from '../storage/database.ts'
import { createPassages } from '../storage/passages.ts'
import { forIndex, recordOf } from './index-rows.ts'
import type { DeltaDone, DeltaTask } from './tasks.ts'

/**
 * Compare a snapshot with what is current in the store, and write the difference. Reads the database on a connection of its
 * own, read-only. A passage never changes, so ids tell everything.
 */
export async function buildDelta({ dataDir, snapshot, dir, encoderId, most }: DeltaTask): Promise<DeltaDone> {
  const { manifest, ids } = readRowIds(snapshot, { encoderId })
  const db = await openDatabase({ dir: dataDir, readOnly: true })
  try {
    const passages = createPassages(db)
    const live = await passages.liveIds()
    const [isBelow, isLive] = [new Set(ids), new Set(live)]
    const added = live.filter((id) => !isBelow.has(id))
    const removed = Array.from(ids).filter((id) => !isLive.has(id))
    const counts = { added: added.length, removed: removed.length }
    // None at all is a delta, too: it undoes the one before.
    if (Math.max(added.length, removed.length) > most) return { ...counts, written: false }
    const { generation, dimension, keywords } = manifest
    const gone = (await passages.byId(removed)).map(recordOf)
    await writeSnapshot(dir, forIndex(passages.embedded(added, encoderId)), {
      ...{ generation, encoderId, dimension, keywords },
      removed: removalOf(gone, keywords),
    })
    return { ...counts, written: true }
  } finally {
    db.close()
  }
}
