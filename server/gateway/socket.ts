import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type BursarError, BusyError, NotFoundError } from '../errors.ts'
import { ProtocolError } from '../protocol/codec.ts'
import { closeCodes, maxFrameBytes, subprotocol } from '../protocol/limits.ts'
import type { ClientAddress } from './client-address.ts'
import { type Connection, type ConnectionParts, createConnection } from './connection.ts'
import { ForbiddenError, foreignName, httpStatusOf, refusalOf } from './errors.ts'
import type { OriginRule } from './origin.ts'
import type { Ports } from './ports.ts'

export interface SocketServer {
  /** Listener for the HTTP server's `upgrade`: refuses by HTTP before the upgrade, or opens a connection. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Every open connection. */
  readonly connections: ReadonlySet<Connection>
}

export interface SocketServerParts extends Omit<ConnectionParts, 'claim' | 'chat' | 'desk' | 'access'> {
  /** Undefined while the server starts. */
  readonly ports: () => Ports | undefined
  readonly originRule: OriginRule
  readonly clientAddress: ClientAddress
  readonly maxSockets: number
}

/** WebSockets at `/v1/socket`. */
export function createSocketServer(parts: SocketServerParts): SocketServer {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false, // costs memory per socket and saves little on frames this small
    handleProtocols: () => subprotocol,
  })
  const connections = new Set<Connection>()
  const places = new Map<string, Connection>() // by conversation and client instance
  const keys = new WeakMap<Connection, string>()

  function claim(key: string, connection: Connection): void {
    places.get(key)?.close(closeCodes.replaced, 'replaced by a newer connection')
    places.set(key, connection)
    keys.set(connection, key)
  }

  function forget(connection: Connection): void {
    connections.delete(connection)
    parts.metrics.sockets.set(connections.size)
    const key = keys.get(connection)
    if (key !== undefined && places.get(key) === connection) places.delete(key)
  }

  /** Why this request may not become a socket, if so. */
  function objection(request: IncomingMessage): BursarError | undefined {
    const { origin } = request.headers
    if (request.url?.split('?', 1)[0] !== '/v1/socket') return new NotFoundError('no socket here')
    if (!parts.originRule.answersTo(request.headers.host)) return foreignName()
    if (!parts.originRule.admits({ origin, address: request.socket.remoteAddress, headers: request.headers })) {
      return new ForbiddenError('this origin may not open chats')
    }
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    if (!offered.includes(subprotocol))
      return new ProtocolError('invalid_field', `the subprotocol has to be ${subprotocol}`)
    if (parts.draining() || connections.size >= parts.maxSockets) return new BusyError('no socket left')
    return undefined
  }

  return {
    connections,
    upgrade(request, socket, head) {
      const refused = objection(request)
      const ports = parts.ports()
      if (refused || !ports) return rejectUpgrade(socket, refused ?? new BusyError('the server is starting'))
      const { chat, desk, access } = ports
      server.handleUpgrade(request, socket, head, (client) => {
        const from = { origin: request.headers.origin, address: parts.clientAddress(request) }
        const connection = createConnection(client, socket, from, { ...parts, chat, desk, access, claim })
        connections.add(connection)
        parts.metrics.sockets.set(connections.size)
        client.once('close', () => forget(connection))
      })
    },
  }
}

/** Answer an upgrade by plain HTTP and hang up. */
function rejectUpgrade(socket: Duplex, reason: BursarError): void {
  const { code, msg, trace } = refusalOf(reason)
  const body = JSON.stringify({ error: { code, msg, trace } })
  const status = httpStatusOf(code)
  socket.on('error', () => undefined) // the other end may hang up first
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `X-Request-Id: ${trace}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
