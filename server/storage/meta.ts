import type { Database } from './database.ts'
import type { Tx } from './types.ts'

export type Meta = ReturnType<typeof createMeta>

/** Single facts about the store, by key. */
export function createMeta({ reader }: Database) {
  return {
    get: async (key: string): Promise<string | undefined> => {
      const row = await reader.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst()
      return row?.value
    },

    set: async (tx: Tx, key: string, value: string): Promise<void> => {
      await tx
        .insertInto('meta')
        .values({ key, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
        .execute()
    },
  }
}
