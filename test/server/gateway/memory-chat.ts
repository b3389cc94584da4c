import { ClosedError, ConflictError, NotFoundError } from '../../../server/errors.ts'
import type { Chat, ConversationEvent, Conversations, SnapshotState, Streaming } from '../../../server/gateway/ports.ts'
import type { Ack, DurableEvent, StoredMessage } from '../../../server/protocol/events.ts'
import { mintId, mintSecret } from '../../../server/protocol/ids.ts'

type Content = Pick<DurableEvent, 't' | 'd'>

interface Room {
  readonly secret: string
  epoch: string
  head: number
  closed: boolean
  streaming: Streaming | undefined
  readonly log: DurableEvent[]
  readonly receipts: Map<string, { readonly body: string; readonly ack: Ack }>
  readonly listeners: Set<(event: ConversationEvent) => void>
}

/** A second implementation of the ports, in memory and without an assistant: what a test publishes is what happens. */
export interface MemoryChat extends Chat {
  readonly conversations: Conversations
  /** Append durable events, and tell everybody. */
  append(conv: string, ...events: Content[]): DurableEvent[]
  /** Tell everybody, once. */
  publish(conv: string, event: ConversationEvent): void
  setStreaming(conv: string, streaming: Streaming | undefined): void
  /** The log was rewritten: what clients know of it is worth nothing. */
  newEpoch(conv: string): void
  /** Forget an event, as a damaged log would. */
  lose(conv: string, seq: number): void
  listeners(conv: string): number
  head(conv: string): number
  /** Every durable event, told to listeners or not yet. */
  log(conv: string): readonly DurableEvent[]
  /** Lose every conversation. */
  forget(): void
  /** Awaited before every answer that the real chat would have to wait for. */
  gate: () => Promise<void>
  /** Thrown instead of an answer, if set. */
  failure: Error | undefined
  /** Whether a message's event is published before its ack is given back. */
  eager: boolean
  settling: Promise<void>
  readonly typed: { conv: string; on: boolean; from: string }[]
}

export const say = (text: string, mid = mintId('m')): Content => ({
  t: 'msg.created',
  d: { mid, by: 'bot', re: [], status: 'done', text },
})

export function createMemoryChat(): MemoryChat {
  const rooms = new Map<string, Room>()
  const roomOf = (conv: string): Room => {
    const room = rooms.get(conv)
    if (!room) throw new NotFoundError(conv)
    return room
  }
  const messagesOf = (room: Room): StoredMessage[] =>
    room.log.flatMap(({ t, seq, at, d }) => {
      if (t !== 'msg.created') return []
      const done = room.log.find((later) => later.t === 'msg.completed' && later.d.mid === d.mid)
      const completed = done?.t === 'msg.completed' ? { completed: done.d } : {}
      return [{ seq, mid: d.mid, at, by: d.by, re: d.re, text: d.text ?? '', ...completed }]
    })

  function store(conv: string, events: readonly Content[]): DurableEvent[] {
    const room = roomOf(conv)
    return events.map((event) => {
      // Cast: type and content come as one pair, which a spread does not keep.
      const whole = { ...event, conv, seq: ++room.head, at: new Date().toISOString() } as DurableEvent
      room.log.push(whole)
      return whole
    })
  }

  async function once(conv: string, id: string, body: unknown, events: readonly Content[]): Promise<Ack> {
    await chat.gate()
    if (chat.failure) throw chat.failure
    const room = roomOf(conv)
    const text = JSON.stringify(body)
    const known = room.receipts.get(id)
    if (known && known.body !== text) throw new ConflictError(id)
    if (known) return { ...known.ack, dup: true }
    if (room.closed) throw new ClosedError(conv)
    const stored = store(conv, events)
    const [first] = stored
    const mid = first?.t === 'msg.created' ? { mid: first.d.mid } : {}
    const ack: Ack = { t: 'ack', re: id, ...mid, ...(first && { seq: first.seq }) }
    room.receipts.set(id, { body: text, ack })
    const tell = () => {
      for (const event of stored) chat.publish(conv, event)
    }
    if (chat.eager) tell()
    else queueMicrotask(() => queueMicrotask(tell))
    return ack
  }

  const chat: MemoryChat = {
    gate: () => Promise.resolve(),
    failure: undefined,
    eager: false,
    settling: Promise.resolve(),
    typed: [],
    conversations: {
      async create() {
        const [conv, secret] = [mintId('c'), mintSecret()]
        rooms.set(conv, {
          secret,
          epoch: 'e1',
          head: 0,
          closed: false,
          streaming: undefined,
          log: [],
          receipts: new Map(),
          listeners: new Set(),
        })
        return { conv, secret }
      },
      admits: async (conv, secret) => rooms.get(conv)?.secret === secret,
    },
    send: (conv, { id, text, lang }) =>
      once(conv, id, { text, lang }, [
        { t: 'msg.created', d: { mid: mintId('m'), by: 'customer', re: [], status: 'done', text } },
      ]),
    human: (conv, id) => once(conv, id, 'human', [{ t: 'owner.changed', d: { owner: 'queue', reason: 'asked' } }]),
    feedback: (conv, id, { mid, value, comment }) =>
      once(conv, id, { mid, value, comment }, [{ t: 'feedback.saved', d: { mid, value } }]),
    recEvent: (conv, id, event) => once(conv, id, event, []),
    read: (conv, id, upto) => once(conv, id, upto, [{ t: 'read', d: { by: 'customer', upto } }]),
    async close(conv, id) {
      const ack = await once(conv, id, 'close', [{ t: 'conv.state', d: { state: 'closed' } }])
      roomOf(conv).closed = true
      return ack
    },
    typing: (conv, on, from) => {
      chat.typed.push({ conv, on, from })
      chat.publish(conv, { t: 'typing', conv, d: { by: from, on } })
    },
    async open(conv) {
      await chat.gate()
      if (chat.failure) throw chat.failure
      const { epoch, head } = roomOf(conv)
      return { epoch, head }
    },
    async replay(conv, after, limit) {
      await chat.gate()
      return roomOf(conv)
        .log.filter(({ seq }) => seq > after)
        .slice(0, limit)
    },
    async snapshot(conv): Promise<SnapshotState> {
      await chat.gate()
      const room = roomOf(conv)
      const messages = messagesOf(room)
      return {
        head: room.head,
        messages: messages.slice(-200),
        more: messages.length > 200,
        owner: 'bot',
        state: room.closed ? 'closed' : 'open',
        cases: [],
        read: { customer: 0, agent: 0 },
      }
    },
    async messages(conv, { before = Number.POSITIVE_INFINITY, limit }) {
      const older = messagesOf(roomOf(conv)).filter(({ seq }) => seq < before)
      return { messages: older.slice(-limit), more: older.length > limit }
    },
    streaming: (conv) => roomOf(conv).streaming,
    subscribe(conv, listener) {
      const { listeners } = roomOf(conv)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    settled: () => chat.settling,
    append(conv, ...events) {
      const stored = store(conv, events)
      for (const event of stored) chat.publish(conv, event)
      return stored
    },
    publish(conv, event) {
      for (const listener of roomOf(conv).listeners) listener(event)
    },
    setStreaming(conv, streaming) {
      roomOf(conv).streaming = streaming
    },
    newEpoch(conv) {
      roomOf(conv).epoch = 'e2'
    },
    lose(conv, seq) {
      const { log } = roomOf(conv)
      log.splice(
        log.findIndex((event) => event.seq === seq),
        1,
      )
    },
    head: (conv) => roomOf(conv).head,
    log: (conv) => roomOf(conv).log,
    forget: () => rooms.clear(),
    listeners: (conv) => rooms.get(conv)?.listeners.size ?? 0,
  }
  return chat
}
