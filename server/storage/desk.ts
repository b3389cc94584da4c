import { sql } from 'kysely'
import type { Database } from './database.ts'
import { prepared } from './prepared.ts'
import type { Schema } from './schema.ts'
import type { Tx } from './types.ts'

/** Who has a conversation: compared before it is changed, in the statement that changes it. */
export type Holder =
  | { readonly owner: 'bot' | 'queue' | 'closed' }
  | { readonly owner: 'agent'; readonly agent: string }

export interface Wait {
  /** ISO time since when it waits. */
  readonly at: string
  readonly reason: string
  /** The lowest number comes first. */
  readonly priority: number
}

/** A conversation as the desk lists it. */
export interface DeskItem {
  readonly conv: string
  readonly owner: 'queue' | 'agent'
  readonly agent: string | null
  readonly since: string | null
  readonly reason: string | null
  /** The customer's last words and what was read in the last message; null before the first. */
  readonly said: string | null
  readonly mood: string | null
  readonly intent: string | null
  readonly lastAt: string | null
}

export interface Note {
  readonly nid: string
  readonly by: string
  readonly at: string
  readonly text: string
}

export type DeskTable = ReturnType<typeof createDeskTable>

/** Of what somebody said, enough to know what it is about; code points. */
const saidChars = 200

/** Of a conversation that no person has and none waits for. */
export const nobody = { agent: null, queuedAt: null, queueReason: null, queuePriority: null }

const holderOf = prepared((tx, conv: string) =>
  tx.selectFrom('conversations').select(['owner', 'agent', 'state']).where('id', '=', conv),
)

/** Who has which conversation, who waits, and what staff note. Changes are part of the unit that tells of them. */
export function createDeskTable({ reader }: Database) {
  return {
    ...createDeskReads(reader),

    /**
     * Hand the conversation over, if one of `from` has it and it is open (compare-and-set).
     * @returns false if not, and nothing is changed.
     */
    handOver: async (tx: Tx, conv: string, from: readonly Holder[], to: Holder, wait?: Wait): Promise<boolean> => {
      const agent = to.owner === 'agent' ? to.agent : null
      const waits = wait && { queuedAt: wait.at, queueReason: wait.reason, queuePriority: wait.priority }
      const { numUpdatedRows } = await tx
        .updateTable('conversations')
        .set({ ...nobody, owner: to.owner, agent, ...waits })
        .where('id', '=', conv)
        .where('state', '=', 'open')
        .where((eb) =>
          eb.or(
            from.map((one) =>
              one.owner === 'agent'
                ? eb('owner', '=', 'agent').and('agent', '=', one.agent)
                : eb('owner', '=', one.owner),
            ),
          ),
        )
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    /** Somebody who waits cannot: they come before all others, for this reason. */
    hasten: async (tx: Tx, conv: string, reason: string): Promise<void> => {
      await tx
        .updateTable('conversations')
        .set({ queuePriority: 0, queueReason: reason })
        .where('id', '=', conv)
        .where('owner', '=', 'queue')
        .execute()
    },

    /** Who has it, as the unit sees it. @returns undefined if there is no such conversation. */
    holder: async (tx: Tx, conv: string) => (await holderOf(tx, conv))[0],

    /** Conversations that an agent has, as the unit sees it. */
    load: async (tx: Tx, agent: string): Promise<number> => {
      const held = tx.selectFrom('conversations').where('owner', '=', 'agent').where('agent', '=', agent)
      return (await held.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()).count
    },

    addNote: async (tx: Tx, conv: string, note: Note): Promise<void> => {
      await tx
        .insertInto('notes')
        .values({ conv, ...note })
        .execute()
    },
  }
}

function createDeskReads(reader: Database['reader']) {
  /** Of the newest event of a type, a value of its content. */
  const lastOf = (type: Schema['events']['type'], path: string, where = sql`true`) => sql<string | null>`(
    select substr(json_extract(content, ${path}), 1, ${saidChars}) from events
    where events.conv = conversations.id and type = ${type} and ${where} order by seq desc limit 1)`
  const byCustomer = sql`json_extract(content, '$.by') = 'customer'`
  const items = () =>
    reader
      .selectFrom('conversations')
      .select(['id as conv', 'owner', 'agent', 'queuedAt as since', 'queueReason as reason'])
      .select([
        lastOf('msg.created', '$.text', byCustomer).as('said'),
        lastOf('msg.completed', '$.sentiment.label').as('mood'),
        lastOf('msg.completed', '$.intent.name').as('intent'),
        sql<string | null>`(select at from events where events.conv = conversations.id order by seq desc limit 1)`.as(
          'lastAt',
        ),
      ])
      .$narrowType<{ owner: 'queue' | 'agent' }>()

  return {
    /** The first `limit` that wait for a person, in the order in which they are due. */
    waiting: (limit: number): Promise<DeskItem[]> =>
      items()
        .where('owner', '=', 'queue')
        .orderBy('queuePriority')
        .orderBy('queuedAt')
        .orderBy('id')
        .limit(limit)
        .execute(),

    countWaiting: async (): Promise<number> => {
      const waiting = reader.selectFrom('conversations').where('owner', '=', 'queue')
      const { count } = await waiting.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
      return count
    },

    /** Place in the queue, from 1; undefined for one that does not wait. */
    position: async (conv: string): Promise<number | undefined> => {
      const own = await reader
        .selectFrom('conversations')
        .select(['queuePriority', 'queuedAt'])
        .where('id', '=', conv)
        .where('owner', '=', 'queue')
        .executeTakeFirst()
      if (!own) return undefined
      const before = reader
        .selectFrom('conversations')
        .where('owner', '=', 'queue')
        .where(sql<boolean>`(queuePriority, queuedAt, id) < (${own.queuePriority}, ${own.queuedAt}, ${conv})`)
      const { count } = await before.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
      return count + 1
    },

    /** What an agent has, or without one all that people have; the first `limit`. */
    held: (agent: string | undefined, limit: number): Promise<DeskItem[]> => {
      const all = items().where('owner', '=', 'agent')
      return (agent === undefined ? all : all.where('agent', '=', agent)).orderBy('id').limit(limit).execute()
    },

    /** How many conversations each agent has. */
    loads: (): Promise<{ agent: string | null; count: number }[]> =>
      reader
        .selectFrom('conversations')
        .where('owner', '=', 'agent')
        .groupBy('agent')
        .select(({ fn }) => ['agent', fn.countAll<number>().as('count')])
        .execute(),

    /** Who of the staff has the conversation, as everybody sees them. */
    agentOf: async (conv: string): Promise<{ id: string; name: string } | undefined> => {
      const row = await reader
        .selectFrom('conversations')
        .innerJoin('users', 'users.name', 'conversations.agent')
        .where('conversations.id', '=', conv)
        .select(['users.name', 'users.shownAs'])
        .executeTakeFirst()
      return row && { id: row.name, name: row.shownAs ?? row.name }
    },

    /** Oldest first. */
    notes: (conv: string): Promise<Note[]> =>
      reader
        .selectFrom('notes')
        .select(['nid', 'by', 'at', 'text'])
        .where('conv', '=', conv)
        .orderBy('at')
        .orderBy('nid')
        .execute(),
  }
}
