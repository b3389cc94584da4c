import { BlockList } from 'node:net'
import { Registry } from 'prom-client'
import { expect } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { NotFoundError } from '../../../server/errors.ts'
import { type Gateway, listen } from '../../../server/gateway/listen.ts'
import type { GatewayOptions } from '../../../server/gateway/options.ts'
import type { Ports } from '../../../server/gateway/ports.ts'
import { createLogger } from '../../../server/logger.ts'
import { type CustomerFrame, customerFrame } from '../../../server/protocol/events.ts'
import { subprotocol } from '../../../server/protocol/limits.ts'
import type { TicketReply } from '../../../server/protocol/messages.ts'
import { createMemoryChat, type MemoryChat } from './memory-chat.ts'

export interface TestGateway extends Gateway {
  readonly chat: MemoryChat
  readonly metrics: Registry
}

export type TestOptions = Partial<GatewayOptions & Ports>

const none = async () => undefined
const refused = () => Promise.reject(new Error('nothing is stored here'))
/** Ports of a server without documents, staff and models. */
export const emptyStore: Pick<
  Ports,
  'documents' | 'access' | 'inference' | 'audit' | 'cases' | 'credit' | 'desk' | 'history'
> = {
  documents: {
    text: none,
    list: async () => ({ documents: [] }),
    find: none,
    job: none,
    fault: () => undefined,
    put: refused,
    remove: refused,
    confirmRemoval: refused,
    publishCatalogue: refused,
    publish: refused,
  },
  access: { signIn: none, signOut: none, ofSession: none, ofKey: none, onChange: () => () => undefined },
  inference: { models: async () => [], model: none, infer: refused },
  audit: async () => [],
  cases: {
    list: async () => [],
    show: () => Promise.reject(new NotFoundError('no such case')),
    close: async () => undefined,
  },
  credit: { list: async () => [], show: refused, propose: refused, confirm: refused },
  history: { list: async () => ({ conversations: [] }), report: refused },
  desk: {
    staff: { find: none },
    arrived: () => () => undefined,
    watch: () => () => undefined,
    turn: none,
    list: refused,
    inside: refused,
    follow: () => () => undefined,
    claim: refused,
    release: refused,
    transfer: refused,
    close: refused,
    send: refused,
    read: refused,
    note: refused,
    closeCase: refused,
    typing: none,
    draft: () => undefined,
    suggest: refused,
    search: refused,
    canned: refused,
  },
}

/** A real gateway on a free port of this machine, in front of the chat in memory. No rate limits unless asked for. */
export async function startGateway(options: TestOptions = {}): Promise<TestGateway> {
  const chat = createMemoryChat()
  const metrics = new Registry()
  const gateway = await listen({
    port: 0,
    host: '127.0.0.1',
    origins: [],
    trustedProxies: new BlockList(),
    ratePerMinute: 0,
    addressRatePerMinute: 0,
    metrics,
    log: createLogger('silent'),
    awaited: () => 'nothing',
    ...options,
  })
  gateway.open({
    chat,
    conversations: chat.conversations,
    ...emptyStore,
    readiness: () => ({ ready: true, waiting: [] }),
    ...options,
  })
  return { ...gateway, chat, metrics }
}

export async function requestTicket(
  url: string,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/v1/tickets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ role: 'customer', ...body }),
  })
}

/** The error that a response holds; its trace is the request's id. */
export async function errorOf(response: Response) {
  const { error } = (await response.json()) as { error: { code: string; msg: string; field?: string; trace: string } } // cast: what is tested
  expect(error.trace).toBe(response.headers.get('x-request-id'))
  return error
}

/** A ticket for a new conversation, or for the one named. */
export async function ticketFor(url: string, known?: { conv: string; secret: string }): Promise<TicketReply> {
  const response = await requestTicket(url, known && { conv: known.conv, secret: known.secret })
  if (response.status !== 201) throw new Error(`no ticket: ${response.status} ${await response.text()}`)
  return (await response.json()) as TicketReply // cast: the shape is checked by the tests of http.ts
}

type FrameOf<T extends CustomerFrame['t']> = Extract<CustomerFrame, { t: T }>

/** A client's end of a socket that remembers every frame in order, each checked against the contract's schemas. */
export interface TestClient {
  readonly socket: WebSocket
  readonly frames: readonly CustomerFrame[]
  send(frame: object | string): void
  /** The next frame that was not taken yet. */
  next(): Promise<CustomerFrame>
  /** Take frames up to the first of a type, which is returned. */
  until<T extends CustomerFrame['t']>(type: T): Promise<FrameOf<T>>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

export function openClient(url: string, options: ClientOptions = {}, protocols: string[] = [subprotocol]): TestClient {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, protocols, {
    perMessageDeflate: false,
    ...options,
  })
  const frames: CustomerFrame[] = []
  const waiting: (() => void)[] = []
  let taken = 0
  let gone: { code: number; reason: string } | undefined
  const wake = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  const early: (object | string)[] = []
  const write = (frame: object | string) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  socket.on('open', () => early.splice(0).forEach(write))
  socket.on('error', () => undefined) // 'close' follows
  socket.on('message', (data) => {
    frames.push(customerFrame.parse(JSON.parse(data.toString())))
    wake()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      gone = { code, reason: reason.toString() }
      resolve(gone)
      wake()
    })
  })
  const client: TestClient = {
    socket,
    frames,
    closed,
    send: (frame) => void (socket.readyState === WebSocket.CONNECTING ? early.push(frame) : write(frame)),
    async next() {
      while (taken >= frames.length) {
        if (gone) throw new Error(`closed with ${gone.code} (${gone.reason}) after ${JSON.stringify(frames.at(-1))}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      return frames[taken++]!
    },
    async until(type) {
      for (;;) {
        const frame = await client.next()
        if (frame.t === type) return frame as FrameOf<typeof type> // cast: the type was just compared
      }
    },
  }
  return client
}

export const helloFrame = (
  ticket: string,
  resume?: { conv: string; epoch: string; after: number },
  instance = 'i1',
) => ({
  t: 'hello',
  ticket,
  client: { name: 'test', ver: '1.0.0', instance },
  ...(resume && { resume }),
})

export interface Joined extends TestClient {
  readonly conv: string
  readonly secret: string
}

/** Connect and say hello. */
export async function join(
  url: string,
  known?: { conv: string; secret: string; instance?: string; resume?: { epoch: string; after: number } },
): Promise<Joined> {
  const { ticket, conv, secret } = await ticketFor(url, known)
  const client = openClient(url)
  client.send(helloFrame(ticket, known?.resume && { conv, ...known.resume }, known?.instance))
  return { ...client, conv, secret }
}

let ids = 0
/** Ids of 26 characters in Crockford's alphabet, as ULIDs are. */
export const nextId = (): string => `01JD${String(++ids).padStart(22, '0')}`
export const command = (t: string, conv: string, d: object, id = nextId()) => ({ t, id, conv, d })
