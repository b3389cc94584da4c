import type { Database } from './database.ts'
import { prepared } from './prepared.ts'
import type { PendingMessage, Tx } from './types.ts'

const insertPending = prepared((tx, conv: string, mid: string, seq: number, at: string) =>
  tx.insertInto('pending').values({ conv, mid, seq, at }),
)
const deletePending = prepared((tx, conv: string, mids: readonly string[]) =>
  tx.deleteFrom('pending').where('conv', '=', conv).where('mid', 'in', mids).returning('mid'),
)

/**
 * Customer messages that the assistant has not read yet; kept in the same units as the log, so that a crash forgets none. While
 * a person has the conversation it still reads them, for rights that they invoke, and says nothing.
 */
export function createPending({ reader }: Database) {
  return {
    /** The message waits to be read. */
    addPending: async (tx: Tx, conv: string, mid: string, seq: number, at: string): Promise<void> => {
      await insertPending(tx, conv, mid, seq, at)
    },

    /**
     * The messages are answered, in the unit that stores the answer (or need none any more).
     * @returns how many of them had been waiting until now.
     */
    clearPending: async (tx: Tx, conv: string, mids: readonly string[]): Promise<number> =>
      mids.length === 0 ? 0 : (await deletePending(tx, conv, mids)).length,

    /** Nothing of the conversation waits any more: a person has seen to all of it. */
    clearAllPending: async (tx: Tx, conv: string): Promise<void> => {
      await tx.deleteFrom('pending').where('conv', '=', conv).execute()
    },

    /** Conversations that have messages waiting, the longest waiting first. For the start after a crash. */
    pending: async (): Promise<string[]> => {
      const rows = await reader
        .selectFrom('pending')
        .groupBy('conv')
        .select(({ fn }) => ['conv', fn.min('at').as('since')])
        .orderBy('since')
        .execute()
      return rows.map(({ conv }) => conv)
    },

    /**
     * The messages of the next turn, oldest first: at most `most`, each at most `gapMs` after the one before. They stay
     * pending until {@link clearPending}.
     */
    takePending: async (conv: string, { most, gapMs }: { most: number; gapMs: number }): Promise<PendingMessage[]> => {
      const rows = await reader
        .selectFrom('pending')
        .innerJoin('events', (join) =>
          join.onRef('events.conv', '=', 'pending.conv').onRef('events.seq', '=', 'pending.seq'),
        )
        .where('pending.conv', '=', conv)
        .select(['pending.conv', 'pending.mid', 'pending.seq', 'pending.at', 'events.content'])
        .orderBy('pending.seq')
        .limit(most)
        .execute()
      const late = rows.findIndex(({ at }, i) => i > 0 && Date.parse(at) - Date.parse(rows[i - 1]!.at) > gapMs)
      return (late < 0 ? rows : rows.slice(0, late)).map(({ content, ...message }) => ({
        ...message,
        text: textOf(content),
      }))
    },
  }
}

/** Text of a stored `msg.created`. */
function textOf(content: string): string {
  const created: unknown = JSON.parse(content)
  return typeof created === 'object' && created !== null && 'text' in created && typeof created.text === 'string'
    ? created.text
    : ''
}
