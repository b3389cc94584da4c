import type { Writable } from 'node:stream'
import type { RawData } from 'ws'
import { BursarError, BusyError, NotFoundError, RateLimitedError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { decodeHello, encode, ProtocolError } from '../protocol/codec.ts'
import { closeCodes, ephemeralCutBytes } from '../protocol/limits.ts'
import type { Hello } from '../protocol/messages.ts'
import { createAgentParty } from './agent-party.ts'
import { createCustomerParty } from './customer-party.ts'
import type { DeskPort } from './desk-ports.ts'
import { errFrame, logRefusal, refusalOf } from './errors.ts'
import { createHeartbeat } from './heartbeat.ts'
import type { GatewayMetrics } from './metrics.ts'
import type { Times } from './options.ts'
import { createOutlet, type FrameSocket } from './outlet.ts'
import type { Party, Task } from './party.ts'
import type { Access, Chat } from './ports.ts'
import type { Allowance, Budget } from './rate-limit.ts'
import type { Tickets } from './tickets.ts'

export interface ConnectionParts {
  readonly chat: Chat
  readonly desk: DeskPort
  readonly access: Access
  readonly tickets: Tickets
  readonly allowance: Allowance
  readonly metrics: GatewayMetrics
  readonly log: Logger
  readonly times: Times
  readonly ratePerMinute: number
  readonly draining: () => boolean
  /** Take over the place of an earlier connection of the same client instance. */
  readonly claim: (key: string, connection: Connection) => void
}

/** One open socket. */
export interface Connection {
  /** Tell the client that the server is about to go, and when. */
  announceDrain(inMs: number, spreadMs: number): void
  close(code: number, reason: string): void
}

/** Frames that are no JSON objects, and refusals for rate in a row, that a connection survives. */
const toleratedBadFrames = 2
const toleratedRefusals = 20

/** Values of a metric's label: the codes of the contract, and those that a socket makes itself. Clients can send any. */
const knownCodes: ReadonlySet<number> = new Set([...Object.values(closeCodes), 1001, 1005, 1006])

/** Speak `bursar.v1` over a socket whose Origin was checked. @param from the Origin header, and what is counted as the other end's address. */
export function createConnection(
  socket: FrameSocket,
  wire: Writable,
  from: { readonly origin: string | undefined; readonly address: string },
  parts: ConnectionParts,
): Connection {
  const { metrics, times, log } = parts
  const { closeGraceMs } = times
  const slowMs = times.heartbeatMs + times.pongDueMs // as long as a client may be silent
  const outlet = createOutlet(socket, wire, { metrics, closeGraceMs, slowMs, onEnd: stop })
  const { close } = outlet
  const overflow = (): void => close(closeCodes.slowReader, 'reading too slowly')
  const seams = { outlet, overflow, heartbeatMs: times.heartbeatMs }
  const waiting: string[] = []
  let waitingBytes = 0
  let working = false
  let party: Party | undefined
  let badFrames = 0
  let isPinged = false
  let refusals = 0

  const helloDue = setTimeout(() => close(closeCodes.helloLate, 'no hello in time'), times.helloDueMs)
  const heartbeat = createHeartbeat({
    silenceMs: times.heartbeatMs,
    dueMs: times.pongDueMs,
    ping: () => {
      isPinged = true
      party?.send({ t: 'ping', ts: Date.now() })
    },
    lost: () => close(closeCodes.helloLate, 'no pong in time'),
    paused: () => socket.isPaused,
  })
  const connection: Connection = {
    announceDrain: (inMs, spreadMs) => party?.send({ t: 'drain', inMs, spreadMs }),
    close,
  }

  socket.on('message', onMessage)
  socket.on('error', () => undefined) // ws closes the socket itself, with 1007 or 1009; nothing is left to do

  function stop(code: number): void {
    metrics.closed.inc({ code: knownCodes.has(code) ? code : 'other' })
    clearTimeout(helloDue)
    heartbeat.stop()
    party?.end()
    waiting.length = 0
  }

  function onMessage(data: RawData, isBinary: boolean): void {
    if (!outlet.open) return
    if (isBinary) close(closeCodes.binary, 'text frames only')
    else keep(data.toString())
  }

  function keep(frame: string): void {
    heartbeat.heard()
    waiting.push(frame)
    waitingBytes += frame.length
    if (waitingBytes > ephemeralCutBytes) socket.pause() // TCP makes the client wait
    if (!working) void work()
  }

  /** Strictly one after the other: the next frame is looked at when the one before has its reply, and its sender reads. */
  async function work(): Promise<void> {
    working = true
    for (let frame = waiting.shift(); frame !== undefined; frame = waiting.shift()) {
      waitingBytes -= frame.length
      await (party ? onCommand(frame, party) : onHello(frame))
      await outlet.keepsUp()
    }
    waitingBytes = 0
    working = false
    if (socket.isPaused) socket.resume()
  }

  async function onHello(frame: string): Promise<void> {
    clearTimeout(helloDue)
    try {
      const hello = decodeHello(frame)
      const grant = parts.tickets.redeem(hello.ticket, from.origin)
      if (!grant) return close(closeCodes.unauthorised, 'ticket unknown, used, expired or of another origin')
      await (grant.role === 'agent' ? welcomeAgent(hello, grant.session) : welcomeCustomer(hello, grant.conv))
    } catch (reason) {
      refuse(reason, undefined)
      if (reason instanceof ProtocolError) return close(closeCodes.badFrames, 'the first frame has to be a valid hello')
      if (reason instanceof NotFoundError) return close(closeCodes.erased, 'the conversation is gone')
      if (!isForbidden(reason)) close(closeCodes.internal, 'please come back')
    }
  }

  async function welcomeCustomer(hello: Hello, conv: string): Promise<void> {
    parts.claim(`${conv} ${hello.client.instance}`, connection)
    const customer = createCustomerParty(conv, { ...parts, ...seams, refuse: (reason) => refuse(reason, undefined) })
    party = customer.party
    await customer.welcome(hello)
  }

  async function welcomeAgent(hello: Hello, token: string): Promise<void> {
    const agent = await createAgentParty(token, { ...parts, ...seams, forbid: (reason) => refuse(reason, undefined) })
    if (!outlet.open) return agent.party.end() // gone while their rights were read
    parts.claim(`${agent.party.payer} ${hello.client.instance}`, connection)
    party = agent.party
    agent.welcome()
  }

  async function onCommand(frame: string, active: Party): Promise<void> {
    const began = performance.now()
    let re: string | undefined
    try {
      const task = read(frame, active)
      if (!task) return close(closeCodes.badFrames, 'a second hello')
      re = task.id
      admit(task, active)
      const reply = await task.run()
      if (reply) active.send(reply)
      metrics.received.inc({ type: task.t })
    } catch (reason) {
      refuse(reason, re)
    } finally {
      active.replied()
      metrics.commandSeconds.observe((performance.now() - began) / 1_000)
    }
  }

  function read(frame: string, active: Party): Task | undefined {
    try {
      return active.read(frame)
    } catch (reason) {
      spend('signals', active) // nonsense is not free either
      throw reason
    }
  }

  function admit({ t, budget, isWork }: Task, active: Party): void {
    if (t === 'pong') {
      if (!isPinged) spend('signals', active) // only the answer to a ping is free
      isPinged = false
    }
    if (budget) {
      spend(budget, active)
      refusals = 0 // a pong, which is free, does not make up for what was refused
    }
    if (parts.draining() && isWork) throw new BusyError('the server is about to stop')
  }

  function spend(budget: Budget, active: Party): void {
    const retryAfterMs = parts.allowance.spend(budget, active.payer, from.address)
    if (retryAfterMs > 0) throw new RateLimitedError(retryAfterMs)
  }

  function refuse(reason: unknown, re: string | undefined): void {
    const refusal = refusalOf(reason)
    logRefusal(log, reason, refusal)
    metrics.refused.inc({ code: refusal.code })
    outlet.send(encode(errFrame(refusal, (reason instanceof ProtocolError ? reason.re : undefined) ?? re)))
    if (refusal.code === 'bad_frame' && ++badFrames > toleratedBadFrames)
      close(closeCodes.badFrames, 'not JSON objects')
    if (refusal.code === 'rate_limited' && ++refusals > toleratedRefusals)
      close(closeCodes.rateLimited, 'too many frames')
    if (isForbidden(reason)) close(closeCodes.forbidden, 'no longer allowed')
  }

  return connection
}

/** Withdrawn rights, as against a frame that this role may never send. */
const isForbidden = (reason: unknown): boolean =>
  reason instanceof BursarError && reason.code === 'forbidden' && !(reason instanceof ProtocolError)
