import type { Database } from './database.ts'
import { prepared } from './prepared.ts'
import type { PendingMessage, Tx } from './types.ts'

/** In the queue nobody else speaks yet: the bot tells who writes there that a person has been asked. */
const answeredByBot = ['bot', 'queue'] as const

const insertPending = prepared((tx, conv: string, mid: string, seq: number, at: string) =>
  tx.insertInto('pending').values({ conv, mid, seq, at }),
)
const deletePending = prepared((tx, conv: string, mids: readonly string[]) =>
  tx.deleteFrom('pending').where('conv', '=', conv).where('mid', 'in', mids),
)

/** Customer messages that no bot message answers yet; kept in the same units as the log, so that a crash forgets none. */
export function createPending({ reader }: Database) {
  return {
    /** The message waits for the bot. */
    addPending: async (tx: Tx, conv: string, mid: string, seq: number, at: string): Promise<void> => {
      await insertPending(tx, conv, mid, seq, at)
    },

    /** The messages are answered, in the unit that stores the answer (or need none any more). */
    clearPending: async (tx: Tx, conv: string, mids: readonly string[]): Promise<void> => {
      if (mids.length === 0) return
      await deletePending(tx, conv, mids)
    },

    /** Conversations that the bot answers and that have messages waiting, the longest waiting first. For the start after a crash. */
    pending: async (): Promise<string[]> => {
      const rows = await reader
        .selectFrom('pending')
        .innerJoin('conversations', 'conversations.id', 'pending.conv')
        .where('conversations.owner', 'in', answeredByBot)
        .groupBy('pending.conv')
        .select(({ fn }) => ['pending.conv', fn.min('pending.at').as('since')])
        .orderBy('since')
        .execute()
      return rows.map(({ conv }) => conv)
    },

    /**
     * The messages of the next turn, oldest first: at most `most`, each at most `gapMs` after the one before. They stay
     * pending until {@link clearPending}. Empty while a person has the conversation.
     */
    takePending: async (conv: string, { most, gapMs }: { most: number; gapMs: number }): Promise<PendingMessage[]> => {
      const rows = await reader
        .selectFrom('pending')
        .innerJoin('conversations', 'conversations.id', 'pending.conv')
        .innerJoin('events', (join) =>
          join.onRef('events.conv', '=', 'pending.conv').onRef('events.seq', '=', 'pending.seq'),
        )
        .where('pending.conv', '=', conv)
        .where('conversations.owner', 'in', answeredByBot)
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
