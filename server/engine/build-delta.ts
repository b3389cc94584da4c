import { removalOf } from '../retrieval/removal.ts'
import { readRowIds } from '../retrieval/snapshot.ts'
import { writeSnapshot } from '../retrieval/snapshot-writer.ts'
import { openDatabase } from '../storage/database.ts'
import { createMeta } from '../storage/meta.ts'
import { createPassages } from '../storage/passages.ts'
import { createSynonymLists } from '../storage/synonyms.ts'
import { forIndex, recordOf } from './index-rows.ts'
import type { DeltaDone, DeltaTask } from './tasks.ts'

/**
 * Compare a snapshot with what is current in the store, and write the difference, with the synonyms as they are now. Reads the
 * database on a connection of its own, read-only. A passage never changes, so ids tell everything.
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
    const { generation, dimension, keywords, second } = manifest
    const gone = (await passages.byId(removed)).map(recordOf)
    await writeSnapshot(dir, forIndex(db, passages.embedded(added, encoderId), second?.encoderId), {
      ...{ generation, encoderId, dimension, keywords },
      ...(second && { second }),
      removed: removalOf(gone, keywords),
      synonyms: await createSynonymLists(createMeta(db)).all(),
    })
    return { ...counts, written: true }
  } finally {
    db.close()
  }
}
