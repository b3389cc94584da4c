import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startGateway, type TestGateway, type TestOptions } from './harness.ts'

let gateway: TestGateway
const start = async (options: TestOptions = {}) => {
  gateway = await startGateway(options)
}
afterEach(() => gateway.close())
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(gateway.url + path, { method, headers })

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

describe('a file with compressed forms beside it', () => {
  const code = 'void 0 // as it is'
  let dir: string
  beforeEach(async () => {
    dir = mkdtempSync(joinPath(tmpdir(), 'client-'))
    writeFileSync(joinPath(dir, 'widget.js'), code)
    writeFileSync(joinPath(dir, 'widget.js.br'), brotliCompressSync(code))
    writeFileSync(joinPath(dir, 'widget.js.gz'), gzipSync(code))
    writeFileSync(joinPath(dir, 'index.html'), '<title>plain</title>')
    writeFileSync(joinPath(dir, 'index.html.gz'), gzipSync('<title>small</title>'))
    await start({ clientDir: dir })
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  /** Not by fetch, which decodes by itself and hides what came. */
  async function ask(path: string, headers: Record<string, string>) {
    const [response] = (await once(httpGet(gateway.url + path, { headers }), 'response')) as [IncomingMessage] // cast: node's event
    const body = Buffer.concat(await response.toArray())
    const coding = response.headers['content-encoding']
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[coding ?? '']
    return { status: response.statusCode, headers: response.headers, coding, text: String(decode?.(body) ?? body) }
  }

  it('is sent in the form that is wanted, each under a tag of its own', async () => {
    const tags = new Set<string | undefined>()
    for (const [accepted, coding] of [
      ['gzip, br', 'br'],
      ['gzip', 'gzip'],
      ['identity', undefined],
    ] as const) {
      const { headers, ...answer } = await ask('/widget.js', { 'accept-encoding': accepted })
      expect(answer).toEqual({ status: 200, coding, text: code })
      expect(headers).toMatchObject({ vary: 'Accept-Encoding', 'cross-origin-resource-policy': 'cross-origin' })
      expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
      tags.add(headers.etag)
      const again = await ask('/widget.js', { 'accept-encoding': accepted, 'if-none-match': headers.etag ?? '' })
      expect([again.status, again.headers.vary]).toEqual([304, 'Accept-Encoding'])
    }
    expect(tags.size).toBe(3)
  })

  it('is sent as it is to who asks for nothing, and in what there is otherwise', async () => {
    expect(await ask('/widget.js', {})).toMatchObject({ coding: undefined, text: code })
    const page = await ask('/', { 'accept-encoding': 'br, gzip' })
    expect(page).toMatchObject({ coding: 'gzip', text: '<title>small</title>' })
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  })

  it('has no compressed form under a name', async () => {
    for (const path of ['/widget.js.br', '/widget.js.gz', '/widget.js%2Ebr']) expect((await get(path)).status).toBe(404)
  })
})

it('without a built client only the API is there', async () => {
  await start()
  expect((await get('/')).status).toBe(404)
})
