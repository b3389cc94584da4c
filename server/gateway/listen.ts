import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SettingError } from '../errors.ts'
import { ticketLifeMs } from '../protocol/limits.ts'
import { createClientAddress } from './client-address.ts'
import { drain } from './drain.ts'
import { createHttpApp } from './http.ts'
import { createGatewayMetrics } from './metrics.ts'
import { contractTimes, type GatewayOptions } from './options.ts'
import { createOriginRule } from './origin.ts'
import type { Ports } from './ports.ts'
import { createAllowance, createSignInAllowance } from './rate-limit.ts'
import { createSocketServer } from './socket.ts'
import { createTickets } from './tickets.ts'

export interface Gateway {
  /** Address for people and browsers of this machine, `http://localhost:8080`. */
  readonly url: string
  /** Let chats in. Before, only probes and files are answered, and all else is `busy`. */
  open(ports: Ports): void
  /** Drain and stop: refuse what is new, let turns finish, close. Calling it again waits for the same end. */
  close(): Promise<void>
}

/** A request's head and the whole of it have to come in this time. */
const headersTimeout = 10_000
const requestTimeout = 30_000
/** How often connections are looked at for that. Node's own half a minute would let a silent one live four times as long. */
const connectionsCheckingInterval = 2_000
/** Longer than the idle time of usual load balancers, or they reuse a connection in the moment that it is closed here. */
const keepAliveTimeout = 65_000
const defaultMaxSockets = 20_000
const maxTickets = 100_000

/**
 * Serve HTTP and WebSocket on one port, which is taken at once, for what is opened behind it later.
 * @throws {SettingError} if the port or host cannot be had.
 */
export async function listen(options: GatewayOptions): Promise<Gateway> {
  const { log } = options
  let closing: Promise<void> | undefined
  let ports: Ports | undefined
  const shared = {
    ...createParts(options),
    draining: () => closing !== undefined,
    ports: () => ports,
  }
  const sockets = createSocketServer(shared)
  const server = createServer(
    { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval },
    createHttpApp(shared),
  )
  server.on('upgrade', sockets.upgrade)
  const port = await bind(server, options.port, options.host)
  log.info({ port, host: options.host }, 'listening')

  async function stop(): Promise<void> {
    const finished = await drain(server, sockets, async () => ports?.chat.settled(), shared.times)
    log.info({ finished }, 'stopped listening')
  }
  return {
    url: `http://${hostForPeople(options.host)}:${port}`,
    open(opened) {
      ports = opened
    },
    close: () => {
      closing ??= stop()
      return closing
    },
  }
}

/** What HTTP and sockets share. */
function createParts(options: GatewayOptions) {
  const { origins, metrics: registry } = options
  const now = () => performance.now()
  return {
    ...options,
    times: { ...contractTimes, ...options.times },
    registry,
    metrics: createGatewayMetrics(registry),
    originRule: createOriginRule(origins, options.host),
    clientAddress: createClientAddress(options.trustedProxies),
    tickets: createTickets({ lifeMs: ticketLifeMs, capacity: maxTickets, now }),
    allowance: createAllowance(options, now),
    signIns: createSignInAllowance(now),
    maxSockets: options.maxSockets ?? defaultMaxSockets,
  }
}

function bind(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (reason: NodeJS.ErrnoException) => reject(explain(reason, port, host)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port) // cast: an address of a TCP server is never a pipe's name
    })
  })
}

function explain(reason: NodeJS.ErrnoException, port: number, host: string): Error {
  const cause = { cause: reason }
  if (reason.code === 'EADDRINUSE')
    return new SettingError(`port ${port} is already in use: choose another with --port`, cause)
  if (reason.code === 'EACCES')
    return new SettingError(`port ${port} needs more rights: choose one above 1023 with --port`, cause)
  return new SettingError(`cannot listen on ${host} port ${port} (${reason.code ?? reason.name})`, cause)
}

const hostForPeople = (host: string): string =>
  host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
