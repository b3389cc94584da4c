import type { Selectable } from 'kysely'
import { ClaimedError, ClosedError, CorruptError, NotFoundError } from '../errors.ts'
import type { Completed } from '../protocol/events.ts'
import type { Database } from './database.ts'
import { prepared } from './prepared.ts'
import type { Schema } from './schema.ts'
import type { DurableEvent, NewEvent, StoredMessage, Tx } from './types.ts'

type EventRow = Selectable<Schema['events']>

export interface MessagePage {
  /** Oldest first. */
  readonly messages: StoredMessage[]
  /** Whether there are older ones. */
  readonly more: boolean
}

const movedHead = (tx: Tx, conv: string, by: number) =>
  tx
    .updateTable('conversations')
    .set((eb) => ({ head: eb('head', '+', by) }))
    .where('id', '=', conv)
    .returning('head')
const moveHead = prepared(movedHead)
const moveOpenHead = prepared((tx, conv: string, by: number) => movedHead(tx, conv, by).where('state', '=', 'open'))
const moveOwnHead = prepared((tx, conv: string, by: number) =>
  movedHead(tx, conv, by).where('state', '=', 'open').where('owner', '<>', 'agent'),
)
const moves = { open: moveOpenHead, unclaimed: moveOwnHead } as const
const insertEvent = prepared(
  (tx, conv: string, seq: number, type: EventRow['type'], mid: string | null, at: string, content: string) =>
    tx.insertInto('events').values({ conv, seq, type, mid, at, content }),
)
const insertCited = prepared((tx, doc: string, ver: number, conv: string, seq: number) =>
  tx
    .insertInto('cited')
    .values({ doc, ver, conv, seq })
    .onConflict((conflict) => conflict.doNothing()),
)

/** The log of every conversation: dense sequence numbers from 1, never changed once written. */
export function createEventLog({ reader }: Database) {
  return {
    /**
     * Append events at `at` (ISO time, UTC). They get the next sequence numbers, in their order. What an answer cites is
     * noted with it, so that it can be found by the document.
     * @returns the events as they go out on the wire, once the unit has committed.
     * @param onlyIf `open`: refuse a conversation that has ended; `unclaimed`: also one that a person has.
     * @throws {NotFoundError} if there is no such conversation, {@link ClosedError} if it has ended, {@link ClaimedError} if a
     * person has it.
     */
    append: async (
      tx: Tx,
      conv: string,
      events: readonly NewEvent[],
      at: string,
      onlyIf?: keyof typeof moves,
    ): Promise<DurableEvent[]> => {
      if (events.length === 0) return []
      const [moved] = await (onlyIf ? moves[onlyIf] : moveHead)(tx, conv, events.length)
      if (!moved) throw await whyNot(tx, conv)
      const first = moved.head - events.length + 1
      for (const [i, { t, d }] of events.entries()) {
        await insertEvent(tx, conv, first + i, t, 'mid' in d ? d.mid : null, at, JSON.stringify(d))
        if ('cites' in d) for (const { doc, ver } of d.cites) await insertCited(tx, doc, ver, conv, first + i)
      }
      // NewEvent pairs each type with its own content, as DurableEvent does.
      return events.map(({ t, d }, i) => ({ t, conv, seq: first + i, at, d }) as DurableEvent)
    },

    /** Up to `limit` events after sequence number `after`, in order. @throws {CorruptError} if the log has a gap there. */
    events: async (conv: string, after: number, limit: number): Promise<DurableEvent[]> => {
      const rows = await reader
        .selectFrom('events')
        .selectAll()
        .where('conv', '=', conv)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(limit)
        .execute()
      for (const [i, { seq }] of rows.entries()) {
        if (seq !== after + 1 + i)
          throw new CorruptError(`a conversation's log lacks event ${after + 1 + i}: restore a backup`)
      }
      return rows.map(toEvent)
    },

    /** The last `limit` events, in order. */
    lastEvents: async (conv: string, limit: number): Promise<DurableEvent[]> => {
      const rows = await reader
        .selectFrom('events')
        .selectAll()
        .where('conv', '=', conv)
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute()
      return rows.reverse().map(toEvent)
    },

    /** Whether the conversation holds an answer of that id. */
    hasAnswer: async (tx: Tx, conv: string, mid: string): Promise<boolean> => {
      const found = tx.selectFrom('events').select('seq').where('conv', '=', conv).where('type', '=', 'msg.completed')
      return (await found.where('mid', '=', mid).executeTakeFirst()) !== undefined
    },

    /** The last `limit` messages, or the last ones before the event number `before`. */
    messages: async (conv: string, { before, limit }: { before?: number; limit: number }): Promise<MessagePage> => {
      let query = reader.selectFrom('events').selectAll().where('conv', '=', conv).where('type', '=', 'msg.created')
      if (before !== undefined) query = query.where('seq', '<', before)
      const found = await query
        .orderBy('seq', 'desc')
        .limit(limit + 1)
        .execute()
      const created = found.slice(0, limit).reverse()
      const later = created[0] ? await laterEvents(conv, created) : []
      return { messages: joinMessages(created, later), more: found.length > limit }
    },
  }

  async function whyNot(tx: Tx, conv: string): Promise<Error> {
    const found = await tx.selectFrom('conversations').select('state').where('id', '=', conv).executeTakeFirst()
    if (!found) return new NotFoundError('no such conversation')
    return found.state === 'open'
      ? new ClaimedError('a person has this conversation')
      : new ClosedError('this conversation has ended')
  }

  /** What happened to these messages after they were created. */
  function laterEvents(conv: string, created: readonly EventRow[]): Promise<EventRow[]> {
    return reader
      .selectFrom('events')
      .selectAll()
      .where('conv', '=', conv)
      .where('seq', '>', created[0]!.seq)
      .where('type', 'in', ['msg.completed', 'feedback.saved'])
      .where(
        'mid',
        'in',
        created.map(({ mid }) => mid),
      )
      .orderBy('seq')
      .execute()
  }
}

function toEvent({ type, conv, seq, at, content }: EventRow): DurableEvent {
  // `append` wrote the content from a typed event; SQLite's row is that event's parts.
  return { t: type, conv, seq, at, d: JSON.parse(content) } as DurableEvent
}

function joinMessages(created: readonly EventRow[], later: readonly EventRow[]): StoredMessage[] {
  const completed = new Map<string, Completed>()
  const feedback = new Map<string, -1 | 1>()
  for (const event of later.map(toEvent)) {
    if (event.t === 'msg.completed') completed.set(event.d.mid, event.d)
    if (event.t === 'feedback.saved') feedback.set(event.d.mid, event.d.value)
  }
  return created.map(toEvent).flatMap((event) => {
    if (event.t !== 'msg.created') return []
    const { mid, by, re, text } = event.d
    const [done, value] = [completed.get(mid), feedback.get(mid)]
    return {
      seq: event.seq,
      mid,
      at: event.at,
      by,
      re,
      text: done?.text ?? text ?? '',
      ...(done && { completed: done }),
      ...(value && { feedback: value }),
    }
  })
}
