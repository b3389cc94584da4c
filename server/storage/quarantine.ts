import type { Database } from './database.ts'
import { slices } from './rows.ts'
import type { Tx } from './types.ts'

/** A document that waits for a person; content and reasons are its maker's JSON. */
export interface HeldRow {
  readonly doc: string
  readonly collection: string
  readonly contentHash: string
  readonly content: string
  readonly holds: string
}

/** Parameters per statement. */
const batch = 1_000

export type Quarantine = ReturnType<typeof createQuarantine>

/** Documents that were held at the door, one a document, and the content that persons let through. */
export function createQuarantine({ reader }: Database) {
  return {
    list: async (): Promise<(HeldRow & { readonly at: string })[]> =>
      reader.selectFrom('held').selectAll().orderBy('doc').execute(),

    find: async (doc: string): Promise<HeldRow | undefined> =>
      reader.selectFrom('held').selectAll().where('doc', '=', doc).executeTakeFirst(),

    /** Content hashes that persons let through, by document. */
    released: async (docs: readonly string[]): Promise<Map<string, Set<string>>> => {
      const found = new Map<string, Set<string>>()
      for (const slice of slices(docs, batch)) {
        const rows = await reader
          .selectFrom('released')
          .select(['doc', 'contentHash'])
          .where('doc', 'in', slice)
          .execute()
        for (const { doc, contentHash } of rows) found.set(doc, (found.get(doc) ?? new Set()).add(contentHash))
      }
      return found
    },

    /** Hold these, each instead of what was held of the same document; the same content has been held since then. */
    hold: async (tx: Tx, rows: readonly HeldRow[], at: string = new Date().toISOString()): Promise<void> => {
      for (const row of rows)
        await tx
          .insertInto('held')
          .values({ ...row, at })
          .onConflict((conflict) =>
            conflict.column('doc').doUpdateSet((eb) => ({
              ...row,
              at: eb.case().when('held.contentHash', '=', row.contentHash).then(eb.ref('held.at')).else(at).end(),
            })),
          )
          .execute()
    },

    /** Nothing of these documents is held any more. */
    drop: async (tx: Tx, docs: readonly string[]): Promise<void> => {
      for (const slice of slices(docs, batch)) await tx.deleteFrom('held').where('doc', 'in', slice).execute()
    },

    /** This very content of the document may pass from now on. */
    release: async (
      tx: Tx,
      { doc, contentHash }: Pick<HeldRow, 'doc' | 'contentHash'>,
      { by, reason }: { readonly by: string; readonly reason: string },
      at: string = new Date().toISOString(),
    ): Promise<void> => {
      await tx.replaceInto('released').values({ doc, contentHash, by, reason, at }).execute()
    },
  }
}
