import type { CustomerFrame } from '../../server/protocol/events.ts'
import { closeCodes, heartbeatMs, pongDueMs, subprotocol } from '../../server/protocol/limits.ts'
import type { CommandOf, CustomerCommand, Hello, TicketReply } from '../../server/protocol/messages.ts'
import { backoffMs, reactionTo } from './backoff.ts'
import type { CredentialStore } from './credentials.ts'
import type { LastingCommand, Outbox } from './outbox.ts'
import { createSender } from './sender.ts'
import { type Fetch, requestTicket, type TicketResult } from './ticket.ts'

/** What the connection needs of a WebSocket; the browser's and that of `ws` both fit. */
export interface Socket {
  readonly readyState: number
  send(data: string): void
  close(code?: number): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
}

/** `waiting`: for the moment to try again. `stopped`: not tried again by itself; `erased`: the conversation is no more. */
export type Status = 'idle' | 'connecting' | 'online' | 'waiting' | 'stopped' | 'erased'

export interface ConnectionOptions {
  /** Origin of the server, `https://chat.example.com`. */
  readonly server: string
  readonly client: { readonly name: string; readonly ver: string }
  readonly credentials: CredentialStore
  readonly outbox: Outbox
  readonly openSocket: (url: string, protocol: string) => Socket
  readonly fetch: Fetch
  /** 0 to below 1, for the jitter. */
  readonly random?: () => number
  /** Where this client stands in its conversation; `epoch` is empty when it knows nothing yet. */
  readonly position: () => { readonly epoch: string; readonly after: number }
  /** A ticket was granted for this conversation; it may be another one than before. */
  readonly onConversation: (conv: string) => void
  readonly onFrame: (frame: CustomerFrame) => void
  readonly onStatus: (status: Status) => void
}

/** Frames that may be lost with their connection. */
export type FleetingCommand = Omit<CommandOf<'read'>, 'conv'> | Omit<CommandOf<'resume'>, 'conv'>
export type Connection = ReturnType<typeof createConnection>

const socketConnecting = 0
const socketOpen = 1
/** A connection that stood this long was a good one: the next loss starts with the shortest wait again. */
const steadyMs = 5_000
const welcomeDueMs = 15_000
/** The server speaks at least every heartbeat; a line that stays silent well past it is dead, whatever TCP believes. */
const silenceMs = (heartbeat: number): number => heartbeat + 1.5 * pongDueMs

/**
 * One lasting connection to the server: fetches tickets, says hello, answers heartbeats, resends what was not
 * acknowledged and comes back by the contract's table of close codes.
 */
export function createConnection(options: ConnectionOptions) {
  const { credentials, outbox, random = Math.random } = options
  const sender = createSender(outbox, write)
  let round = 0 // counts attempts: whatever an older one still brings is ignored
  let socket: Socket | undefined
  let conv: string | undefined
  let attempts = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined
  let steady: ReturnType<typeof setTimeout> | undefined
  let quietMs = silenceMs(heartbeatMs)
  const tried = new Set<'ticket' | 'instance'>()
  let spreadMs: number | undefined
  let waiting = false
  let running = false

  function put(frame: Hello | CustomerCommand): void {
    if (socket?.readyState === socketOpen) socket.send(JSON.stringify(frame))
  }
  function write(command: LastingCommand | FleetingCommand): void {
    if (conv !== undefined) put({ ...command, conv })
  }

  /** Let go of the current attempt, whatever state it is in. */
  function release(): void {
    round++
    waiting = false
    for (const pending of [timer, silence, steady]) clearTimeout(pending)
    sender.closed()
    const old = socket
    socket = undefined
    // Browsers report a socket that is closed before it is open as a fault of the page.
    if (old?.readyState === socketConnecting) old.addEventListener('open', () => old.close(1000))
    else old?.close(1000)
  }
  /** Close, and don't come back by itself. */
  function stop(as: 'idle' | 'stopped' | 'erased'): void {
    release()
    running = false
    options.onStatus(as)
  }
  function retry(afterMs: number): void {
    release()
    waiting = true
    options.onStatus('waiting')
    timer = setTimeout(attempt, afterMs)
  }
  /** @param afterMs the least wait that the server asked for. */
  function comeBack(afterMs = 0): void {
    retry(afterMs + backoffMs(attempts++, random()))
  }

  function attempt(): void {
    release()
    running = true
    const mine = round
    options.onStatus('connecting')
    void requestTicket(options.fetch, options.server, credentials.load()).then((result) => {
      if (mine === round) useTicket(result)
    })
  }

  function useTicket(result: TicketResult): void {
    if (result.kind === 'granted') useGrant(result.reply)
    else if (result.kind === 'later') comeBack(result.afterMs)
    else if (result.kind === 'unknown' && credentials.load()) forget()
    else stop('stopped') // without a conversation of ours there was nothing to be unknown: the address is wrong
  }

  function useGrant(reply: TicketReply): void {
    const stored = credentials.load()
    // Another tab began a conversation while this ticket was on its way: join it, so that tabs stay in step.
    if (stored && stored.conv !== reply.conv) {
      attempt()
      return
    }
    credentials.save(reply)
    open(reply.ticket, reply.conv, stored !== undefined)
  }

  /** The server does not know our conversation (any more): begin a new one, and take along what was never accepted. */
  function forget(): void {
    credentials.forget(credentials.load()?.conv)
    outbox.unbind()
    conv = undefined
    attempt()
  }

  function open(ticket: string, next: string, existed: boolean): void {
    const mine = round
    conv = next
    outbox.bind(next)
    options.onConversation(next)
    const opened = options.openSocket(`${options.server.replace(/^http/, 'ws')}/v1/socket`, subprotocol)
    socket = opened
    listenForSilence(welcomeDueMs)
    opened.addEventListener('open', () => {
      if (mine !== round) return
      const { epoch, after } = options.position()
      const resume = existed || epoch !== '' ? { resume: { conv: next, epoch, after } } : {}
      put({ t: 'hello', ticket, client: { ...options.client, instance: credentials.instance() }, ...resume })
      sender.opened() // a server handles frames in order: no need to wait for its welcome
    })
    opened.addEventListener('message', (event) => {
      if (mine === round) receive(event.data)
    })
    opened.addEventListener('close', (event) => {
      if (mine === round) closed(event.code)
    })
    opened.addEventListener('error', () => {}) // a close event follows and says what to do
  }

  function listenForSilence(ms: number): void {
    clearTimeout(silence)
    silence = setTimeout(() => closed(1006), ms)
  }

  function receive(data: unknown): void {
    listenForSilence(quietMs)
    const frame = parse(data)
    if (!frame) return
    if (frame.t === 'ping') put({ t: 'pong', ts: frame.ts })
    if (frame.t === 'drain') spreadMs = frame.spreadMs
    if (frame.t === 'welcome') welcomed(frame.hb)
    if (frame.t === 'ack') sender.acknowledged(frame)
    if (frame.t === 'err') sender.refused(frame)
    options.onFrame(frame)
  }

  function welcomed(heartbeat: number): void {
    tried.delete('ticket')
    quietMs = silenceMs(heartbeat)
    listenForSilence(quietMs)
    steady = setTimeout(() => {
      attempts = 0
      tried.clear()
    }, steadyMs)
    options.onStatus('online')
  }

  function closed(code: number): void {
    const reaction = reactionTo(code)
    const spread = spreadMs
    spreadMs = undefined
    if (reaction === 'stop') stop(code === closeCodes.erased ? 'erased' : 'stopped')
    else if (reaction !== 'return') tryOnce(reaction)
    else if (spread === undefined) comeBack()
    else retry(random() * spread) // the server is going: everybody comes back at another moment
  }

  /** Try again at once with a new ticket or a new name; the second time in a row there is no sense in it. */
  function tryOnce(renewed: 'ticket' | 'instance'): void {
    if (tried.has(renewed)) {
      stop('stopped')
      return
    }
    tried.add(renewed)
    if (renewed === 'instance') credentials.renewInstance()
    attempt()
  }

  function restart(): void {
    attempts = 0
    tried.clear()
    attempt()
  }

  return {
    /** Connect now, unless that is done or under way. */
    start(): void {
      if (!running || waiting) restart()
    },
    /** The browser is back online or the page is in view again: don't sit out the wait. */
    wake(): void {
      if (waiting) attempt()
    },
    /** The browser has lost its network: say so now, not when the silence is noticed. */
    sleep(): void {
      if (running && !waiting) comeBack()
    },
    /** Drop the connection and begin again with whatever conversation the credentials hold now. */
    restart,
    /** Close for good; {@link start} opens again. */
    close: (): void => stop('idle'),
    /** Send a command now or after the next reconnect. @returns false when too many wait already. */
    send: (command: LastingCommand): boolean => sender.add(command),
    /** Send a frame if there is a connection. */
    tell: (command: FleetingCommand): void => write(command),
  }
}

/** @returns undefined for what isn't JSON with a type. A later server may add frames, which fall through every switch. */
function parse(data: unknown): CustomerFrame | undefined {
  try {
    // The server's own schemas made it.
    const frame = JSON.parse(String(data)) as CustomerFrame | null
    return frame?.t ? frame : undefined
  } catch {
    return undefined
  }
}
