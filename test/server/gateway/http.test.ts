import { once } from 'node:events'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  command,
  emptyStore,
  errorOf,
  join,
  startGateway,
  type TestGateway,
  type TestOptions,
  ticketFor,
} from './harness.ts'
import { say } from './memory-chat.ts'

let gateway: TestGateway
const start = async (options: TestOptions = {}) => {
  gateway = await startGateway(options)
}
afterEach(() => gateway.close())
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(gateway.url + path, { method, headers })

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
        ...emptyStore.documents,
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

describe('a page that has its own name lead here', () => {
  /** Not by fetch, which writes the Host header itself. */
  async function getAs(host: string, path: string): Promise<{ status: number | undefined; body: string }> {
    const [response] = (await once(httpGet(gateway.url + path, { headers: { host } }), 'response')) as [IncomingMessage] // cast: node's event
    const chunks: Buffer[] = await response.toArray()
    return { status: response.statusCode, body: Buffer.concat(chunks).toString() }
  }
  const documents = { ...emptyStore.documents, text: async () => ({ text: 'for this machine only', title: 'Fees' }) }
  const text = '/v1/documents/fees/versions/1/text'

  it.each([[[]], [['https://www.example.com']]])('reads nothing, with the origins %j', async (origins) => {
    await start({ documents, origins })
    for (const path of [text, '/metrics', '/healthz', '/readyz', '/v1/openapi.json', '/']) {
      const { status, body } = await getAs('evil.example:8080', path)
      expect([status, JSON.parse(body)]).toMatchObject([403, { error: { code: 'forbidden' } }])
      expect(body).toContain('BURSAR_ORIGINS')
    }
    const { port } = new URL(gateway.url)
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect(await getAs(host, text)).toEqual({ status: 200, body: 'for this machine only' })
  })

  it('but one whose name is configured does', async () => {
    await start({ documents, origins: ['https://www.example.com'] })
    expect((await getAs('www.example.com', text)).status).toBe(200)
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
