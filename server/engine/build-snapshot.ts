import { ModelError } from '../errors.ts'
import { writeSnapshot } from '../retrieval/snapshot-writer.ts'
import type { PassageRecord } from '../retrieval/types.ts'
import { openDatabase } from '../storage/database.ts'
import { createMeta } from '../storage/meta.ts'
import { createPassages, type KnownVectors } from '../storage/passages.ts'
import { createSecondVectors, inPages, type SecondVectors } from '../storage/second-vectors.ts'
import { createSynonymLists } from '../storage/synonyms.ts'
import type { EmbeddedPassage } from '../storage/types.ts'
import type { OnProgress, SnapshotDone, SnapshotTask } from './tasks.ts'

/** Write the index of everything that is current in the store. Reads the database on a connection of its own, read-only. */
export async function buildSnapshot(task: SnapshotTask, onProgress: OnProgress): Promise<SnapshotDone> {
  const { dataDir, dir, generation, encoderId, dimension, second, questions } = task
  const db = await openDatabase({ dir: dataDir, readOnly: true })
  try {
    const live = createPassages(db).live(encoderId)
    const passages = second ? withSecond(live, createSecondVectors(db), second.encoderId) : live
    const manifest = await writeSnapshot(dir, forIndex(passages), {
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

async function* forIndex(passages: AsyncIterable<EmbeddedPassage & { readonly second?: KnownVectors }>) {
  for await (const passage of passages) {
    const { vector, unitVectors, second } = passage
    yield { record: recordOf(passage), vector, unitVectors, ...(second && { second }) }
  }
}

/** Every passage with the second encoder's vectors. @throws {ModelError} at the first that has none. */
async function* withSecond(live: AsyncIterable<EmbeddedPassage>, vectors: SecondVectors, encoder: string) {
  for await (const page of inPages(live)) {
    const known = await vectors.of(
      page.map(({ hash }) => hash),
      encoder,
    )
    for (const passage of page) {
      const second = known.get(passage.hash)
      if (!second) throw new ModelError(`passage ${passage.id} has no vectors of the second encoder: rebuild the index`)
      yield { ...passage, second }
    }
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
