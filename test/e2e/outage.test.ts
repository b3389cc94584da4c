import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type KnownConversation, transcript } from '../support/client.ts'
import { type DemoSite, openDemoSite, picture, type Tab } from './support/demo-site.ts'
import { describeInBrowser } from './support/in-browser.ts'
import { slowLine } from './support/slow-line.ts'

const before = 'Can I take money out of the Easy Saver at any time?'
const last = 'is there a fee for a second card'
const meanwhile = ['what happens if I lose my phone', 'do you have a branch in Leeds', 'thanks, that is all']
/** A client comes back after at most 20 s, and a server needs a moment to start. */
const backWithinMs = 30_000

describeInBrowser('losing the server', () => {
  let site: DemoSite
  let tab: Tab
  beforeAll(async () => {
    site = await openDemoSite()
  })
  afterAll(() => site?.close())
  beforeEach(async () => {
    tab = await site.visit()
    await tab.chat.open()
    await tab.chat.ask(before)
  })
  afterEach(async () => {
    await site.leave()
    const problems = [...site.watch.problemsBesidesOutage()]
    site.watch.clear()
    expect(problems).toEqual([])
  })

  /** Every message of the customer, in order, as the server tells somebody who asks it without the widget. */
  async function kept(): Promise<{ texts: string[]; answersTo: number[] }> {
    const messages = await transcript(site.url, await credentials(tab.page, site.url))
    const own = messages.filter(({ by }) => by === 'customer')
    const answered = messages.filter(({ by }) => by === 'bot').flatMap(({ re }) => re)
    return {
      texts: own.map(({ text }) => text),
      answersTo: own.map(({ mid }) => answered.filter((one) => one === mid).length),
    }
  }

  /** The server is gone: write, let it come back, and look at what both sides have. */
  async function writeMeanwhile(expected: readonly string[]): Promise<void> {
    const { chat, page } = tab
    await chat.offline.waitFor()
    for (const text of meanwhile) await chat.type(text)
    for (const text of meanwhile) {
      const note = chat.pending.filter({ hasText: text }).getByText('Will be sent when you are back online')
      await note.waitFor() // fails if there are two
    }
    await picture(page, `offline-${expected.length}`)
    await site.restart()
    await chat.offline.waitFor({ state: 'hidden', timeout: backWithinMs })
    await chat.sent.nth(expected.length - 1).waitFor()
    expect(await chat.pending.count()).toBe(0)
    expect(await chat.sent.allInnerTexts()).toEqual(expected)
    await expect.poll(kept).toEqual({ texts: expected, answersTo: expected.map(() => 1) })
    await page.reload()
    await chat.open()
    await chat.sent.nth(expected.length - 1).waitFor()
    expect(await chat.sent.allInnerTexts()).toEqual(expected)
    expect(await chat.pending.count()).toBe(0)
  }

  async function kill(): Promise<void> {
    const server = site.server()
    server.process.kill('SIGKILL')
    await server.exited
  }

  it('loses and doubles nothing when the server is stopped and started again', async () => {
    const server = site.server()
    server.process.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    await writeMeanwhile([before, ...meanwhile])
  })

  it('loses and doubles nothing when the server is killed with a message on its way', async () => {
    const { chat, page } = tab
    const leaving = new Promise<void>((resolve) => {
      // Frames of a connection are seen only by those who listen since it was opened.
      page.on('websocket', (socket) =>
        socket.on('framesent', ({ payload }) => {
          if (String(payload).includes(last)) resolve()
        }),
      )
    })
    await page.reload()
    await chat.open()
    await chat.sent.first().waitFor()
    await chat.type(last)
    await leaving
    await kill()
    await writeMeanwhile([before, last, ...meanwhile])
  })

  it('loses and doubles nothing when the server is killed before its acknowledgement is heard', async () => {
    const { chat, page } = tab
    const line = await slowLine(page)
    await page.reload()
    await chat.open()
    await chat.sent.first().waitFor()
    await line.holdFrom('ack')
    await chat.type(last)
    await expect.poll(async () => (await kept()).answersTo).toEqual([1, 1])
    expect(await chat.pending.count()).toBe(1)
    await kill()
    await chat.offline.waitFor()
    await line.lose()
    await writeMeanwhile([before, last, ...meanwhile])
  })

  it('keeps messages while the browser is offline, also over a change of mind', async () => {
    const { chat, page } = tab
    await site.context.setOffline(true)
    await chat.offline.waitFor()
    await chat.type(meanwhile[0]!)
    await page.keyboard.press('Escape')
    await chat.open()
    await chat.pending.filter({ hasText: meanwhile[0]! }).waitFor()
    await site.context.setOffline(false)
    await chat.sent.nth(1).waitFor()
    await expect.poll(kept).toEqual({ texts: [before, meanwhile[0]], answersTo: [1, 1] })
  })
})

/** What the browser has stored to go on with its conversation. */
async function credentials(page: Page, url: string): Promise<KnownConversation> {
  const stored = await page.evaluate<string>(`localStorage.getItem('bursar:${url}:conv')`)
  return JSON.parse(stored)
}
