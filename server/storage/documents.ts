import type { Selectable } from 'kysely'
import type { Database } from './database.ts'
import { dropSignature } from './drop-signature.ts'
import { prepared } from './prepared.ts'
import { present, slices } from './rows.ts'
import type { Schema } from './schema.ts'
import type { NewVersion, Tx, Version, VersionSummary } from './types.ts'

/** Parameters per statement; SQLite takes 32,766, and a longer text would cost more to parse than a second statement. */
const batch = 1_000
/** Ids that are read at once on the thread that chats are on. */
const namesPage = 500
const summaryColumns = [
  'versions.id',
  'versions.doc',
  'versions.ver',
  'versions.collection',
  'versions.title',
  'versions.audience',
  'versions.validFrom',
  'versions.validUntil',
  'versions.product',
  'versions.region',
  'versions.url',
  'versions.contentHash',
  'versions.at',
  'versions.draftBy',
] as const

export type Documents = ReturnType<typeof createDocuments>

/** Documents and their versions. A version never changes; the newest one of a document that is not removed is current. */
export function createDocuments(db: Database) {
  const { reader } = db
  return {
    ...createVersions(),

    /** The current version; undefined if the document is unknown or removed. */
    current: async (doc: string): Promise<Version | undefined> => {
      const row = await reader
        .selectFrom('documents')
        .innerJoin('versions', 'versions.id', 'documents.current')
        .selectAll('versions')
        .where('documents.doc', '=', doc)
        .executeTakeFirst()
      return row && toVersion(row)
    },

    /** Any version, current, superseded or removed. Whoever shows it checks its audience. */
    version: async (doc: string, ver: number): Promise<Version | undefined> => {
      const row = await reader
        .selectFrom('versions')
        .selectAll()
        .where('doc', '=', doc)
        .where('ver', '=', ver)
        .executeTakeFirst()
      return row && toVersion(row)
    },

    /** Canonical text of any version, that the spans of citations refer to. */
    text: async (doc: string, ver: number): Promise<string | undefined> => {
      const row = await reader
        .selectFrom('versions')
        .select('text')
        .where('doc', '=', doc)
        .where('ver', '=', ver)
        .executeTakeFirst()
      return row?.text
    },

    /** All versions of a document, oldest first, without their texts. */
    history: async (doc: string): Promise<VersionSummary[]> => {
      const rows = await reader
        .selectFrom('versions')
        .select(summaryColumns)
        .where('doc', '=', doc)
        .orderBy('ver')
        .execute()
      return rows.map(toSummary)
    },

    /** Current versions without their texts, by document id. */
    list: async ({ collection }: { collection?: string } = {}): Promise<VersionSummary[]> => {
      let query = reader
        .selectFrom('documents')
        .innerJoin('versions', 'versions.id', 'documents.current')
        .select(summaryColumns)
      if (collection !== undefined) query = query.where('versions.collection', '=', collection)
      return (await query.orderBy('documents.doc').execute()).map(toSummary)
    },

    /** Ids of the current documents of a collection, in order, in pages. */
    names: async function* (collection: string): AsyncGenerator<string[], void, undefined> {
      const page = reader
        .selectFrom('documents')
        .innerJoin('versions', 'versions.id', 'documents.current')
        .select('documents.doc')
        .where('versions.collection', '=', collection)
        // Ids begin with the collection, and `0` follows `/`: other collections are not even looked at.
        .where('documents.doc', '<', `${collection}0`)
        .orderBy('documents.doc')
        .limit(namesPage)
      for (let after = `${collection}/`; ; ) {
        const rows = await page.where('documents.doc', '>', after).execute()
        yield rows.map(({ doc }) => doc)
        if (rows.length < namesPage) return
        after = rows.at(-1)?.doc ?? after
      }
    },

    /** As {@link list}, the `limit` documents behind `after`. */
    page: async (page: { collection?: string; after?: string; limit: number }): Promise<VersionSummary[]> => {
      const { collection, after, limit } = page
      let query = reader
        .selectFrom('documents')
        .innerJoin('versions', 'versions.id', 'documents.current')
        .select(summaryColumns)
      if (collection !== undefined) query = query.where('versions.collection', '=', collection)
      if (after !== undefined) query = query.where('documents.doc', '>', after)
      return (await query.orderBy('documents.doc').limit(limit).execute()).map(toSummary)
    },

    /** Versions that wait to be published and that no newer one has overtaken, by document and number, without texts. */
    drafts: async ({ collection }: { collection?: string } = {}): Promise<VersionSummary[]> => {
      let query = reader.selectFrom('versions').select(summaryColumns).where('draftBy', 'is not', null)
      query = query.where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('documents')
              .innerJoin('versions as newer', 'newer.id', 'documents.current')
              .select('newer.id')
              .whereRef('documents.doc', '=', 'versions.doc')
              .whereRef('newer.ver', '>', 'versions.ver'),
          ),
        ),
      )
      if (collection !== undefined) query = query.where('collection', '=', collection)
      return (await query.orderBy('doc').orderBy('ver').execute()).map(toSummary)
    },

    /**
     * Content hashes of the current versions of `docs`; those missing, removed or embedded by another encoder are left out,
     * so a document is unchanged exactly if its hash is here and equal.
     */
    contentHashes: async (docs: readonly string[], encoder: string): Promise<Map<string, string>> => {
      const found = new Map<string, string>()
      for (const slice of slices(docs, batch)) {
        const rows = await reader
          .selectFrom('documents')
          .innerJoin('versions', 'versions.id', 'documents.current')
          .select(['documents.doc', 'versions.contentHash'])
          .where('documents.doc', 'in', slice)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('passages')
                  .select('passages.id')
                  .whereRef('passages.version', '=', 'versions.id')
                  .where('passages.encoder', '<>', encoder),
              ),
            ),
          )
          .execute()
        for (const { doc, contentHash } of rows) found.set(doc, contentHash)
      }
      return found
    },
  }
}

const currentRows = prepared((db, docs: readonly string[]) =>
  db
    .selectFrom('documents')
    .innerJoin('versions', 'versions.id', 'documents.current')
    .select(['versions.doc', 'versions.ver'])
    .where('documents.doc', 'in', docs),
)

function createVersions() {
  return {
    /**
     * Store a version and make it the current one. Its number is the last one's + 1, also after a removal.
     * @param draftBy who brings it, if it has to wait until it is published: then the current one stays.
     */
    addVersion: async (
      tx: Tx,
      version: NewVersion,
      at: string = new Date().toISOString(),
      draftBy?: string,
    ): Promise<Version> => {
      const { from, until, product, region, url, ...rest } = version
      const last = await tx
        .selectFrom('versions')
        .select(({ fn }) => fn.max('ver').as('ver'))
        .where('doc', '=', version.doc)
        .executeTakeFirst()
      const ver = (last?.ver ?? 0) + 1
      const { id } = await tx
        .insertInto('versions')
        .values({
          ...rest,
          ver,
          at,
          validFrom: from ?? null,
          validUntil: until ?? null,
          product: product ?? null,
          region: region ?? null,
          url: url ?? null,
          draftBy: draftBy ?? null,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      if (draftBy !== undefined) return { ...version, id, ver, at, draftBy }
      if (ver > 1) await dropSignature(tx, version.doc)
      await makeCurrent(tx, version.doc, id)
      return { ...version, id, ver, at }
    },

    /** Make a draft the current version. @returns false if it is no draft any more. */
    publish: async (tx: Tx, { id, doc }: Pick<Version, 'id' | 'doc'>): Promise<boolean> => {
      const { numUpdatedRows } = await tx
        .updateTable('versions')
        .set({ draftBy: null })
        .where('id', '=', id)
        .where('draftBy', 'is not', null)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) return false
      await dropSignature(tx, doc)
      await makeCurrent(tx, doc, id)
      return true
    },

    /** Whether all of these are current versions. */
    areCurrent: async (tx: Tx, cited: readonly Pick<Version, 'doc' | 'ver'>[]): Promise<boolean> => {
      if (cited.length === 0) return true
      const docs = [...new Set(cited.map(({ doc }) => doc))]
      const current = new Map((await currentRows(tx, docs)).map(({ doc, ver }) => [doc, ver]))
      return cited.every(({ doc, ver }) => current.get(doc) === ver)
    },

    /** Take a document out of search; its versions stay readable for citations. @returns false if there was none. */
    remove: async (tx: Tx, doc: string): Promise<boolean> => {
      await dropSignature(tx, doc)
      const { numUpdatedRows } = await tx
        .updateTable('documents')
        .set({ current: null })
        .where('doc', '=', doc)
        .where('current', 'is not', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
  }
}

async function makeCurrent(tx: Tx, doc: string, current: number): Promise<void> {
  await tx
    .insertInto('documents')
    .values({ doc, current })
    .onConflict((conflict) => conflict.column('doc').doUpdateSet({ current }))
    .execute()
}

type VersionRow = Selectable<Schema['versions']>

/** A row of `versions` as the rest of the program knows it. */
export function toVersion({ text, ...row }: VersionRow): Version {
  return { ...toSummary(row), text }
}

function toSummary({
  validFrom,
  validUntil,
  product,
  region,
  url,
  draftBy,
  ...row
}: Omit<VersionRow, 'text'>): VersionSummary {
  return { ...row, ...present({ from: validFrom, until: validUntil, product, region, url, draftBy }) }
}
