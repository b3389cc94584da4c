import type { Database } from './database.ts'
import type { Tx } from './types.ts'

/** What was asked of a model on a day (ISO 8601, UTC) by one actor, as the audit log names them. */
export interface ModelUsage {
  readonly actor: string
  readonly day: string
  readonly model: string
  readonly requests: number
  readonly texts: number
  /** Time that engines were busy with it. */
  readonly computeMs: number
}

export type ModelUsages = ReturnType<typeof createModelUsages>

/** How much models are used: sums by actor, day and model, nothing of the texts. */
export function createModelUsages({ reader }: Database) {
  return {
    /** Add to what is there of that actor, day and model. */
    add: async (tx: Tx, row: ModelUsage): Promise<void> => {
      const { requests, texts, computeMs } = row
      await tx
        .insertInto('modelUsage')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['actor', 'day', 'model']).doUpdateSet((old) => ({
            requests: old('modelUsage.requests', '+', requests),
            texts: old('modelUsage.texts', '+', texts),
            computeMs: old('modelUsage.computeMs', '+', computeMs),
          })),
        )
        .execute()
    },

    /** Texts of an actor on a day, over all models. */
    textsOf: async (actor: string, day: string): Promise<number> => {
      const rows = await reader
        .selectFrom('modelUsage')
        .select('texts')
        .where('actor', '=', actor)
        .where('day', '=', day)
        .execute()
      return rows.reduce((sum, { texts }) => sum + texts, 0)
    },

    /** By day, oldest first; from and until are included. */
    list: async ({ from = '', until = '9999-12-31' }: { from?: string; until?: string } = {}): Promise<ModelUsage[]> =>
      reader
        .selectFrom('modelUsage')
        .selectAll()
        .where('day', '>=', from)
        .where('day', '<=', until)
        .orderBy('day')
        .orderBy('actor')
        .orderBy('model')
        .execute(),
  }
}
