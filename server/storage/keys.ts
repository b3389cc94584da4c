import type { Selectable } from 'kysely'
import type { Database } from './database.ts'
import { present } from './rows.ts'
import type { Schema } from './schema.ts'
import type { Tx } from './types.ts'

/** An API key as stored; the key itself is not. */
export interface StoredKey {
  readonly id: string
  readonly name: string
  /** SHA-256 of the key, hexadecimal. */
  readonly hash: string
  readonly scopes: readonly string[]
  readonly createdBy: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly revokedAt?: string
  /** Name of the user whose program it is for. */
  readonly owner?: string
  /** Most texts for models in a day (UTC). */
  readonly textsPerDay?: number
}

export type Keys = ReturnType<typeof createKeys>

/** API keys. They are revoked, never removed: the audit log names them. */
export function createKeys({ reader }: Database) {
  return {
    add: async (tx: Tx, { scopes, ...key }: StoredKey): Promise<void> => {
      const { revokedAt = null, owner = null, textsPerDay = null } = key
      await tx
        .insertInto('keys')
        .values({ ...key, scopes: JSON.stringify(scopes), revokedAt, owner, textsPerDay })
        .execute()
    },

    /** @returns false if there is no such key, or it was revoked before. */
    revoke: async (tx: Tx, id: string, at: string): Promise<boolean> => {
      const { numUpdatedRows } = await tx
        .updateTable('keys')
        .set({ revokedAt: at })
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },

    /** Oldest first. */
    list: async (): Promise<StoredKey[]> =>
      (await reader.selectFrom('keys').selectAll().orderBy('createdAt').orderBy('id').execute()).map(toKey),

    /**
     * Who may have been at work as this actor of the audit log: with a key the user whose program it is for, and who made it,
     * as both have seen it. Undefined for a key that was made for nobody, which anybody may hold.
     */
    peopleBehind: async (actor: string): Promise<readonly string[] | undefined> => {
      const [, id] = /^key:(.+)$/s.exec(actor) ?? []
      if (id === undefined) return [actor]
      const row = await reader.selectFrom('keys').select(['owner', 'createdBy']).where('id', '=', id).executeTakeFirst()
      return row?.owner ? [`user:${row.owner}`, row.createdBy] : undefined
    },

    byHash: async (hash: string): Promise<StoredKey | undefined> => {
      const row = await reader.selectFrom('keys').selectAll().where('hash', '=', hash).executeTakeFirst()
      return row && toKey(row)
    },
  }
}

function toKey({ scopes, revokedAt, owner, textsPerDay, ...row }: Selectable<Schema['keys']>): StoredKey {
  // Only `add` writes the list.
  return { ...row, scopes: JSON.parse(scopes) as string[], ...present({ revokedAt, owner, textsPerDay }) }
}
