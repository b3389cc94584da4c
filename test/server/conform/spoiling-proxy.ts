import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type RawData, WebSocket, WebSocketServer } from 'ws'

type Json = Record<string, unknown>

/** What is done to what goes by. Frames that are no JSON go through as they are. */
export interface Defect {
  /** Frames to the client in place of this one. @param nth connection, from 1. */
  readonly toClient?: (frame: Json, nth: number) => readonly Json[]
  /** Frames to the server in place of this one. */
  readonly toServer?: (frame: Json, reply: (frame: Json) => void) => readonly Json[]
  /** Close code for the client; undefined: the client is left connected. */
  readonly closing?: (code: number) => number | undefined
  readonly request?: (headers: Json, body: string) => string
  readonly response?: (path: string, status: number, body: string) => readonly [status: number, body: string]
}

/** A server of the contract with a seeded defect: a proxy before a real one. */
export async function spoil(target: string) {
  let defect: Defect = {}
  let connections = 0
  const server = createServer((incoming, outgoing) => void forward(incoming, outgoing))
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered][0] ?? false,
    perMessageDeflate: false,
  })

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { host: _, ...headers } = incoming.headers
    const body = defect.request?.(headers, Buffer.concat(chunks).toString()) ?? Buffer.concat(chunks)
    const path = incoming.url ?? '/'
    const onward = request(new URL(path, target), {
      method: incoming.method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    })
    onward.on('response', async (reply) => {
      const parts: Buffer[] = []
      for await (const chunk of reply) parts.push(chunk)
      const text = Buffer.concat(parts).toString()
      const [status, said] = defect.response?.(path, reply.statusCode ?? 0, text) ?? [reply.statusCode ?? 0, text]
      const { 'content-length': __, 'transfer-encoding': ___, ...kept } = reply.headers
      outgoing.writeHead(status, kept).end(said)
    })
    onward.end(body)
  }

  server.on('upgrade', (incoming, socket, head) => {
    const { origin, 'sec-websocket-protocol': offered = '' } = incoming.headers
    const headers: Json = { origin }
    defect.request?.(headers, '')
    const protocols = offered
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
    const address = new URL(incoming.url ?? '/', target.replace('http', 'ws'))
    const onward = new WebSocket(address, protocols, {
      ...(typeof headers.origin === 'string' && { origin: headers.origin }),
      perMessageDeflate: false,
    })
    onward.on('unexpected-response', (_, reply) =>
      socket.end(`HTTP/1.1 ${reply.statusCode} Refused\r\nContent-Length: 0\r\n\r\n`),
    )
    onward.on('error', () => socket.destroy())
    onward.once('open', () =>
      sockets.handleUpgrade(incoming, socket, head, (client) => join(client, onward, ++connections)),
    )
  })

  function join(client: WebSocket, onward: WebSocket, nth: number): void {
    const toClient = (frame: Json): void => client.send(JSON.stringify(frame))
    onward.on('message', (data: RawData) => {
      const frame = JSON.parse(data.toString()) as Json // the real server sends nothing else
      for (const one of defect.toClient?.(frame, nth) ?? [frame]) toClient(one)
    })
    client.on('message', (data: RawData, isBinary: boolean) => {
      const frame = isBinary ? undefined : parse(data.toString())
      if (!frame || !defect.toServer) return onward.send(data, { binary: isBinary })
      for (const one of defect.toServer(frame, toClient)) onward.send(JSON.stringify(one))
    })
    onward.on('close', (code) => {
      const told = defect.closing ? defect.closing(code) : code
      if (told !== undefined) client.close(told === 1005 || told === 1006 ? 1000 : told)
    })
    client.on('close', () => onward.close())
    client.on('error', () => onward.close())
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    /** From the next request on. */
    seed(next: Defect): void {
      defect = next
      connections = 0
    },
    async close(): Promise<void> {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function parse(text: string): Json | undefined {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null && !Array.isArray(frame) ? (frame as Json) : undefined
  } catch {
    return undefined
  }
}
