import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { StorageError } from '../../../server/errors.ts'
import { ticketReply } from '../../../server/protocol/messages.ts'
import { errorOf, requestTicket, startGateway, type TestGateway, type TestOptions, ticketFor } from './harness.ts'

const site = 'https://www.example.com'

let gateway: TestGateway
const start = async (options: TestOptions = {}) => {
  gateway = await startGateway(options)
}
afterEach(() => gateway.close())
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(gateway.url + path, { method, headers })

describe('POST /v1/tickets', () => {
  it('begins a conversation', async () => {
    await start()
    const response = await requestTicket(gateway.url)
    expect(response.status).toBe(201)
    const reply = ticketReply.parse(await response.json())
    expect(reply.expiresInMs).toBe(60_000)
    expect(Buffer.from(reply.secret, 'base64url').length).toBeGreaterThanOrEqual(16)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('goes on with one whose secret the caller has', async () => {
    await start()
    const { conv, secret, ticket } = await ticketFor(gateway.url)
    const again = await ticketFor(gateway.url, { conv, secret })
    expect(again).toMatchObject({ conv, secret })
    expect(again.ticket).not.toBe(ticket)
  })

  it('answers an unknown conversation as somebody else’s: 404, the same body', async () => {
    await start()
    const { conv, secret } = await ticketFor(gateway.url)
    const bodies = [
      { conv, secret: 'wrong' },
      { conv },
      { conv: 'c_AAAAAAAAAAAAAAAAAAAAAAAA', secret },
      { conv: 'nonsense', secret },
    ]
    const told = await Promise.all(
      bodies.map(async (body) => {
        const response = await requestTicket(gateway.url, body)
        const { trace, ...error } = await errorOf(response)
        return { status: response.status, error }
      }),
    )
    for (const one of told) expect(one).toEqual(told[0])
    expect(told[0]).toMatchObject({ status: 404, error: { code: 'not_found' } })
  })

  it.each([
    ['another role', '{"role":"admin"}', 400, 'invalid_field'],
    ['no role', '{}', 400, 'invalid_field'],
    ['a list', '[]', 400, 'invalid_field'],
    ['a wrong field', '{"role":"customer","conv":7}', 400, 'invalid_field'],
    ['no JSON', '{"role":', 400, 'bad_frame'],
    ['a bare word', '"customer"', 400, 'bad_frame'],
    ['more than 16 KiB', JSON.stringify({ role: 'customer', more: 'x'.repeat(16_384) }), 413, 'too_long'],
  ])('refuses %s', async (_what, body, status, code) => {
    await start()
    const response = await fetch(`${gateway.url}/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(response.status).toBe(status)
    const error = await errorOf(response)
    expect(error.code).toBe(code)
    expect(error.msg).not.toContain('admin')
  })

  it('takes JSON only: a form of another site cannot send that', async () => {
    await start()
    const response = await fetch(`${gateway.url}/v1/tickets`, { method: 'POST', body: '{"role":"customer"}' })
    expect(response.status).toBe(400)
    expect((await errorOf(response)).msg).toContain('application/json')
  })

  it('ignores what tries to be a prototype', async () => {
    await start()
    const response = await fetch(`${gateway.url}/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"__proto__":{"conv":"c_1"},"role":"customer"}',
    })
    expect(response.status).toBe(201)
  })

  it('is limited by address, and says how long to wait', async () => {
    await start({ addressRatePerMinute: 2 })
    for (let i = 0; i < 2; i++) expect((await requestTicket(gateway.url)).status).toBe(201)
    const response = await requestTicket(gateway.url)
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(25)
    expect((await errorOf(response)).code).toBe('rate_limited')
  })

  it('tells a failure below without its reason, and logs that without the text', async () => {
    const lines: string[] = []
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
    const conversations = {
      create: () => Promise.reject(new StorageError('/data/bursar.db is full')),
      admits: () => Promise.reject(new Error('no such row: what the customer wrote')),
    }
    await start({ conversations, log })
    const response = await requestTicket(gateway.url)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('2')
    const stored = await errorOf(response)
    expect(stored).toMatchObject({ code: 'storage_unavailable', msg: expect.not.stringContaining('/data') })
    const broken = await requestTicket(gateway.url, { conv: 'c_1', secret: 'x' })
    expect(broken.status).toBe(500)
    const { trace } = await errorOf(broken)
    const all = lines.join('')
    expect(all).toContain('/data/bursar.db is full')
    expect(all).toContain(trace)
    expect(all).not.toContain('what the customer wrote')
  })
})

describe('origins', () => {
  it('configured ones get an exact echo, without credentials', async () => {
    await start({ origins: [site] })
    const response = await requestTicket(gateway.url, {}, { origin: site })
    expect(response.status).toBe(201)
    expect(response.headers.get('access-control-allow-origin')).toBe(site)
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    expect(response.headers.get('vary')).toContain('Origin')
  })

  it('may ask first', async () => {
    await start({ origins: [site] })
    const ask = (origin: string) => get('/v1/tickets', { origin, 'access-control-request-method': 'POST' }, 'OPTIONS')
    const response = await ask(site)
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe(site)
    expect(response.headers.get('access-control-allow-headers')).toContain('Content-Type')
    const foreign = await ask('https://evil.example')
    expect(foreign.status).toBe(403)
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('others get 403 everywhere under /v1, and no CORS', async () => {
    await start({ origins: [site] })
    for (const [path, method] of [
      ['/v1/tickets', 'POST'],
      ['/v1/conversations/c_1/messages', 'GET'],
      ['/v1/documents/d/versions/1/text', 'GET'],
    ] as const) {
      const response = await get(path, { origin: 'https://evil.example' }, method)
      expect(response.status).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(response.headers.get('vary')).toContain('Origin')
      expect((await errorOf(response)).code).toBe('forbidden')
    }
  })

  it('errors can be read by the page that may call', async () => {
    await start({ origins: [site] })
    const response = await requestTicket(gateway.url, { conv: 'c_1' }, { origin: site })
    expect(response.status).toBe(404)
    expect(response.headers.get('access-control-allow-origin')).toBe(site)
  })

  it('a proxied caller without configured origins is refused', async () => {
    await start()
    expect((await requestTicket(gateway.url, {}, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(403)
    expect((await requestTicket(gateway.url, {}, { origin: 'http://localhost:5173' })).status).toBe(201)
  })
})
