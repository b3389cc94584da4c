import type { Database } from './database.ts'
import type { Tx } from './types.ts'

/** What a customer did with a recommended product (`rec.event`). */
export interface Interaction {
  readonly conv: string
  readonly product: string
  readonly kind: 'view' | 'click' | 'apply' | 'dismiss'
  readonly at: string
}

/** Product events of conversations. */
export function createInteractions({ reader }: Database) {
  return {
    add: async (tx: Tx, { conv, product, kind, at }: Interaction): Promise<void> => {
      await tx.insertInto('interactions').values({ conv, product, kind, at }).execute()
    },

    /** Products that the customer of this conversation waved away; they are not recommended to them again. */
    dismissed: async (conv: string): Promise<Set<string>> => {
      const rows = await reader
        .selectFrom('interactions')
        .select('product')
        .distinct()
        .where('conv', '=', conv)
        .where('kind', '=', 'dismiss')
        .execute()
      return new Set(rows.map(({ product }) => product))
    },
  }
}
