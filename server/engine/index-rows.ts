import type { SnapshotPassage } from '../retrieval/snapshot-writer.ts'
import type { PassageRecord } from '../retrieval/types.ts'
import type { EmbeddedPassage, StoredPassage } from '../storage/types.ts'

/** Stored passages as rows of an index, as they come. */
export async function* forIndex(
  passages: AsyncIterable<EmbeddedPassage>,
): AsyncGenerator<SnapshotPassage, void, undefined> {
  for await (const passage of passages) {
    yield { record: recordOf(passage), vector: passage.vector, unitVectors: passage.unitVectors }
  }
}

/** The passage as plain data of the index. */
export function recordOf({ id, version, start, end, heading, lang, kind, units }: StoredPassage): PassageRecord {
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
