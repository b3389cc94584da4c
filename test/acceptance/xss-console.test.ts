import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { missingChromium, openSharedBrowser } from '../client/support/chromium.ts'
import { type Watch, watchPages } from '../e2e/support/watch.ts'
import { type AgentClient, joinDesk, signIn } from '../support/agent.ts'
import { join as joinChat } from '../support/client.ts'
import { startChatServer } from './support/chat-server.ts'
import { figure, outside, rowsOf } from './support/outside.ts'

interface Payload {
  readonly id: string
  readonly text: string
}

const set = outside('data/xss_payloads/payloads.jsonl')
const password = 'correct horse battery'
/** Payloads in one conversation: less than a snapshot holds messages. */
const together = 190
/** Every so many are said by the customer as well, which costs an answer. */
const saidEvery = 25
/** What nobody's text may ever become. */
const dangerous =
  'script, img, iframe, object, embed, svg, math, style, link, base, meta, video, audio, [onclick], [onerror], [onload], [style], a[href^="javascript" i]'

describe.skipIf(set.skip || missingChromium() !== undefined)(`data/xss_payloads at the desk${set.note}`, () => {
  let server: Awaited<ReturnType<typeof startChatServer>>
  let browser: Browser
  let page: Page
  let watch: Watch
  let bob: AgentClient
  beforeAll(async () => {
    server = await startChatServer()
    const perform = (op: string, args: object) => callAdmin(adminSocket(server.dataDir), op, args)
    await perform('users.add', {
      name: 'ann',
      roles: ['supervisor'],
      password,
      shownAs: '<img src=x onerror=alert(1)>',
    })
    await perform('users.add', { name: 'bob', roles: ['agent'], password, shownAs: '"><script>alert(1)</script>' })
    bob = await joinDesk(server.url, await signIn(server.url, 'bob', password))
    browser = await openSharedBrowser()
    const context = await browser.newContext()
    watch = await watchPages(context, server.url)
    page = await context.newPage()
    await page.goto(`${server.url}/console`)
    await page.getByLabel('User').fill('ann')
    await page.getByLabel('Password').fill(password)
    await page.keyboard.press('Enter')
    await page.getByText('Online', { exact: true }).waitFor()
    await page.getByRole('tab', { name: 'Notes' }).click()
  })
  afterAll(async () => {
    await browser?.close()
    expect(await server.stop()).toBe(0)
  })

  it('each is text and nothing else: as a reply, a note, a reason, a customer’s words', async () => {
    const payloads = rowsOf<Payload>(set.path).filter(({ text }) => text.trim() !== '' && text.length <= 4_000)
    const found: string[] = []
    for (let from = 0; from < payloads.length; from += together) {
      const some = payloads.slice(from, from + together)
      const customer = await joinChat(server.url)
      await customer.command('human.request', {})
      await bob.command('desk.claim', customer.conv, {})
      for (const { text } of some.filter((_, i) => i % saidEvery === 0)) await customer.send(text)
      await Promise.all(
        some.flatMap(({ text }) => [
          bob.command('note.add', customer.conv, { text }),
          bob.command('msg.send', customer.conv, { text }),
        ]),
      )
      // Ann looks on when all is written: one picture of it instead of three hundred.
      await page.locator('.lists section').last().locator('.item').first().click()
      await page
        .locator('.card.note')
        .nth(some.length - 1)
        .waitFor()
      found.push(
        ...(await page
          .locator('#console')
          .locator(dangerous)
          .evaluateAll((nodes) => nodes.map((node) => node.outerHTML))),
      )
      await bob.command('desk.close', customer.conv, { reason: some[0]!.text.replaceAll(/\s+/g, ' ').slice(0, 500) })
      customer.close()
      await page.getByText('No chats.').waitFor()
    }
    figure(`xss payloads at the desk that became anything but text, of ${payloads.length}`, found.length, '0')
    expect(found).toEqual([])
    expect(watch.problems()).toEqual([])
  })
})
