import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import type { CustomerFrame, DurableContent, DurableEvent, DurableType } from '../../../server/protocol/events.ts'
import {
  type CustomerCommand,
  customerCommand,
  customerTicketRequest,
  type Hello,
  hello,
} from '../../../server/protocol/messages.ts'

/** Values in the order they came; `next` waits for one that fits, so that no test has to guess a time. */
export function createQueue<T>() {
  const values: T[] = []
  const waiting: { fits: (value: T) => boolean; resolve: (value: T) => void }[] = []
  return {
    push(value: T): void {
      const at = waiting.findIndex(({ fits }) => fits(value))
      if (at < 0) values.push(value)
      else waiting.splice(at, 1)[0]?.resolve(value)
    },
    next(fits: (value: T) => boolean = () => true): Promise<T> {
      const at = values.findIndex(fits)
      if (at >= 0) return Promise.resolve(values.splice(at, 1)[0] as T) // the index was just found
      return new Promise((resolve) => waiting.push({ fits, resolve }))
    },
    /** What came and nobody has taken. */
    rest: (): readonly T[] => values,
  }
}

export type Frame = Hello | CustomerCommand
export type FrameOf<T extends Frame['t']> = Extract<Frame, { t: T }>

export interface Peer {
  readonly hello: Hello
  readonly socket: WebSocket
  send(frame: CustomerFrame | { t: string }): void
  /** The next frame of a type. */
  frame<T extends Frame['t']>(t: T): Promise<FrameOf<T>>
  readonly frames: ReturnType<typeof createQueue<Frame>>
}

/** What the real server sends with every page. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'"
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

interface Conversation {
  readonly log: DurableEvent[]
}

/**
 * A server of the wire contract in the test's own process, on a free port: real HTTP, real sockets. It does what a test
 * tells it; every frame of the client is parsed by the server's schemas, and the first bad one fails `close()`.
 * @param clientDir the built client, for tests in a browser.
 * @param texts canonical texts, by the path under `/v1/documents/`.
 */
export async function startWireServer(clientDir = '', texts: Readonly<Record<string, string>> = {}) {
  const conversations = new Map<string, Conversation>()
  const tickets = new Map<string, string>()
  const peers = createQueue<Peer>()
  const ticketBodies = createQueue<{ conv?: string | undefined; secret?: string | undefined }>()
  const closings = createQueue<number>()
  const faults: unknown[] = []
  const answers: ((response: ServerResponse) => void)[] = []
  let count = 0
  const mint = (prefix: string): string => `${prefix}_${String(++count).padStart(16, '0')}`

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', 'content-type')
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end()
      return
    }
    if (request.method === 'GET') {
      serve(new URL(request.url ?? '/', 'http://localhost').pathname, response)
      return
    }
    response.setHeader('content-type', 'application/json')
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const body = customerTicketRequest.parse(JSON.parse(text))
    ticketBodies.push(body)
    const special = answers.shift()
    if (special) {
      special(response)
      return
    }
    if (body.conv !== undefined && !conversations.has(body.conv)) {
      response.writeHead(404).end('{"error":{"code":"not_found"}}')
      return
    }
    const conv = body.conv ?? mint('c')
    if (body.conv === undefined) conversations.set(conv, { log: [] })
    const ticket = mint('t')
    tickets.set(ticket, conv)
    response.writeHead(201).end(JSON.stringify({ ticket, conv, secret: `s-${conv}`, expiresInMs: 60_000 }))
  }

  function serve(url: string, response: ServerResponse): void {
    const text = texts[decodeURIComponent(url).replace('/v1/documents/', '')]
    if (text !== undefined) {
      response.setHeader('content-type', 'text/plain; charset=utf-8').end(text)
      return
    }
    const path = url === '/' ? '/index.html' : url
    response.setHeader('content-security-policy', policy)
    response.setHeader('content-type', types[extname(path)] ?? 'text/plain')
    response.end(readFileSync(join(clientDir, path)))
  }

  const http = createServer((request, response) => {
    handle(request, response).catch((reason: unknown) => {
      faults.push(reason)
      response.writeHead(500).end()
    })
  })
  const sockets = new WebSocketServer({ server: http, path: '/v1/socket', handleProtocols: () => 'bursar.v1' })
  sockets.on('connection', (socket) => {
    const frames = createQueue<Frame>()
    socket.once('close', closings.push)
    socket.once('message', (first) => {
      const parsed = hello.safeParse(JSON.parse(String(first)))
      if (!parsed.success) {
        faults.push(parsed.error)
        return
      }
      peers.push({
        hello: parsed.data,
        socket,
        frames,
        send: (frame) => socket.send(JSON.stringify(frame)),
        // The queue is asked for this type only.
        frame: <T extends Frame['t']>(t: T) => frames.next((frame) => frame.t === t) as Promise<FrameOf<T>>,
      })
      socket.on('message', (data) => {
        const command = customerCommand.safeParse(JSON.parse(String(data)))
        if (command.success) frames.push(command.data)
        else faults.push(command.error)
      })
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo // a TCP server's address is never a path

  return {
    origin: `http://127.0.0.1:${port}`,
    /** The next client that said hello. */
    peer: (): Promise<Peer> => peers.next(),
    /** The code that the next socket was closed with, whether it had said hello or not. */
    closing: () => closings.next(),
    /** The body of the next request for a ticket. */
    ticketBody: () => ticketBodies.next(),
    /** Answer the next request for a ticket differently. */
    answerTicket: (answer: (response: ServerResponse) => void): void => void answers.push(answer),
    convOf: (ticket: string): string => tickets.get(ticket) ?? '',
    /** Lose a conversation, as a server does whose data was restored from an old backup. */
    lose: (conv: string): void => void conversations.delete(conv),
    async close(): Promise<void> {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
      if (faults.length > 0) throw new AggregateError(faults, 'the client sent what the contract does not allow')
    },
  }
}
export type WireServer = Awaited<ReturnType<typeof startWireServer>>

/** The welcome that a test's server gives. */
export const welcome = (conv: string, resume: 'fresh' | 'replay' | 'snapshot' = 'fresh', head = 0): CustomerFrame => ({
  t: 'welcome',
  sid: 's_0000000000000001',
  conv,
  epoch: 'e1',
  head,
  hb: 25_000,
  resume,
  limits: { frame: 65_536, textChars: 4_000, perMin: 30 },
  caps: ['delta'],
  disclosure: { ai: true, human: 'type “human” at any time' },
})

/** A durable event, typed by its content. */
export function event<T extends DurableType>(
  t: T,
  seq: number,
  d: DurableContent<T>,
  conv = 'c_0000000000000001',
): DurableEvent {
  // The pair of type and content is checked by the signature; TypeScript does not join it to the union by itself.
  return { t, conv, seq, at: '2026-11-22T10:00:00.000Z', d } as DurableEvent
}
