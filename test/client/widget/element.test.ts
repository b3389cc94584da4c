import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Completed, CustomerFrame } from '../../../server/protocol/events.ts'
import { maxTextChars } from '../../../server/protocol/limits.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { type Browser, missingChromium, openBrowser } from '../support/chromium.ts'
import { citation, completed, quoting } from '../support/fixtures.ts'
import { event, type Peer, startWireServer, type WireServer, welcome } from '../support/wire-server.ts'

const root = resolve(import.meta.dirname, '../../..')
const text = 'Cards\n\nThe fee is 2.75%. It is the same online.\n\n\tShops\tCash\nDebit card\t2.75%\t£1.50'
const mid = (n: number): string => `m_${String(n).padStart(16, '0')}`
const missing = missingChromium()

describe.skipIf(missing !== undefined)(`<bursar-chat> in a browser${missing ? `: not run, ${missing}` : ''}`, () => {
  const dist = temporaryFolder()
  let browser: Browser
  let server: WireServer
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    const options = ['build', '--logLevel', 'error', '--outDir', dist, '--emptyOutDir']
    const built = spawnSync(process.execPath, [vite, ...options], { cwd: root, encoding: 'utf8' })
    expect(built.status, built.stderr).toBe(0)
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    server = await startWireServer(dist, { 'policies/cards.md/versions/2/text': text })
    page = await browser.context.newPage()
    problems = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(`${server.origin}/`)
  })
  afterEach(async () => {
    await page.close()
    await server.close()
    // A strict policy, an error in the widget: the browser says both here.
    expect(problems).toEqual([])
  })

  const box = () => page.getByRole('textbox')
  const launcher = () => page.locator('bursar-chat .launcher')
  async function connected(): Promise<{ peer: Peer; conv: string }> {
    await launcher().click()
    const peer = await server.peer()
    const conv = server.convOf(peer.hello.ticket)
    peer.send(welcome(conv))
    return { peer, conv }
  }
  const begun = (conv: string, seq: number): CustomerFrame =>
    event('msg.created', seq, { mid: mid(seq), by: 'bot', re: [], status: 'streaming' }, conv)
  const done = (conv: string, seq: number, more: Partial<Completed>): CustomerFrame =>
    event('msg.completed', seq + 1, completed(mid(seq), more), conv)
  const quotes = [
    citation(1, text, ['The fee is 2.75%.']),
    citation(2, text, ['\tShops\tCash', 'Debit card\t2.75%\t£1.50']),
  ]
  const cited: Partial<Completed> = { ...quoting(quotes), next: ['Cash abroad'] }

  it('asks the server nothing before it is opened, then puts the cursor in the box; Escape goes back', async () => {
    await launcher().click()
    expect((await server.ticketBody()).conv).toBeUndefined()
    expect(await box().evaluate((node) => node.matches(':focus'))).toBe(true)
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await launcher().evaluate((node) => node.matches(':focus'))).toBe(true)
  })

  it('sends by Enter, breaks the line by Shift+Enter, and leaves Enter to an input method', async () => {
    const { peer } = await connected()
    await box().fill('one')
    await box().dispatchEvent('keydown', { key: 'Enter', isComposing: true })
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('two')
    await page.keyboard.press('Enter')
    expect((await peer.frame('msg.send')).d.text).toBe('one\ntwo')
    expect(peer.frames.rest()).toEqual([])
    expect(await box().inputValue()).toBe('')
  })

  it('does not send what is too long, and says by how much', async () => {
    await launcher().click()
    await box().fill('x'.repeat(maxTextChars + 3))
    expect(await page.locator('bursar-chat .count').textContent()).toContain('-3')
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
    await page.keyboard.press('Enter')
    expect((await box().inputValue()).length).toBe(maxTextChars + 3)
  })

  it('shows a streamed answer, then its quotes with sources that unfold in their document', async () => {
    const { peer, conv } = await connected()
    peer.send(begun(conv, 1))
    peer.send({ t: 'msg.delta', conv, d: { mid: mid(1), n: 1, off: 0, text: 'The fee is' } })
    await page.locator('.streaming', { hasText: 'The fee is' }).waitFor()
    peer.send(done(conv, 1, cited))
    const sources = page.locator('summary')
    await sources.nth(1).waitFor()
    expect(await page.locator('blockquote').first().textContent()).toBe('The fee is 2.75%.')
    expect(await page.locator('dt, dd').allTextContents()).toEqual(['Debit card', 'Shops', '2.75%', 'Cash', '£1.50'])
    await sources.first().click()
    await page.locator('.context', { hasText: 'It is the same online.' }).waitFor()
    expect(await page.locator('mark').first().textContent()).toBe('The fee is 2.75%.')
    const link = page.getByRole('link', { name: 'Whole document' }).first()
    expect(await link.getAttribute('href')).toBe(`${server.origin}/v1/documents/policies%2Fcards.md/versions/2/text`)
  })

  it('leaves an unfolded source, its focus and the place in the log alone when more arrives', async () => {
    const { peer, conv } = await connected()
    for (const frame of [begun(conv, 1), done(conv, 1, cited)]) peer.send(frame)
    await page.locator('summary').first().click()
    const held = await page.locator('summary').first().elementHandle()
    for (const frame of [begun(conv, 3), done(conv, 3, { text: 'More.' })]) peer.send(frame)
    await page.locator('article', { hasText: 'More.' }).waitFor()
    expect(await held?.evaluate((node) => node.isConnected && node.matches(':focus'))).toBe(true)
    expect(await page.locator('details').first().getAttribute('open')).toBe('')
  })

  it('shows whatever it receives as text', async () => {
    const { peer, conv } = await connected()
    const nasty = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    const quote = { ...quotes[0]!, title: nasty, quote: nasty, spans: [[0, nasty.length]] as [number, number][] }
    const recs = [{ product: 'p', title: nasty, reasons: [nasty], eligible: true as const }]
    peer.send(begun(conv, 1))
    peer.send(done(conv, 1, { text: nasty, parts: [{ cite: 1 }], cites: [quote], next: [nasty] }))
    peer.send(begun(conv, 3))
    peer.send(done(conv, 3, { kind: 'recommend', text: nasty, recs }))
    await page.locator('.card').waitFor()
    expect(await page.locator('bursar-chat img, bursar-chat script').count()).toBe(0)
    expect(await page.title()).toContain('Northmoor')
  })

  it('has a screen reader say each finished answer once', async () => {
    const { peer, conv } = await connected()
    const spoken = page.locator('bursar-chat > p[role=status], bursar-chat p.sr[role=status]')
    await spoken.evaluate((node) => {
      const heard: string[] = []
      new MutationObserver(() => heard.push(node.textContent ?? '')).observe(node, {
        childList: true,
        characterData: true,
      })
      Object.assign(window, { heard })
    })
    peer.send(begun(conv, 1))
    for (let n = 1; n <= 5; n++)
      peer.send({ t: 'msg.delta', conv, d: { mid: mid(1), n, off: (n - 1) * 2, text: 'ab' } })
    peer.send(done(conv, 1, { text: 'The whole answer.' }))
    await page.locator('article', { hasText: 'The whole answer.' }).waitFor()
    expect(await page.evaluate('heard')).toEqual(['The whole answer.'])
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('off')
  })

  it('counts what was not seen on the launcher, and tells the server when it is', async () => {
    const { peer, conv } = await connected()
    await page.keyboard.press('Escape')
    for (const frame of [begun(conv, 1), done(conv, 1, { text: 'Hidden.' })]) peer.send(frame)
    await page.getByRole('button', { name: 'New messages: 1' }).click()
    expect((await peer.frame('read')).d).toEqual({ upto: 1 })
  })

  it('keeps a draft, and a message that could not be sent, over a reload', async () => {
    const { peer, conv } = await connected()
    await box().fill('on its way')
    await page.keyboard.press('Enter')
    const { id } = await peer.frame('msg.send')
    await box().fill('half a thought')
    await page.reload()
    const next = await server.peer()
    expect([server.convOf(next.hello.ticket), (await next.frame('msg.send')).id]).toEqual([conv, id])
    await launcher().click()
    expect(await box().inputValue()).toBe('half a thought')
    await page.locator('.pending', { hasText: 'on its way' }).waitFor()
  })

  it('keeps the focus in the panel when the chat ends, and when a new one begins', async () => {
    const { peer, conv } = await connected()
    for (const frame of [begun(conv, 1), done(conv, 1, { text: 'Anything else?' })]) peer.send(frame)
    await page.getByRole('button', { name: 'End chat' }).click()
    await page.getByRole('button', { name: 'End it' }).click()
    const { id } = await peer.frame('conv.close')
    peer.send({ t: 'ack', re: id })
    peer.send(event('conv.state', 3, { state: 'closed' }, conv))
    const again = page.getByRole('button', { name: 'Start a new chat' })
    await again.waitFor()
    expect(await again.evaluate((node) => node.matches(':focus'))).toBe(true)
    await page.keyboard.press('Enter')
    expect(server.convOf((await server.peer()).hello.ticket)).not.toBe(conv)
    expect(await box().evaluate((node) => node.matches(':focus'))).toBe(true)
  })

  it('keeps the keyboard inside where it covers the page', async () => {
    await page.setViewportSize({ width: 320, height: 640 })
    await launcher().click()
    await page.locator('bursar-chat .panel button').first().focus()
    await page.keyboard.press('Shift+Tab')
    expect(await page.locator('bursar-chat .panel').evaluate((node) => node.matches(':focus-within'))).toBe(true)
    for (let i = 0; i < 12; i++) await page.keyboard.press('Tab')
    expect(await page.locator('bursar-chat .panel').evaluate((node) => node.matches(':focus-within'))).toBe(true)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  })

  it('goes on when it is moved, and lets go of everything when it is taken away', async () => {
    const { peer, conv } = await connected()
    await page.evaluate(() => document.querySelector('main')?.append(document.querySelector('bursar-chat') ?? ''))
    for (const frame of [begun(conv, 1), done(conv, 1, { text: 'Still here.' })]) peer.send(frame)
    await page.locator('article', { hasText: 'Still here.' }).waitFor()
    const gone = new Promise((closed) => peer.socket.once('close', closed))
    await page.evaluate(() => document.querySelector('bursar-chat')?.remove())
    expect(await gone).toBe(1000)
  })

  it('leaks nothing over fifty lives', async () => {
    await page.evaluate(async () => {
      const lives: WeakRef<Element>[] = []
      for (let i = 0; i < 50; i++) {
        const chat = document.createElement('bursar-chat')
        document.body.append(chat)
        chat.remove()
        lives.push(new WeakRef(chat))
        await new Promise(requestAnimationFrame)
      }
      const left = () => lives.filter((life) => life.deref()).length
      // The last one may still stand on the stack, and requests under way hold theirs until they end: one that leaks never goes.
      while (left() > 1) {
        await new Promise(requestAnimationFrame)
        // Switched on by the browser's --expose-gc.
        if ('gc' in globalThis && typeof globalThis.gc === 'function') globalThis.gc()
      }
    })
  })

  const load = (src: string) =>
    page.evaluate((from) => {
      const script = document.createElement('script')
      script.src = from
      return new Promise((loaded) => {
        script.onload = loaded
        document.head.append(script)
      })
    }, src)

  it('can be loaded twice', async () => {
    await load('/widget.js?again')
    expect(await launcher().count()).toBe(1)
  })

  it('comes to life on another site, after the page wrote the element, where storage is forbidden', async () => {
    const site = await startWireServer(dist, { blank: 'A page of the bank.', '/favicon.ico': '' })
    await page.goto(`${site.origin}/v1/documents/blank`)
    await page.evaluate(() => {
      for (const area of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, area, {
          get() {
            throw new DOMException('denied', 'SecurityError')
          },
        })
      }
      const chat = document.createElement('bursar-chat')
      chat.setAttribute('open', '')
      document.body.append(chat)
    })
    await load(`${server.origin}/widget.js`)
    const peer = await server.peer()
    await box().fill('hello')
    await page.keyboard.press('Enter')
    expect((await peer.frame('msg.send')).d.text).toBe('hello')
    await page.goto('about:blank')
    await site.close()
  })

  it('speaks Chinese where the page does, and follows a change', async () => {
    await launcher().click()
    await page.evaluate(() => document.querySelector('bursar-chat')?.setAttribute('lang', 'zh-CN'))
    await page.getByRole('dialog', { name: '智能助手' }).waitFor()
    expect(await page.getByRole('button', { name: '联系人工' }).count()).toBe(1)
  })

  it('tells the page of an answer', async () => {
    const { peer, conv } = await connected()
    const told = page.evaluate(
      () =>
        new Promise((resolve) =>
          document.addEventListener('bursar:answer', (answer) => resolve('detail' in answer && answer.detail)),
        ),
    )
    await page.evaluate(() => {}) // the listener is there
    for (const frame of [begun(conv, 1), done(conv, 1, { text: 'Told.' })]) peer.send(frame)
    expect(await told).toMatchObject({ mid: mid(1), kind: 'answer', text: 'Told.' })
  })
})
