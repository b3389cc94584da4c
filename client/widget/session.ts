import type { Citation, Completed, CustomerFrame, StoredMessage } from '../../server/protocol/events.ts'
import { type ConnectionOptions, createConnection } from '../transport/connection.ts'
import { createCredentials } from '../transport/credentials.ts'
import { createOutbox, isStale, type LastingCommand } from '../transport/outbox.ts'
import { type Action, initialState, reduce, type State, unread } from '../transport/state.ts'
import type { Store } from '../transport/store.ts'
import { createUlids } from '../transport/ulid.ts'

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
  let resuming: string | undefined // the id of the command that was sent for what is missing
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
      resuming = undefined
      if (status === 'erased') leave()
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
    if (conv !== undefined && conv !== next) clear()
    conv = next
    showWaiting()
  }
  /** Give up the conversation for one that has yet to begin. */
  function leave(): void {
    credentials.forget(conv)
    outbox.unbind()
    conv = undefined
    clear()
  }
  function clear(): void {
    viewed.clear()
    readUpto = 0
    update({ t: 'local.conversation' })
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
    const { epoch, last } = state
    update(frame)
    const refused = frame.t === 'err' && frame.re === resuming
    if (frame.t === 'live' || frame.t === 'snapshot' || refused) resuming = undefined
    // A refusal (rate limit) is not answered at once: the next event finds the gap again.
    if (state.gap && !resuming && !refused) resume(frame.t === 'live')
    if (frame.t === 'msg.completed' && epoch !== '' && state.last > last) options.onAnswer(frame.d)
  }
  /** Ask for what is missing. @param whole the replay had a hole: an epoch that cannot match asks for a snapshot. */
  function resume(whole: boolean): void {
    resuming = newId()
    connection.tell({ t: 'resume', id: resuming, d: { epoch: whole ? '' : state.epoch, after: state.last } })
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
    /** To begin a conversation (`start`), to react to the page and the network, to end. */
    connection,
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
      leave()
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
      if (upto <= readUpto || state.status !== 'online') return
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
    /** Load what lies before the first message. Does nothing when it cannot be had: the button stays. */
    async earlier(): Promise<void> {
      const [of, before] = [credentials.load(), state.messages[0]?.seq]
      if (!of || before === undefined) return
      try {
        const page = await options.fetch(`${server}/v1/conversations/${of.conv}/messages?before=${before}`, {
          headers: { authorization: `Bearer ${of.secret}` },
          credentials: 'omit',
        })
        if (!page.ok || of.conv !== conv) return
        // The server's own schema made it.
        const { messages, more } = (await page.json()) as { messages: StoredMessage[]; more: boolean }
        update({ t: 'local.earlier', messages, more })
      } catch {}
    },
    /** Address of the document's text as the citation's version has it. */
    textUrl: ({ doc, ver }: Citation): string =>
      `${server}/v1/documents/${encodeURIComponent(doc)}/versions/${ver}/text`,
  }
}
