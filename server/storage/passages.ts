import type { Insertable, Selectable } from 'kysely'
import { ModelError } from '../errors.ts'
import { fromBytes, toBytes } from '../math/vectors.ts'
import type { Database } from './database.ts'
import { toVersion } from './documents.ts'
import { prepared } from './prepared.ts'
import { slices } from './rows.ts'
import type { Schema } from './schema.ts'
import {
  type Audience,
  type BlockKind,
  type EmbeddedPassage,
  type IsoDate,
  type NewPassage,
  type StoredPassage,
  type Tx,
  type Version,
  visibleTo,
} from './types.ts'
import { dequantise, quantise } from './vectors.ts'

/** Vectors that an earlier passage of the same content already has. */
export interface KnownVectors {
  readonly vector: Float32Array
  readonly unitVectors: Float32Array
}

const pageSize = 500
/** Rows per INSERT and ids per SELECT. */
const batch = 200

const columns = [
  'passages.id',
  'passages.version',
  'passages.position',
  'passages.kind',
  'passages.heading',
  'passages.start',
  'passages.end',
  'passages.units',
  'passages.lang',
  'passages.hash',
] as const

const embeddedColumns = [...columns, 'passages.encoder', 'passages.vector', 'passages.unitVectors'] as const

export type Passages = ReturnType<typeof createPassages>

/** Passages and their vectors. This table is the truth; a vector index is a cache rebuilt from it. */
export function createPassages(db: Database) {
  const { reader } = db
  return {
    ...createPassageReads(db),

    /**
     * Store a version's passages with the id of the encoder that made the vectors.
     * @param version the version's id. @returns the passages' ids, in the order given.
     * @throws {RangeError} if the unit vectors do not match the passage's units and dimension.
     */
    add: async (tx: Tx, version: number, encoder: string, passages: readonly NewPassage[]): Promise<number[]> => {
      const ids: number[] = []
      for (const slice of slices(passages, batch)) {
        const rows = slice.map((passage) => toRow(version, encoder, passage))
        ids.push(...(await tx.insertInto('passages').values(rows).returning('id').execute()).map(({ id }) => id))
      }
      // A statement's rows get rising ids in their order, but may be returned in another.
      return ids.sort((a, b) => a - b)
    },

    /** Vectors that this encoder already made for these content hashes, whatever version they were in. */
    reuse: (hashes: readonly string[], encoder: string): Promise<Map<string, KnownVectors>> =>
      vectorsByHash(hashes, (slice) =>
        reader
          .selectFrom('passages')
          .select(['hash', 'vector', 'unitVectors'])
          .where('encoder', '=', encoder)
          .where('hash', 'in', slice)
          .execute(),
      ),

    /** Refuse to mix: all passages of current versions have to be this encoder's. @throws {ModelError} */
    assertEncoder: async (encoder: string): Promise<void> => {
      const foreign = reader
        .selectFrom('passages')
        .select('passages.encoder')
        // Two ranges of the index instead of a scan for "not equal".
        .where((eb) => eb.or([eb('passages.encoder', '<', encoder), eb('passages.encoder', '>', encoder)]))
        .limit(1)
      // Usually there are none at all, which the index alone tells; superseded ones may stay.
      if (!(await foreign.executeTakeFirst())) return
      const current = foreign.innerJoin('documents', 'documents.current', 'passages.version')
      const other = await current.executeTakeFirst()
      if (other) throw otherEncoder(other.encoder, encoder)
    },
  }
}

const ofCurrent = (reader: Database['reader']) =>
  reader.selectFrom('passages').innerJoin('documents', 'documents.current', 'passages.version')
const inForceRows = (db: Database['reader'], ids: readonly number[], day: IsoDate, audiences: readonly Audience[]) =>
  db
    .selectFrom('passages')
    .innerJoin('versions', 'versions.id', 'passages.version')
    .select(columns)
    .where('passages.id', 'in', ids)
    .where('versions.audience', 'in', audiences)
    .where((eb) => eb.or([eb('versions.validFrom', 'is', null), eb('versions.validFrom', '<=', day)]))
    .where((eb) => eb.or([eb('versions.validUntil', 'is', null), eb('versions.validUntil', '>', day)]))
const everReadableRows = prepared(inForceRows)
const readableRows = prepared((db, ids: readonly number[], day: IsoDate, audiences: readonly Audience[]) =>
  inForceRows(db, ids, day, audiences).innerJoin('documents', 'documents.current', 'passages.version'),
)
const versionRows = prepared((reader, ids: readonly number[]) =>
  reader.selectFrom('versions').selectAll().where('id', 'in', ids),
)

function createPassageReads({ reader }: Database) {
  const current = () => ofCurrent(reader)

  return {
    /**
     * Every passage of every current version, by id, read in pages so that memory stays bounded. What commits meanwhile
     * may or may not be seen. @throws {ModelError} at the first passage of another encoder.
     */
    live: async function* (encoder: string): AsyncGenerator<EmbeddedPassage, void, undefined> {
      const page = current().select(embeddedColumns)
      for (let after = 0; ; ) {
        const rows = await page.where('passages.id', '>', after).orderBy('passages.id').limit(pageSize).execute()
        yield* await withVectors(rows, encoder)
        if (rows.length < pageSize) return
        after = rows.at(-1)?.id ?? after
      }
    },

    /** Ids of the passages of current versions, ascending; only those of one kind if it is given. */
    liveIds: async (kind?: BlockKind): Promise<number[]> => {
      const ids = current().select('passages.id').orderBy('passages.id')
      const rows = await (kind === undefined ? ids : ids.where('passages.kind', '=', kind)).execute()
      return rows.map(({ id }) => id)
    },

    /** These passages, of whatever version, in pages; `ids` ascend. @throws {ModelError} at the first of another encoder. */
    embedded: async function* (
      ids: readonly number[],
      encoder: string,
    ): AsyncGenerator<EmbeddedPassage, void, undefined> {
      for (const slice of slices(ids, batch))
        yield* await withVectors(await byIds(slice).select(embeddedColumns).execute(), encoder)
    },

    /** These passages, of whatever version; `ids` ascend. */
    byId: async (ids: readonly number[]): Promise<StoredPassage[]> => {
      const found: StoredPassage[] = []
      for (const slice of slices(ids, batch))
        found.push(...(await withVersions(await byIds(slice).select(columns).execute())))
      return found
    },

    /**
     * Those of `ids` that `role` may read on `day`: of a current version, of an audience that the role sees, in force
     * (`from ≤ day < until`). Whatever an index still holds, other text is never read. In the order of `ids`.
     */
    readable: (ids: readonly number[], day: IsoDate, role: Audience): Promise<StoredPassage[]> =>
      inOrder(ids, (slice) => readableRows(reader, slice, day, visibleTo(role))),

    /** As {@link readable}, but of any version, as if it were current still: to look at an earlier answer again. */
    everReadable: (ids: readonly number[], day: IsoDate, role: Audience): Promise<StoredPassage[]> =>
      inOrder(ids, (slice) => everReadableRows(reader, slice, day, visibleTo(role))),

    /** Stands for the set of passages of current versions: equal only for the same set. Rows are never changed or used again. */
    fingerprint: async (): Promise<string> => {
      const row = await current()
        .select(({ fn }) => [
          fn.countAll<number>().as('n'),
          fn.max<number | null>('passages.id').as('last'),
          fn.sum<number | null>('passages.id').as('sum'),
        ])
        .executeTakeFirstOrThrow()
      return `${row.n}-${row.last ?? 0}-${row.sum ?? 0}`
    },

    /** Passages of current versions. */
    count: async (): Promise<number> => {
      const row = await current()
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      return Number(row.n)
    },
  }

  async function inOrder(
    ids: readonly number[],
    read: (slice: readonly number[]) => Promise<PassageRow[]>,
  ): Promise<StoredPassage[]> {
    const found = new Map<number, StoredPassage>()
    for (const slice of slices(ids, batch))
      for (const passage of await withVersions(await read(slice))) found.set(passage.id, passage)
    return ids.flatMap((id) => found.get(id) ?? [])
  }

  function byIds(ids: readonly number[]) {
    return reader.selectFrom('passages').where('passages.id', 'in', ids).orderBy('passages.id')
  }

  async function withVectors(rows: readonly EmbeddedRow[], encoder: string): Promise<EmbeddedPassage[]> {
    const stranger = rows.find((row) => row.encoder !== encoder)
    if (stranger) throw otherEncoder(stranger.encoder, encoder)
    const passages = await withVersions(rows)
    // Both lists have the same order; a version is never deleted, so none is missing.
    return passages.map((passage, i) => ({ ...passage, ...toVectors(rows[i]!) }))
  }

  /** The rows as passages; those of one version share one version object, so a text is in memory once. */
  async function withVersions(rows: readonly PassageRow[]): Promise<StoredPassage[]> {
    const versions = new Map<number, Version>()
    for (const slice of slices([...new Set(rows.map((row) => row.version))], batch)) {
      const found = await versionRows(reader, slice)
      for (const row of found) versions.set(row.id, toVersion(row))
    }
    return rows.map((row) => toPassage(row, versions.get(row.version)!))
  }
}

type EmbeddedRow = Selectable<Schema['passages']>
type PassageRow = Omit<Selectable<Schema['passages']>, 'encoder' | 'vector' | 'unitVectors'>

function toRow(version: number, encoder: string, passage: NewPassage): Insertable<Schema['passages']> {
  const { units, vector, unitVectors, position, kind, heading, start, end, lang, hash } = passage
  if (unitVectors.length !== units.length * vector.length) {
    throw new RangeError(
      `${units.length} units need ${units.length * vector.length} components, not ${unitVectors.length}`,
    )
  }
  return {
    ...{ version, encoder, position, kind, heading, start, end, lang, hash },
    units: JSON.stringify(units),
    vector: toBytes(vector),
    unitVectors: quantise(unitVectors, vector.length),
  }
}

function toPassage(
  { id, position, kind, heading, start, end, units, lang, hash }: PassageRow,
  version: Version,
): StoredPassage {
  return { id, version, position, kind, heading, start, end, units: JSON.parse(units), lang, hash }
}

type VectorRow = Pick<Selectable<Schema['passages']>, 'vector' | 'unitVectors'>

/** Vectors by content hash, as many hashes a query as `rowsOf` may be asked for at once. */
export async function vectorsByHash(
  hashes: readonly string[],
  rowsOf: (slice: readonly string[]) => Promise<readonly ({ readonly hash: string } & VectorRow)[]>,
): Promise<Map<string, KnownVectors>> {
  const known = new Map<string, KnownVectors>()
  for (const slice of slices(hashes, batch))
    for (const { hash, ...row } of await rowsOf(slice)) known.set(hash, toVectors(row))
  return known
}

/** Vectors as they are kept. */
function toVectors(row: VectorRow): KnownVectors {
  const vector = fromBytes(row.vector)
  return { vector, unitVectors: dequantise(row.unitVectors, vector.length) }
}

const otherEncoder = (found: string, wanted: string): ModelError =>
  new ModelError(
    `the stored passages were embedded by another encoder (${found.slice(0, 12)} instead of ${wanted.slice(0, 12)}): ingest the documents again, or correct BURSAR_ENCODER`,
  )
