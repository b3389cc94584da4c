import { StorageError } from '../errors.ts'
import type { SnapshotPassage } from '../retrieval/snapshot-writer.ts'
import type { PassageRecord } from '../retrieval/types.ts'
import type { Database } from '../storage/database.ts'
import { passageHash } from '../storage/passage-hash.ts'
import type { KnownVectors } from '../storage/passages.ts'
import { createSecondVectors, inPages } from '../storage/second-vectors.ts'
import type { EmbeddedPassage, StoredPassage } from '../storage/types.ts'

type Passages = AsyncIterable<EmbeddedPassage & { readonly second?: KnownVectors }>

/**
 * Stored passages as rows of an index, as they come. @param secondId id of a second encoder whose vectors the index has too:
 * what it has not embedded was stored after the index was begun, and is left to the next one.
 */
export async function* forIndex(
  db: Database,
  stored: AsyncIterable<EmbeddedPassage>,
  secondId: string | undefined,
): AsyncGenerator<SnapshotPassage, void, undefined> {
  const passages: Passages = secondId === undefined ? stored : withSecond(db, stored, secondId)
  for await (const passage of passages) {
    checkText(passage)
    const { vector, unitVectors, second } = passage
    yield { record: recordOf(passage), vector, unitVectors, ...(second && { second }) }
  }
}

async function* withSecond(db: Database, stored: AsyncIterable<EmbeddedPassage>, encoder: string) {
  const vectors = createSecondVectors(db)
  for await (const page of inPages(stored)) {
    const known = await vectors.of(
      page.map(({ hash }) => hash),
      encoder,
    )
    for (const passage of page) {
      const second = known.get(passage.hash)
      if (second) yield { ...passage, second }
    }
  }
}

/** A text that was altered in the database is never indexed, so never quoted. @throws {StorageError} naming it */
function checkText({ version: { doc, ver, text }, heading, start, end, hash }: StoredPassage): void {
  if (passageHash(heading, text.slice(start, end)) === hash) return
  throw new StorageError(
    `${doc}@${ver}: the text in the database is not the one that was ingested: restore a backup, or remove the document and ingest it again`,
  )
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
