import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { callAdmin } from '../../server/gateway/admin-socket.ts'
import { adminSocket } from '../../server/main.ts'
import { openSharedBrowser } from '../client/support/chromium.ts'
import { bringAxe, violations } from './support/accessibility.ts'
import { type DemoSite, openDemoSite, picture } from './support/demo-site.ts'
import { describeInBrowser } from './support/in-browser.ts'
import { type Watch, watchPages } from './support/watch.ts'

const password = 'correct horse battery'
const schemes = ['light', 'dark'] as const
const sizes = [
  { width: 1280, height: 800 },
  { width: 820, height: 1100 },
]

describeInBrowser('the desk in a browser', () => {
  let site: DemoSite
  let browser: Browser
  const watches: Watch[] = []
  const pages: Record<string, Page> = {}

  beforeAll(async () => {
    site = await openDemoSite()
    browser = await openSharedBrowser()
    for (const [name, role, shownAs] of [
      ['ann', 'agent', 'Ann Archer'],
      ['bob', 'agent', 'Bob'],
      ['sue', 'supervisor', 'Sue'],
    ])
      await callAdmin(adminSocket(site.dataDir), 'users.add', { name, roles: [role], password, shownAs })
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  /** Somebody's own browser, at the door of the desk. */
  async function arrive(name: string): Promise<Page> {
    const context = await browser.newContext({ viewport: sizes[0]!, reducedMotion: 'reduce', locale: 'en-GB' })
    context.setDefaultTimeout(10_000)
    watches.push(await watchPages(context, site.url))
    await bringAxe(context)
    const page = await context.newPage()
    await page.goto(`${site.url}/console`)
    pages[name] = page
    return page
  }
  async function signIn(name: string): Promise<Page> {
    const page = await arrive(name)
    await page.getByLabel('User').fill(name)
    await page.getByLabel('Password').fill(password)
    await page.keyboard.press('Enter')
    await page.getByText('Online', { exact: true }).waitFor()
    return page
  }
  async function inspect(page: Page, state: string): Promise<string[]> {
    const found: string[] = []
    for (const [i, size] of sizes.entries()) {
      await page.setViewportSize(size)
      // Every page in both schemes and at both sizes; each pair of them for the page that is looked at the most.
      for (const colorScheme of state === 'chat' ? schemes : [schemes[i]!]) {
        await page.emulateMedia({ colorScheme })
        const where = `desk-${state}-${colorScheme}-${size.width}`
        found.push(...(await violations(page)).map((line) => `${where}: ${line}`))
        await picture(page, where)
      }
    }
    await page.setViewportSize(sizes[0]!)
    return found
  }
  const last = (page: Page) => page.locator('.message').last()

  it('lets in who works there', async () => {
    const page = await arrive('ann')
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await inspect(page, 'door')).toEqual([])
    await page.getByLabel('User').fill('ann')
    await page.getByLabel('Password').fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByText('Wrong name or password.').waitFor()
    await page.getByLabel('Password').fill(password)
    await page.keyboard.press('Enter')
    await page.getByText('Nobody waits.').waitFor()
    await signIn('bob')
    await signIn('sue')
  })

  it('takes a customer over by keyboard, with all that they were told, and both talk', async () => {
    const [ann, bob] = [pages.ann!, pages.bob!]
    const { chat, page: customer } = await site.visit()
    await chat.open()
    await chat.ask('What is the late payment fee on my credit card?')
    await chat.ask('I want to talk to a person')
    await ann.getByRole('button', { name: 'Take the next' }).waitFor()
    await bob.getByRole('button', { name: 'Take the next' }).waitFor()
    await ann.keyboard.press('t')
    await ann.locator('.owner', { hasText: 'With you' }).waitFor()
    await bob.getByText('Nobody waits.').waitFor()
    await ann.locator('summary').first().click()
    await ann.locator('blockquote').first().waitFor()
    await ann.locator('summary').first().click()
    await customer.getByText('Ann Archer').first().waitFor()
    await chat.type('And how expensive is an arranged overdraft?')
    await last(ann).getByText('arranged overdraft').waitFor()
    await ann.locator('#panel .card').getByText('34.9').first().waitFor()
    await ann.keyboard.press('r')
    await ann.keyboard.type('It is 34.9 % a year.')
    await ann.keyboard.press('Enter')
    await chat.panel.getByText('It is 34.9 % a year.').waitFor()
    expect(await inspect(ann, 'chat')).toEqual([])
    await customer.close()
  })

  it('searches policies as one types, keeps notes from the customer and settles cases', async () => {
    const ann = pages.ann!
    await ann.locator('body').click({ position: { x: 5, y: 5 } })
    await ann.keyboard.press('/')
    await ann.keyboard.type('overdraft interest')
    await ann
      .locator('#panel .card')
      .first()
      .locator('mark', { hasText: /overdraft/i })
      .first()
      .waitFor()
    expect(await inspect(ann, 'search')).toEqual([])
    await ann.keyboard.press('Escape')
    await ann.keyboard.press('n')
    await ann.keyboard.type('\u202Epolite <img src=x onerror=alert(1)>')
    await ann.getByRole('button', { name: 'Add note' }).click()
    await ann.locator('.card.note').getByText('polite').waitFor()
    expect(await ann.locator('.card.note img').count()).toBe(0)
    expect(await inspect(ann, 'notes')).toEqual([])
    await ann.keyboard.press('Escape')
    await ann.keyboard.press('?')
    await ann.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    expect(await inspect(ann, 'help')).toEqual([])
    await ann.keyboard.press('Escape')
  })

  it('goes on after the server was killed, and hands over to a colleague who ends the chat', async () => {
    const [ann, bob, sue] = [pages.ann!, pages.bob!, pages.sue!]
    await ann.locator('.item').first().click()
    site.server().process.kill('SIGKILL')
    await site.server().exited
    await ann.getByText('Connection lost').waitFor()
    await ann.locator('#reply').fill('Anything else?')
    await ann.keyboard.press('Enter') // waits for the connection
    await site.restart()
    for (const page of [ann, bob, sue]) await page.getByText('Online', { exact: true }).waitFor({ timeout: 30_000 })
    await ann.locator('.message.agent').getByText('Anything else?').waitFor()
    expect(await ann.locator('.message.agent').count()).toBe(2)
    await sue.locator('.item').first().click()
    await sue.locator('.owner', { hasText: 'With Ann Archer' }).waitFor()
    await sue.getByRole('button', { name: 'Transfer' }).click()
    await sue.getByLabel('User name of the colleague').fill('bob')
    await sue.keyboard.press('Enter')
    await bob.locator('.item').first().click()
    await bob.locator('.owner', { hasText: 'With you' }).waitFor()
    await ann.getByText('Take the conversation to answer.').waitFor()
    await bob.getByRole('button', { name: 'End chat' }).click()
    await bob.getByLabel('Why it ends').fill('answered')
    await bob.keyboard.press('Enter')
    await bob.getByText('This conversation has ended.').waitFor()
    await bob.getByRole('button', { name: 'Past chats' }).click()
    await bob.getByRole('searchbox').fill('zebra')
    await bob.keyboard.press('Enter')
    await bob.getByText('Nothing found.').waitFor()
    await bob.getByRole('searchbox').fill('late payment')
    await bob.keyboard.press('Enter')
    await bob.getByRole('button', { name: 'What is the late payment fee' }).waitFor()
    expect(await inspect(bob, 'past')).toEqual([])
    expect(await bob.getByRole('button', { name: 'Figures' }).count()).toBe(0)
    await sue.getByRole('button', { name: 'Figures' }).click()
    await sue.getByText('Why they were handed over').waitFor()
    expect(await inspect(sue, 'figures')).toEqual([])
    await bob.getByRole('button', { name: 'What is the late payment fee' }).click()
    await bob.getByText('This conversation has ended.').waitFor()
    expect(watches.flatMap((watch) => watch.problemsBesidesOutage()).filter((line) => !/\b401\b/.test(line))).toEqual(
      [],
    )
  })
})
