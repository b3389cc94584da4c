import type { Citation, Completed, CustomerFrame } from '../../server/protocol/events.ts'
import { type ConnectionOptions, createConnection } from '../transport/connection.ts'
import { createCredentials } from '../transport/credentials.ts'
import { createOutbox, isStale, type LastingCommand } from '../transport/outbox.ts'
import type { Store } from '../transport/store.ts'
import { createUlids } from '../transport/ulid.ts'
import { type Action, initialState, reduce, type State, unread } from './state.ts'

export interface SessionOptions extends Pick<ConnectionOptions, 'server' | 'openSocket' | 'fetch'> {
  /** Shared by the tabs, lasting. */
  readonly kept: Store
  /** Of this tab only. */
  readonly tab: Store
  /** Language that a message is sent with, BCP 47. */
  readonly lang: () => string
  readonly onChange: (state: State, before: State) => void
  /** An answer was finished while the customer is here; answers of the past don't count. */
  readonly onAnswer: (completed: Completed) => void
}

export type Session = ReturnType<typeof createSession>

const client = { name: 'bursar-widget', ver: '1.0.0' }

/** One customer's chat, without a page around it: the state, and what can be done to it. */
export function createSession(options: SessionOptions) {
  const { server, kept, tab } = options
  const newId = createUlids()
  const prefix = `bursar:${server}`
  const credentials = createCredentials(kept, tab, prefix, newId)
  const outbox = createOutbox(kept, prefix)
  let conv = credentials.load()?.conv
  let state = initialState
  let resuming = false
  let readUpto = 0
  const viewed = new Set<string>()
  const connection = createConnection({
    ...options,
    client,
    credentials,
    outbox,
    position: () => ({ epoch: state.epoch, after: state.last }),
    onConversation: begin,
    onStatus: (status) => {
      resuming = false
      update({ t: 'local.status', status })
    },
    onFrame: receive,
  })

  function update(action: Action): void {
    const before = state
    state = reduce(state, action)
    if (state !== before) options.onChange(state, before)
  }

  /** The connection serves this conversation from now on. */
  function begin(next: string): void {
    if (conv !== undefined && conv !== next) {
      viewed.clear()
      readUpto = 0
      update({ t: 'local.conversation' })
    }
    conv = next
    showWaiting()
  }

  /** Messages that an earlier page, or another tab, left in the outbox. */
  function showWaiting(): void {
    const shown = new Set(state.pending.map(({ id }) => id))
    for (const command of outbox.all()) {
      if (command.t !== 'msg.send' || shown.has(command.id)) continue
      update({ t: 'local.sent', id: command.id, text: command.d.text })
      if (isStale(command, Date.now())) update({ t: 'local.failed', id: command.id })
    }
  }

  function receive(frame: CustomerFrame): void {
    const present = state.epoch !== ''
    const { last } = state
    update(frame)
    if (frame.t === 'live' || frame.t === 'snapshot') resuming = false
    if (state.gap && !resuming) {
      resuming = true
      // After a replay that was not whole, an epoch that cannot match asks for a snapshot.
      const epoch = frame.t === 'live' ? '' : state.epoch
      connection.tell({ t: 'resume', id: newId(), d: { epoch, after: state.last } })
    }
    if (frame.t === 'msg.completed' && present && state.last > last) options.onAnswer(frame.d)
  }

  const command = (given: LastingCommand): boolean => {
    const accepted = connection.send(given)
    if (accepted) connection.start()
    return accepted
  }

  function send(text: string): boolean {
    const id = newId()
    const accepted = command({ t: 'msg.send', id, d: { text, lang: options.lang() } })
    if (accepted) update({ t: 'local.sent', id, text })
    return accepted
  }
  function discard(id: string): void {
    outbox.settle(id)
    update({ t: 'local.dropped', id })
  }

  if (conv !== undefined) outbox.bind(conv)

  return {
    state: (): State => state,
    /** Go on with what this browser has; without a conversation or a waiting message nothing is sent to the server. */
    resume(): void {
      showWaiting()
      if (conv !== undefined || outbox.all().length > 0) connection.start()
    },
    /** The customer wants to chat: begin a conversation if there is none. */
    start: (): void => connection.start(),
    close: (): void => connection.close(),
    wake: (): void => connection.wake(),
    sleep: (): void => connection.sleep(),
    reconnect: (): void => connection.restart(),
    /** @returns false when too many messages wait already; the text is not taken. */
    send,
    /** Send a refused message again, as a new one. */
    retry(id: string): void {
      const text = state.pending.find((one) => one.id === id)?.text
      if (text === undefined) return
      discard(id)
      send(text)
    },
    discard,
    human: (): boolean => command({ t: 'human.request', id: newId(), d: {} }),
    end: (): boolean => command({ t: 'conv.close', id: newId(), d: {} }),
    /** Begin a new conversation, unless another tab has done so: then join that. */
    startNew(): void {
      if (conv !== undefined) credentials.forget(conv)
      outbox.unbind()
      conv = undefined
      viewed.clear()
      readUpto = 0
      update({ t: 'local.conversation' })
      connection.restart()
    },
    rate(mid: string, value: -1 | 1): void {
      if (command({ t: 'feedback', id: newId(), d: { mid, value } })) update({ t: 'local.rated', mid, value })
    },
    /** The customer asks about a product or waves it away. */
    product(product: string, kind: 'click' | 'dismiss'): void {
      command({ t: 'rec.event', id: newId(), d: { product, kind } })
      if (kind === 'dismiss') update({ t: 'local.dismissed', product })
    },
    /** The customer sees the conversation as it is now. */
    seen(): void {
      const fresh = unread(state)
      const upto = Math.max(0, ...fresh.map(({ seq }) => seq))
      if (upto <= readUpto || state.status.is !== 'online') return
      readUpto = upto
      connection.tell({ t: 'read', id: newId(), d: { upto } })
      for (const { product } of fresh.flatMap(({ completed }) => completed?.recs ?? [])) {
        // Counted once, however often the page is opened again: the next page finds these messages read.
        if (viewed.has(product)) continue
        viewed.add(product)
        command({ t: 'rec.event', id: newId(), d: { product, kind: 'view' } })
      }
    },
    /** Another tab wrote to the shared storage: follow it to a new conversation. */
    followStorage(key: string | null): void {
      const next = credentials.load()?.conv
      if (key === credentials.conversationKey && next !== undefined && conv !== undefined && next !== conv)
        connection.restart()
    },
    /** Address of the document's text as the citation's version has it. */
    textUrl: ({ doc, ver }: Citation): string =>
      `${server}/v1/documents/${encodeURIComponent(doc)}/versions/${ver}/text`,
  }
}
