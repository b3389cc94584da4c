import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  command,
  helloFrame,
  join,
  openClient,
  requestTicket,
  startGateway,
  type TestGateway,
  ticketFor,
} from './harness.ts'

const site = 'https://www.example.com'
const otherSite = 'https://shop.example.com'

let gateway: TestGateway
afterEach(() => gateway.close())

/** The HTTP answer to an upgrade that was refused. */
async function refusal(
  path: string,
  headers: Record<string, string>,
  protocols = ['bursar.v1'],
): Promise<IncomingMessage> {
  const socket = new WebSocket(gateway.url.replace('http', 'ws') + path, protocols, { headers })
  socket.on('error', () => undefined)
  const [, response] = await once(socket, 'unexpected-response')
  response.resume()
  return response
}

describe('before the upgrade', () => {
  it('refuses a foreign Origin with 403, also one whose protocol is wrong', async () => {
    gateway = await startGateway()
    expect((await refusal('/v1/socket', { origin: 'https://evil.example' })).statusCode).toBe(403)
    expect((await refusal('/v1/socket', { origin: 'null' }, ['other'])).statusCode).toBe(403)
    expect((await refusal('/v1/socket', { 'x-forwarded-for': '203.0.113.9' })).statusCode).toBe(403)
  })

  it('refuses a name that is not its own with 403', async () => {
    gateway = await startGateway({ origins: [site] })
    expect((await refusal('/v1/socket', { origin: site, host: 'evil.example' })).statusCode).toBe(403)
    expect((await refusal('/v1/socket', { host: 'evil.example' })).statusCode).toBe(403)
  })

  it('refuses a client that does not offer bursar.v1 with 400', async () => {
    gateway = await startGateway()
    for (const protocols of [[], ['bursar.v2'], ['graphql-ws', 'bursar.v10']]) {
      expect((await refusal('/v1/socket', {}, protocols)).statusCode).toBe(400)
    }
  })

  it('chooses bursar.v1 among others', async () => {
    gateway = await startGateway()
    const client = openClient(gateway.url, {}, ['bursar.v2', 'bursar.v1'])
    await once(client.socket, 'open')
    expect(client.socket.protocol).toBe('bursar.v1')
    expect(client.socket.extensions).toBe('')
    client.socket.close()
  })

  it('has no socket elsewhere: 404', async () => {
    gateway = await startGateway()
    for (const path of ['/', '/v1', '/v1/socket/more', '/v1/Socket']) {
      expect((await refusal(path, {})).statusCode).toBe(404)
    }
  })

  it('refuses more sockets than it may have with 503', async () => {
    gateway = await startGateway({ maxSockets: 1 })
    const first = await join(gateway.url)
    await first.until('welcome')
    expect((await refusal('/v1/socket', {})).statusCode).toBe(503)
    first.socket.close()
    await first.closed
  })

  it('survives a caller who hangs up on the refusal', async () => {
    gateway = await startGateway()
    const { port, hostname } = new URL(gateway.url)
    const caller = connect(Number(port), hostname)
    caller.write(
      'GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: null\r\n\r\n',
    )
    caller.resetAndDestroy()
    await once(caller, 'close')
    await (await join(gateway.url)).until('welcome')
  })
})

describe('a ticket', () => {
  const socketFrom = (origin: string) => openClient(gateway.url, { origin })
  async function ticketFrom(origin: string): Promise<string> {
    const response = await requestTicket(gateway.url, {}, { origin })
    return ((await response.json()) as { ticket: string }).ticket // cast: checked by the tests of http.ts
  }

  it('opens a conversation', async () => {
    gateway = await startGateway({ origins: [site] })
    const client = socketFrom(site)
    client.send(helloFrame(await ticketFrom(site)))
    await client.until('welcome')
  })

  it('that was used closes with 4401', async () => {
    gateway = await startGateway()
    const { ticket } = await ticketFor(gateway.url)
    const first = openClient(gateway.url)
    first.send(helloFrame(ticket))
    await first.until('welcome')
    const second = openClient(gateway.url)
    second.send(helloFrame(ticket))
    expect(await second.closed).toMatchObject({ code: 4401 })
  })

  it('of another Origin closes with 4401', async () => {
    gateway = await startGateway({ origins: [site, otherSite] })
    const client = socketFrom(otherSite)
    client.send(helloFrame(await ticketFrom(site)))
    expect(await client.closed).toMatchObject({ code: 4401 })
  })

  it('that nobody issued closes with 4401', async () => {
    gateway = await startGateway()
    const client = openClient(gateway.url)
    client.send(helloFrame('made up'))
    expect(await client.closed).toMatchObject({ code: 4401 })
    expect(client.frames).toEqual([])
  })
})

describe('the first frame', () => {
  it('has to come in time: 4408', async () => {
    gateway = await startGateway({ times: { helloDueMs: 20 } })
    expect(await openClient(gateway.url).closed).toMatchObject({ code: 4408 })
  })

  it('in time, keeps the socket open', async () => {
    gateway = await startGateway({ times: { helloDueMs: 300, heartbeatMs: 350 } })
    const client = await join(gateway.url)
    await client.until('ping') // later than the hello was due
    expect(client.socket.readyState).toBe(WebSocket.OPEN)
  })

  it.each([
    ['a command', JSON.stringify(command('msg.send', 'c_0123456789abcdef', { text: 'hi' })), 'bad_frame'],
    ['not JSON', 'hello', 'bad_frame'],
    ['a hello without an instance', '{"t":"hello","ticket":"x","client":{"name":"a","ver":"1"}}', 'invalid_field'],
  ])('being %s closes with 4400', async (_what, frame, code) => {
    gateway = await startGateway()
    const client = openClient(gateway.url)
    client.send(frame)
    expect(await client.next()).toMatchObject({ t: 'err', code })
    expect(await client.closed).toMatchObject({ code: 4400 })
  })

  it('cannot bring back a conversation that is gone: 4410', async () => {
    gateway = await startGateway()
    const { ticket } = await ticketFor(gateway.url)
    gateway.chat.forget()
    const client = openClient(gateway.url)
    client.send(helloFrame(ticket))
    expect(await client.next()).toMatchObject({ t: 'err', code: 'not_found' })
    expect(await client.closed).toMatchObject({ code: 4410 })
  })
})
