import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StorageError } from '../../../server/errors.ts'
import type { GatewayOptions } from '../../../server/gateway/options.ts'
import { ticketReply } from '../../../server/protocol/messages.ts'
import { command, join, requestTicket, startGateway, type TestGateway, ticketFor } from './harness.ts'
import { say } from './memory-chat.ts'

const site = 'https://www.example.com'

let gateway: TestGateway
const start = async (options: Partial<GatewayOptions> = {}) => {
  gateway = await startGateway(options)
}
afterEach(() => gateway.close())

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(gateway.url + path, { method, headers })
const errorOf = async (response: Response) => {
  const { error } = (await response.json()) as { error: { code: string; msg: string; field?: string; trace: string } } // cast: what is tested
  expect(error.trace).toBe(response.headers.get('x-request-id'))
  return error
}

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

describe('GET /v1/conversations/:id/messages', () => {
  beforeEach(() => start())
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

  it('pages backwards through older messages', async () => {
    const client = await join(gateway.url)
    await client.until('welcome')
    gateway.chat.append(client.conv, ...Array.from({ length: 250 }, (_, i) => say(`${i + 1}`)))
    const page = async (query: string) => {
      const response = await get(`/v1/conversations/${client.conv}/messages${query}`, bearer(client.secret))
      expect(response.status).toBe(200)
      return (await response.json()) as { messages: { seq: number }[]; more: boolean } // cast: what is tested
    }
    const older = await page('?before=250')
    expect(older.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, i) => i + 50))
    expect(older.more).toBe(true)
    expect(await page('?before=50')).toMatchObject({ more: false, messages: { length: 49 } })
    expect((await page('')).messages.at(-1)?.seq).toBe(250)
  })

  it('needs the secret: 401 without, 404 with another or for an unknown conversation', async () => {
    const { conv, secret } = await ticketFor(gateway.url)
    const path = (id: string) => `/v1/conversations/${id}/messages`
    const without = await get(path(conv))
    expect(without.status).toBe(401)
    expect(without.headers.get('www-authenticate')).toBe('Bearer')
    expect((await get(path(conv), { authorization: 'Basic eDp5' })).status).toBe(401)
    expect((await get(path(conv), bearer('wrong'))).status).toBe(404)
    expect((await get(path('c_other'), bearer(secret))).status).toBe(404)
    expect((await get(path('%E0%A4%A'), bearer(secret))).status).toBe(400)
  })

  it.each(['0', '-1', '1.5', 'x', '', '1e3', '9'.repeat(20)])('refuses before=%s', async (before) => {
    const { conv, secret } = await ticketFor(gateway.url)
    const response = await get(`/v1/conversations/${conv}/messages?before=${before}`, bearer(secret))
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_field', field: 'before' })
  })
})

describe('GET /v1/documents/:doc/versions/:ver/text', () => {
  const asked: unknown[] = []
  beforeEach(() =>
    start({
      documents: {
        text: async (doc, ver, role) => {
          asked.push([doc, ver, role])
          return doc === 'fees/cards.csv#row 7' && ver === 2 ? { text: 'Zürich · 费 😀\n', title: 'Fees' } : undefined
        },
      },
    }),
  )

  it('serves the canonical text as it is', async () => {
    const response = await get(`/v1/documents/${encodeURIComponent('fees/cards.csv#row 7')}/versions/2/text`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toBe('Zürich · 费 😀\n')
    expect(asked.at(-1)).toEqual(['fees/cards.csv#row 7', 2, 'customer'])
  })

  it.each(['0', '3', '-1', '2.0', 'two', '2x', '99999999999', '02'])('has no version %s', async (ver) => {
    const response = await get(`/v1/documents/${encodeURIComponent('fees/cards.csv#row 7')}/versions/${ver}/text`)
    expect(response.status).toBe(404)
    expect((await errorOf(response)).code).toBe('not_found')
  })
})

describe('probes', () => {
  it('tell that the process lives, and whether it is ready', async () => {
    const state = { ready: false, waiting: ['engines'] }
    await start({ readiness: () => state })
    expect(await (await get('/healthz')).json()).toEqual({ ok: true })
    const waiting = await get('/readyz')
    expect(waiting.status).toBe(503)
    expect(await waiting.json()).toEqual({ ready: false, waiting: ['engines'] })
    Object.assign(state, { ready: true, waiting: [] })
    expect((await get('/readyz')).status).toBe(200)
  })

  it('count what happens, under few labels', async () => {
    await start()
    const client = await join(gateway.url)
    client.send(command('msg.send', client.conv, { text: 'hello' }))
    await client.until('ack')
    for (let i = 0; i < 5; i++) await get(`/invented/${i}`)
    const response = await get('/metrics')
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = await response.text()
    expect(text).toContain('bursar_frames_received_total{type="msg.send"} 1')
    expect(text).toContain('bursar_sockets 1')
    expect(text).toContain('bursar_http_requests_total{route="v1/tickets",status="201"} 1')
    expect(text).toContain('bursar_http_requests_total{route="other",status="404"} 5')
    expect(text).not.toContain('invented')
  })
})

describe('the built client', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(joinPath(tmpdir(), 'client-'))
    writeFileSync(joinPath(dir, 'index.html'), '<!doctype html><title>demo</title>')
    writeFileSync(joinPath(dir, 'widget.js'), 'void 0')
    writeFileSync(joinPath(dir, '.built'), 'secret')
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  it('is served under a strict policy', async () => {
    await start({ clientDir: dir })
    const page = await get('/')
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).toContain('demo')
    const policy = page.headers.get('content-security-policy') ?? ''
    const { host } = new URL(gateway.url)
    expect(policy.split(';')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `connect-src 'self' ws://${host} wss://${host}`,
      "img-src 'self' data:",
      "font-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "object-src 'none'",
    ])
    expect(page.headers.get('x-powered-by')).toBeNull()
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.headers.get('cross-origin-resource-policy')).toBe('same-origin')
  })

  it('has a widget that other sites may embed', async () => {
    await start({ clientDir: dir })
    const response = await get('/widget.js', { origin: 'https://www.example.com' })
    expect(response.headers.get('content-type')).toContain('javascript')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    // Not by fetch: with this header it asks for no cached answer.
    const again = httpGet(`${gateway.url}/widget.js`, {
      headers: { 'if-none-match': response.headers.get('etag') ?? '' },
    })
    const [second] = (await once(again, 'response')) as [IncomingMessage] // cast: node's event
    second.resume()
    expect(second.statusCode).toBe(304)
  })

  it('serves nothing else', async () => {
    await start({ clientDir: dir })
    for (const path of ['/.built', '/nothing.js', '/v1/nothing', '/..%2f..%2fetc%2fpasswd', '/%00', '/index.html/x']) {
      const response = await get(path)
      expect([400, 404]).toContain(response.status)
      expect((await errorOf(response)).code).toMatch(/not_found|bad_frame/)
    }
    expect((await get('/widget.js', {}, 'POST')).status).toBe(404)
  })

  it('gets no more into its policy than a host from the Host header', async () => {
    await start({ clientDir: dir })
    const { port, hostname } = new URL(gateway.url)
    const caller = connect(Number(port), hostname)
    caller.write("GET / HTTP/1.1\r\nHost: x; script-src 'unsafe-inline'\r\nConnection: close\r\n\r\n")
    const chunks: Buffer[] = []
    caller.on('data', (chunk) => chunks.push(chunk))
    await once(caller, 'close')
    const answer = Buffer.concat(chunks).toString()
    expect(answer).toContain("connect-src 'self'")
    expect(answer).not.toContain('unsafe-inline')
  })
})

it('without a built client only the API is there', async () => {
  await start()
  expect((await get('/')).status).toBe(404)
})
