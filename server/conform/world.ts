import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Ack, Completed, CustomerFrame, DurableEvent, Welcome } from '../protocol/events.ts'
import { type TicketReply, ticketReply } from '../protocol/messages.ts'
import { must, shown } from './check.ts'
import { type Line, type LineOptions, openLine } from './line.ts'
import type { StaffLogins } from './logins.ts'

export interface Known {
  readonly conv: string
  readonly secret: string
}

export interface JoinOptions {
  readonly known?: Known
  readonly resume?: { readonly conv?: string; readonly epoch: string; readonly after: number }
  readonly instance?: string
}

export type Err = Extract<CustomerFrame, { t: 'err' }>

/** A customer in a conversation. */
export interface Guest extends Known {
  readonly line: Line
  readonly welcome: Welcome
  /** Send a command and resolve with its reply, whichever it is. */
  reply(t: string, d: object, more?: { id?: string; conv?: string }): Promise<Ack | Err>
  /** Send a command that has to be accepted. */
  command(t: string, d: object, id?: string): Promise<Ack>
  send(text: string, id?: string): Promise<Ack & { mid: string; seq: number }>
  answerTo(mid: string): Promise<Completed>
  /** Send a message and resolve with the bot's answer. */
  ask(text: string): Promise<Completed>
  /** Durable events that came, in their order. */
  events(): DurableEvent[]
  /** Resolves once the durable event of that number has come. */
  reached(seq: number): Promise<void>
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined if it is none. */
  readonly json: unknown
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** A command id: the form of a ULID. */
export const newId = (): string =>
  `01${Array.from(randomBytes(24), (byte) => crockford[byte % crockford.length]).join('')}`

/** More waiting for a limit on rates than this is a failure. */
const longestWaitMs = 70_000

export type World = ReturnType<typeof createWorld>

/** The server under test as its clients see it. @param origin sent with every request and upgrade, if given. @param patienceMs longest wait for what should come at once. @param staff who may work at the desk. */
export function createWorld(url: string, origin: string | undefined, patienceMs: number, staff?: StaffLogins) {
  const own = origin === undefined ? {} : { origin }

  async function http(
    method: string,
    path: string,
    more: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const headers = { ...own, ...more.headers }
    const response = await fetch(new URL(path, url), {
      method,
      headers,
      ...(more.body !== undefined && { body: more.body }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parse(text) }
  }

  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
    http('POST', path, {
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })

  /** A ticket; waits where the server asks for it. */
  async function ticket(known?: Known, headers: Record<string, string> = {}): Promise<TicketReply> {
    const whose = known && { conv: known.conv, secret: known.secret }
    for (let waited = 0; ; ) {
      const reply = await post('/v1/tickets', { role: 'customer', ...whose }, headers)
      const wait = Number(reply.headers.get('retry-after') ?? 0) * 1_000
      if (reply.status === 429 && wait > 0 && waited + wait <= longestWaitMs) {
        waited += wait
        await setTimeout(wait)
        continue
      }
      must(reply.status === 201, 'status 201 with a ticket', `${reply.status} ${reply.text.slice(0, 200)}`)
      const parsed = ticketReply.safeParse(reply.json)
      must(parsed.success, 'a ticket of the contract', reply.json)
      return parsed.data
    }
  }

  const open = (options: Partial<LineOptions> = {}): Promise<Line> => openLine(url, { ...own, patienceMs, ...options })

  /** Say hello with a ticket; nothing is waited for. */
  function greet(line: Line, code: string, { resume, instance = newId() }: JoinOptions, conv: string): void {
    const point = resume && { resume: { conv, ...resume } }
    line.write({ t: 'hello', ticket: code, client: { name: 'conform', ver: '1.0.0', instance }, ...point })
  }

  async function join(options: JoinOptions = {}): Promise<Guest> {
    const { ticket: code, conv, secret } = await ticket(options.known)
    const line = await open()
    greet(line, code, options, conv)
    const welcome = await line.wait('a welcome', (frame) => (frame.t === 'welcome' ? frame : undefined))
    return createGuest(line, { conv, secret }, welcome)
  }

  return { url, origin, patienceMs, staff, http, post, ticket, open, greet, join }
}

function createGuest(line: Line, { conv, secret }: Known, welcome: Welcome): Guest {
  async function reply(t: string, d: object, { id = newId(), conv: to = conv } = {}): Promise<Ack | Err> {
    const from = line.frames.length
    line.write({ t, id, conv: to, d })
    let at = 0
    return line.wait(`a reply to ${t}`, (frame) =>
      at++ >= from && (frame.t === 'ack' || frame.t === 'err') && frame.re === id ? frame : undefined,
    )
  }
  async function command(t: string, d: object, id = newId()): Promise<Ack> {
    for (let waited = 0; ; ) {
      const answer = await reply(t, d, { id })
      if (answer.t === 'ack') return answer
      const wait = answer.retryAfterMs ?? 0
      must(answer.code === 'rate_limited' && wait > 0 && waited + wait <= longestWaitMs, `an ack of ${t}`, answer)
      waited += wait
      await setTimeout(wait)
    }
  }
  async function send(text: string, id?: string): Promise<Ack & { mid: string; seq: number }> {
    const { mid, seq, ...ack } = await command('msg.send', { text }, id)
    must(mid !== undefined && seq !== undefined, 'an ack with mid and seq', ack)
    return { ...ack, mid, seq }
  }
  async function answerTo(mid: string): Promise<Completed> {
    const answer = await line.wait(`an answer to ${mid}`, (frame) =>
      frame.t === 'msg.created' && frame.d.by === 'bot' && frame.d.re.includes(mid) ? frame.d.mid : undefined,
    )
    return line.wait(`the end of answer ${answer}`, (frame) =>
      frame.t === 'msg.completed' && frame.d.mid === answer ? frame.d : undefined,
    )
  }
  return {
    ...{ conv, secret, line, welcome, reply, command, send, answerTo },
    ask: async (text) => answerTo((await send(text)).mid),
    events: () => line.frames.filter((frame): frame is DurableEvent => 'seq' in frame && 'at' in frame),
    reached: (seq) =>
      line
        .wait(`event ${seq}`, (frame) => ('seq' in frame && 'at' in frame && frame.seq >= seq ? true : undefined))
        .then(() => undefined),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a refusal over HTTP says, whatever its trace. */
export function refusalIn(reply: Reply): { readonly code: string; readonly msg: string; readonly field?: string } {
  const error =
    typeof reply.json === 'object' && reply.json !== null && 'error' in reply.json ? reply.json.error : undefined
  must(
    isRefusal(error),
    'a body {"error":{"code","msg","trace"}}',
    `${reply.status} ${shown(reply.json ?? reply.text)}`,
  )
  must(
    reply.headers.get('x-request-id') === error.trace,
    `header X-Request-Id ${error.trace}`,
    reply.headers.get('x-request-id'),
  )
  const { trace: _, ...said } = error
  return said
}

const isRefusal = (error: unknown): error is { code: string; msg: string; trace: string } =>
  typeof error === 'object' && error !== null && ['code', 'msg', 'trace'].every((name) => name in error)
