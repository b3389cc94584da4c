import type { Kysely } from 'kysely'
import type { Database } from './database.ts'
import { toVersion } from './documents.ts'
import { prepared } from './prepared.ts'
import { slices } from './rows.ts'
import type { Schema } from './schema.ts'
import type { NewVersion, Tx, Version } from './types.ts'

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

/** A version, by its id. */
export interface Signed {
  readonly version: number
  readonly signature: Signature | undefined
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

const below = prepared((db, key: number, numbers: string, offset: number) =>
  ofKey(db, key, offset).where('numbers', '<', numbers),
)
const above = prepared((db, key: number, numbers: string, offset: number) =>
  ofKey(db, key, offset).where('numbers', '>', numbers),
)
/** In the order of the table, so that the first are found without a look at the rest. */
const ofKey = (db: Kysely<Schema>, key: number, offset: number) =>
  db
    .selectFrom('statements')
    .select(['version', 'text'])
    .where('key', '=', key)
    .orderBy('numbers')
    .orderBy('version')
    .limit(batch)
    .offset(offset)
const holders = prepared((db, mark: number) => db.selectFrom('marks').select('version').where('mark', '=', mark))

export type Signatures = ReturnType<typeof createSignatures>

/** Signatures of the versions that are current or may become so, to compare new documents with. */
export function createSignatures({ reader }: Database) {
  async function inForce(found: readonly { version: number; text: string }[], term: Term): Promise<StatementOf[]> {
    const ids = found.map(({ version }) => version)
    const query = currentOf(reader, term).select(['versions.id', 'versions.doc', 'versions.collection'])
    const current = new Map((await query.where('versions.id', 'in', ids).execute()).map(({ id, ...row }) => [id, row]))
    return found.flatMap(({ version, text }) => {
      const of = current.get(version)
      return of ? [{ ...of, text }] : []
    })
  }

  const signatures = {
    /** Versions that were stored just now; those without a signature get one at the next ingestion. */
    add: async (tx: Tx, signed: readonly Signed[]): Promise<void> => {
      const [made, unsigned] = [signed.flatMap(withSignature), signed.filter(({ signature }) => !signature)]
      const sketches = made.map(({ version, signature }) => ({ version, shingles: bytesOf(signature.shingles) }))
      const marks = made.flatMap(({ version, signature }) => signature.marks.map((mark) => ({ mark, version })))
      const statements = made.flatMap(({ version, signature }) =>
        signature.statements.map((one) => ({ ...one, version })),
      )
      for (const rows of slices(sketches, batch)) await tx.insertInto('sketches').values(rows).execute()
      for (const rows of slices(statements, batch)) await tx.insertInto('statements').values(rows).execute()
      for (const rows of slices(marks, batch)) await tx.insertInto('marks').values(rows).execute()
      for (const rows of slices(unsigned, batch))
        await tx
          .insertInto('unsigned')
          .values(rows.map(({ version }) => ({ version })))
          .execute()
    },

    /** Signatures of versions that had none. */
    sign: async (tx: Tx, signed: readonly Signed[]): Promise<void> => {
      const versions = signed.map(({ version }) => version)
      await tx.deleteFrom('unsigned').where('version', 'in', versions).execute()
      await signatures.add(tx, signed)
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

    /** Statements of other current documents with these words and other numbers, of a common day, in pages. */
    others: async function* ({ key, numbers }: Statement, term: Term): AsyncGenerator<readonly StatementOf[]> {
      for (const side of [below, above])
        for (let offset = 0, rows = batch; rows === batch; offset += batch) {
          const found = await side(reader, key, numbers, offset)
          rows = found.length
          if (rows > 0) yield await inForce(found, term)
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
  return signatures
}

const withSignature = ({ version, signature }: Signed) => (signature ? [{ version, signature }] : [])

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
