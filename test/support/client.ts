import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import {
  type Ack,
  type Completed,
  type CustomerFrame,
  customerFrame,
  type DurableEvent,
  type StoredMessage,
  type Welcome,
} from '../../server/protocol/events.ts'
import { subprotocol } from '../../server/protocol/limits.ts'
import { type TicketReply, ticketReply } from '../../server/protocol/messages.ts'

/** The connection ended before what was waited for came. */
export class ConnectionLost extends Error {}

/** The server refused a command. */
export class Refused extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

export interface KnownConversation {
  readonly conv: string
  readonly secret: string
}

export interface JoinOptions {
  readonly known?: KnownConversation
  /** Point to resume from; without one a conversation that has events is caught up by a snapshot. */
  readonly resume?: { readonly epoch: string; readonly after: number }
  readonly instance?: string
}

/** A customer's end of a conversation over a real socket. Every frame is checked against the contract. */
export interface ChatClient extends KnownConversation {
  readonly welcome: Welcome
  readonly frames: readonly CustomerFrame[]
  /** Durable events seen, by seq. */
  readonly events: readonly DurableEvent[]
  /** Resolves with its ack. @throws {Refused} or {ConnectionLost} */
  command(t: string, d: object, id?: string): Promise<Ack>
  send(text: string, id?: string): Promise<Ack>
  /** Send a frame as it is. */
  write(frame: object): void
  /** The first frame, seen already or yet to come, for which `pick` gives something. @throws {ConnectionLost} */
  wait<T>(pick: (frame: CustomerFrame) => T | undefined): Promise<T>
  /** The bot's answer to a message. */
  answerTo(mid: string): Promise<Completed>
  /** Send a message and wait for what the bot answers. */
  ask(text: string): Promise<Completed>
  readonly closed: Promise<number>
  close(): void
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A command id: 26 characters as a ULID has them. */
export const newCommandId = (): string =>
  `01${Array.from(randomBytes(24), (byte) => crockford[byte % crockford.length]).join('')}`

/** Ask for a ticket, for a new conversation or a known one. */
export async function ticketFor(url: string, known?: KnownConversation): Promise<TicketReply> {
  const response = await fetch(`${url}/v1/tickets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ role: 'customer', ...(known && { conv: known.conv, secret: known.secret }) }),
  })
  if (response.status !== 201) throw new Error(`no ticket: ${response.status} ${await response.text()}`)
  return ticketReply.parse(await response.json())
}

/** Get a ticket, connect, say hello and wait for the welcome. */
export async function join(url: string, { known, resume, instance = 'test' }: JoinOptions = {}): Promise<ChatClient> {
  const { ticket, conv, secret } = await ticketFor(url, known)
  const line = openLine(`${url.replace('http', 'ws')}/v1/socket`, customerFrame)
  const client = { name: 'test', ver: '1.0.0', instance }
  line.write({ t: 'hello', ticket, client, ...(resume && { resume: { conv, ...resume } }) })
  const welcome = await line.wait((frame) => (frame.t === 'welcome' ? frame : undefined))
  const command = async (t: string, d: object, id = newCommandId()): Promise<Ack> => {
    line.write({ t, id, conv, d })
    const reply = await line.wait((frame) =>
      (frame.t === 'ack' || frame.t === 'err') && frame.re === id ? frame : undefined,
    )
    if (reply.t === 'err') throw new Refused(reply.code, reply.msg)
    return reply
  }
  const answerTo = async (mid: string): Promise<Completed> => {
    const answer = await line.wait((frame) =>
      frame.t === 'msg.created' && frame.d.by === 'bot' && frame.d.re.includes(mid) ? frame.d.mid : undefined,
    )
    return line.wait((frame) => (frame.t === 'msg.completed' && frame.d.mid === answer ? frame.d : undefined))
  }
  const send = (text: string, id?: string): Promise<Ack> => command('msg.send', { text }, id)
  return {
    ...{ conv, secret, welcome, command, send, answerTo, write: line.write },
    ...{ wait: line.wait, closed: line.closed, close: line.close },
    frames: line.frames,
    get events() {
      return line.frames.filter((frame): frame is DurableEvent => 'seq' in frame && 'd' in frame)
    },
    async ask(text) {
      const { mid = '' } = await send(text)
      return answerTo(mid)
    },
  }
}

/** Every message of a conversation over HTTP, oldest first, page by page. */
export async function transcript(url: string, { conv, secret }: KnownConversation): Promise<StoredMessage[]> {
  const pages: StoredMessage[][] = []
  for (let before = ''; ; ) {
    const response = await fetch(`${url}/v1/conversations/${conv}/messages${before}`, {
      headers: { authorization: `Bearer ${secret}` },
    })
    if (!response.ok) throw new Error(`no messages: ${response.status} ${await response.text()}`)
    const page = (await response.json()) as { messages: StoredMessage[]; more: boolean } // the contract's shape
    pages.unshift(page.messages)
    if (!page.more) return pages.flat()
    before = `?before=${page.messages[0]!.seq}`
  }
}

/** The socket with its frames, and who waits for which. */
export function openLine<F extends { readonly t: string }>(address: string, schema: { parse(value: unknown): F }) {
  const socket = new WebSocket(address, [subprotocol], { perMessageDeflate: false })
  const frames: F[] = []
  const waiting = new Set<(frame: F | undefined) => void>()
  const early: string[] = []
  let gone = false
  socket.on('open', () => {
    for (const frame of early.splice(0)) socket.send(frame)
  })
  socket.on('error', () => undefined) // 'close' follows
  socket.on('message', (data) => {
    const frame = schema.parse(JSON.parse(data.toString()))
    if (frame.t === 'ping') socket.send(JSON.stringify({ t: 'pong', ts: 0 }))
    frames.push(frame)
    for (const look of [...waiting]) look(frame)
  })
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => {
      gone = true
      resolve(code)
      for (const look of [...waiting]) look(undefined)
    })
  })
  return {
    frames,
    closed,
    close: (): void => socket.close(),
    write(frame: object): void {
      const text = JSON.stringify(frame)
      if (socket.readyState === WebSocket.CONNECTING) early.push(text)
      else socket.send(text, () => undefined) // a failure is followed by 'close'
    },
    wait<T>(pick: (frame: F) => T | undefined): Promise<T> {
      for (const frame of frames) {
        const found = pick(frame)
        if (found !== undefined) return Promise.resolve(found)
      }
      if (gone) return Promise.reject(new ConnectionLost('the connection has ended'))
      return new Promise<T>((resolve, reject) => {
        const look = (frame: F | undefined): void => {
          const found = frame === undefined ? undefined : pick(frame)
          if (frame !== undefined && found === undefined) return
          waiting.delete(look)
          if (found === undefined) reject(new ConnectionLost('the connection has ended'))
          else resolve(found)
        }
        waiting.add(look)
      })
    },
  }
}
