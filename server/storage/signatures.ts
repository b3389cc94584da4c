import type { Kysely } from 'kysely'
import type { Database } from './database.ts'
import { toVersion } from './documents.ts'
import { prepared } from './prepared.ts'
import { slices } from './rows.ts'
import type { Schema } from './schema.ts'
import type { IsoDate, NewVersion, Tx, Version } from './types.ts'

/** A sentence that names sums or rates. */
export interface Statement {
  /** Stands for its words without the numbers, and for readers, product and region; 48 bits. */
  readonly key: number
  readonly numbers: string
  readonly text: string
}

/** What a document is compared by, whatever its length. */
export interface Signature {
  /** No two of one key and numbers. */
  readonly statements: readonly Statement[]
  /** Checksums of sampled word shingles, 32 bits, ascending. */
  readonly shingles: Uint32Array
  /** The least of them, mixed with whom the document concerns. */
  readonly marks: readonly number[]
}

/** From and until when, and of which document. */
export type Term = Pick<NewVersion, 'doc' | 'from' | 'until'>
export type StatementOf = Pick<Statement, 'text'> & Pick<Version, 'doc' | 'collection'>
export type SketchOf = Pick<Version, 'doc' | 'collection'> & Pick<Signature, 'shingles'>

/** Rows per INSERT and per SELECT: small, as both run on the thread that chats are on. */
const batch = 200
/** Versions without a signature that are read at once, with their texts. */
const unsignedAtOnce = 8
const endOfTime = '9999-12-31'

const currentOf = (db: Kysely<Schema>, { doc, from = '', until = endOfTime }: Term) =>
  db
    .selectFrom('versions')
    .innerJoin('documents', 'documents.current', 'versions.id')
    .where('versions.doc', '<>', doc)
    .where((eb) => eb.or([eb('versions.validFrom', 'is', null), eb('versions.validFrom', '<', until)]))
    .where((eb) => eb.or([eb('versions.validUntil', 'is', null), eb('versions.validUntil', '>', from)]))

const otherStatements = prepared(
  (db, key: number, numbers: string, doc: string, from: IsoDate, until: IsoDate, offset: number) =>
    currentOf(db, { doc, from, until })
      .innerJoin('statements', 'statements.version', 'versions.id')
      .select(['versions.doc', 'versions.collection', 'statements.text'])
      .where('statements.key', '=', key)
      // Two ranges of the index: most that say this in the same words say the same numbers.
      .where((eb) => eb.or([eb('statements.numbers', '<', numbers), eb('statements.numbers', '>', numbers)]))
      .orderBy('versions.doc')
      .limit(batch)
      .offset(offset),
)
const holders = prepared((db, mark: number) => db.selectFrom('marks').select('version').where('mark', '=', mark))

export type Signatures = ReturnType<typeof createSignatures>

/** Signatures of the versions that are current or may become so, to compare new documents with. */
export function createSignatures({ reader }: Database) {
  return {
    /** A version that was stored just now; without a signature it gets one at the next ingestion. */
    add: async (tx: Tx, version: number, signature: Signature | undefined): Promise<void> => {
      if (!signature) {
        await tx
          .insertInto('unsigned')
          .values({ version })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        return
      }
      const { statements, marks, shingles } = signature
      await tx.deleteFrom('unsigned').where('version', '=', version).execute()
      await tx
        .insertInto('sketches')
        .values({ version, shingles: bytesOf(shingles) })
        .execute()
      for (const slice of slices(statements, batch))
        await tx
          .insertInto('statements')
          .values(slice.map((one) => ({ ...one, version })))
          .execute()
      if (marks.length > 0)
        await tx
          .insertInto('marks')
          .values(marks.map((mark) => ({ mark, version })))
          .execute()
    },

    /** Versions to sign, current or drafts, a few at a time; none when all are signed. */
    unsigned: async (): Promise<Version[]> => {
      const rows = await reader
        .selectFrom('unsigned')
        .innerJoin('versions', 'versions.id', 'unsigned.version')
        .selectAll('versions')
        .limit(unsignedAtOnce)
        .execute()
      return rows.map(toVersion)
    },

    /** Statements of other current documents with these words and other numbers, of a common day, by document, in pages. */
    others: async function* ({ key, numbers }: Statement, { doc, from, until }: Term): AsyncGenerator<StatementOf> {
      for (let offset = 0; ; offset += batch) {
        const rows = await otherStatements(reader, key, numbers, doc, from ?? '', until ?? endOfTime, offset)
        yield* rows
        if (rows.length < batch) return
      }
    },

    /** Versions that have this mark, current or not. */
    holders: async (mark: number): Promise<number[]> => (await holders(reader, mark)).map(({ version }) => version),

    /** Sketches of those of these versions that are current, of other documents and of a common day; by document. */
    sketches: async (versions: readonly number[], term: Term): Promise<SketchOf[]> => {
      const found: SketchOf[] = []
      for (const slice of slices(versions, batch)) {
        const rows = await currentOf(reader, term)
          .innerJoin('sketches', 'sketches.version', 'versions.id')
          .select(['versions.doc', 'versions.collection', 'sketches.shingles'])
          .where('versions.id', 'in', slice)
          .orderBy('versions.doc')
          .execute()
        found.push(...rows.map(({ shingles, ...row }) => ({ ...row, shingles: shinglesOf(shingles) })))
      }
      return found
    },
  }
}

function bytesOf(shingles: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * shingles.length)
  const view = new DataView(bytes.buffer)
  for (const [i, shingle] of shingles.entries()) view.setUint32(4 * i, shingle, true)
  return bytes
}

function shinglesOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: bytes.byteLength >>> 2 }, (_, i) => view.getUint32(4 * i, true))
}
