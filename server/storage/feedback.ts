import type { Database } from './database.ts'
import { present } from './rows.ts'
import type { Tx } from './types.ts'

/** What a customer thought of a message. */
export interface Feedback {
  readonly conv: string
  readonly mid: string
  readonly value: -1 | 1
  /** Personal data masked before it gets here. */
  readonly comment?: string
  readonly at: string
}

/** Feedback on messages; the last word about a message counts. */
export function createFeedback({ reader }: Database) {
  return {
    /** Keep it, instead of an earlier one about the same message. */
    save: async (tx: Tx, { conv, mid, value, comment = undefined, at }: Feedback): Promise<void> => {
      const said = { value, comment: comment ?? null, at }
      await tx
        .insertInto('feedback')
        .values({ conv, mid, ...said })
        .onConflict((conflict) => conflict.columns(['conv', 'mid']).doUpdateSet(said))
        .execute()
    },

    /** What was said about a conversation's messages, oldest first. */
    of: async (conv: string): Promise<Feedback[]> => {
      const rows = await reader.selectFrom('feedback').selectAll().where('conv', '=', conv).orderBy('at').execute()
      // `save` stores −1 or 1 only.
      return rows.map(({ comment, value, ...row }) => ({ ...row, value: value as -1 | 1, ...present({ comment }) }))
    },
  }
}
