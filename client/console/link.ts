import type { AgentAck, AgentFrame } from '../../server/protocol/agent-events.ts'
import type { AgentCommand, AgentCommandOf } from '../../server/protocol/agent-messages.ts'
import { closeCodes, heartbeatMs, pongDueMs, subprotocol } from '../../server/protocol/limits.ts'
import type { AgentTicketReply } from '../../server/protocol/messages.ts'
import { backoffMs, reactionTo } from '../transport/backoff.ts'
import { createUlids } from '../transport/ulid.ts'

/** `signed-out`: nobody is, or who is may not work at the desk (any more). */
export type LinkStatus = 'connecting' | 'online' | 'waiting' | 'signed-out' | 'replaced'

/** The server said no. */
export class RefusedError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export interface LinkOptions {
  /** Origin of the server, which this page is of. */
  readonly server: string
  readonly onFrame: (frame: AgentFrame) => void
  readonly onStatus: (status: LinkStatus) => void
}

type Asking = Extract<AgentCommand, { id: string }>
type Telling = Exclude<AgentCommand, Asking>
/** A command before it has an id. */
type Asked = { [T in Asking['t']]: Omit<AgentCommandOf<T>, 'id'> }[Asking['t']]
interface Waiting {
  readonly frame: Asking
  readonly resolve: (ack: AgentAck) => void
  readonly reject: (reason: RefusedError) => void
}

/** What has an effect is sent again under its id after a loss; what only asks is asked again by whoever wants to know. */
const lasting: ReadonlySet<string> = new Set<Asking['t']>([
  'msg.send',
  'note.add',
  'case.update',
  'desk.claim',
  'desk.release',
  'desk.transfer',
  'desk.close',
])
const ticketDueMs = 15_000
const silenceMs = heartbeatMs + 1.5 * pongDueMs

/** The console's one connection to the desk. */
export function createLink({ server, onFrame, onStatus }: LinkOptions) {
  const newId = createUlids()
  const waiting = new Map<string, Waiting>()
  const instance = newId()
  let socket: WebSocket | undefined
  let attempts = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined
  let round = 0

  const put = (frame: object): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }

  async function connect(): Promise<void> {
    const mine = ++round
    clearTimeout(timer)
    onStatus('connecting')
    const ticket = await requestTicket(server)
    if (mine !== round) return
    if (ticket === 'signed-out') stop('signed-out')
    else if (ticket === 'later') comeBack()
    else open(ticket, mine)
  }

  function open(ticket: string, mine: number): void {
    const opened = new WebSocket(`${server.replace(/^http/, 'ws')}/v1/socket`, subprotocol)
    socket = opened
    opened.addEventListener('open', () => {
      opened.send(JSON.stringify({ t: 'hello', ticket, client: { name: 'bursar-console', ver: '1.0.0', instance } }))
    })
    opened.addEventListener('message', ({ data }) => mine === round && receive(data))
    opened.addEventListener('close', ({ code }) => mine === round && closed(code))
  }

  function receive(data: unknown): void {
    clearTimeout(silence)
    silence = setTimeout(() => closed(1006), silenceMs)
    // The server's own schemas made it.
    const frame = JSON.parse(String(data)) as AgentFrame
    if (frame.t === 'ping') put({ t: 'pong', ts: frame.ts })
    if (frame.t === 'welcome') welcomed()
    if (frame.t === 'ack') settle(frame.re)?.resolve(frame)
    if (frame.t === 'err' && frame.re !== undefined) settle(frame.re)?.reject(new RefusedError(frame.code, frame.msg))
    onFrame(frame)
  }

  function welcomed(): void {
    attempts = 0
    for (const { frame } of waiting.values()) put(frame)
    onStatus('online')
  }

  function settle(id: string): Waiting | undefined {
    const found = waiting.get(id)
    waiting.delete(id)
    return found
  }

  function closed(code: number): void {
    round++ // whatever the old socket still brings is ignored
    clearTimeout(silence)
    socket?.close()
    socket = undefined
    for (const [id, { frame, reject }] of waiting) {
      if (lasting.has(frame.t)) continue
      waiting.delete(id)
      reject(new RefusedError('lost', 'the connection was lost'))
    }
    if (code === closeCodes.replaced) stop('replaced')
    else if (reactionTo(code) === 'stop') stop('signed-out')
    else comeBack()
  }

  function comeBack(): void {
    onStatus('waiting')
    timer = setTimeout(() => void connect(), backoffMs(attempts++, Math.random()))
  }

  function stop(as: 'signed-out' | 'replaced'): void {
    round++
    clearTimeout(timer)
    for (const { reject } of waiting.values()) reject(new RefusedError('lost', 'signed out'))
    waiting.clear()
    onStatus(as)
  }

  return {
    connect: (): void => void connect(),
    /** Resolves with the ack. @throws {RefusedError} */
    ask(asked: Asked): Promise<AgentAck> {
      return new Promise((resolve, reject) => {
        const id = newId()
        const frame = { ...asked, id } as Asking // cast: one of them with its id is one of them
        waiting.set(id, { frame, resolve, reject })
        if (socket?.readyState === WebSocket.OPEN) put(frame)
        else if (!lasting.has(frame.t)) settle(id)?.reject(new RefusedError('lost', 'there is no connection'))
      })
    },
    /** Send what may be lost. */
    tell: (frame: Telling): void => put(frame),
    close(): void {
      stop('signed-out')
      socket?.close(1000)
      socket = undefined
    },
  }
}

/** Never rejects. */
async function requestTicket(server: string): Promise<string | 'signed-out' | 'later'> {
  try {
    const response = await fetch(`${server}/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'agent' }),
      cache: 'no-store',
      signal: AbortSignal.timeout(ticketDueMs),
    })
    if (response.status === 401 || response.status === 403) return 'signed-out'
    if (!response.ok) return 'later'
    const { ticket } = (await response.json()) as AgentTicketReply // the server's own schema made it
    return ticket
  } catch {
    return 'later'
  }
}
