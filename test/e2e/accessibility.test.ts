import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { bringAxe, type Focus, focusOf, violations } from './support/accessibility.ts'
import { type DemoSite, openDemoSite, picture, type Tab } from './support/demo-site.ts'
import { describeInBrowser } from './support/in-browser.ts'

const question = 'Can I take money out of the Easy Saver at any time?'
const screens = [
  { width: 1280, height: 800 },
  { width: 320, height: 640 },
]
const schemes = ['light', 'dark'] as const
/** More stops than page and chat have together. */
const maxStops = 60

describeInBrowser('the chat for everybody', () => {
  let site: DemoSite
  beforeAll(async () => {
    site = await openDemoSite()
    await bringAxe(site.context)
  })
  afterAll(() => site?.close())
  afterEach(async () => {
    await site.leave()
    const problems = [...site.watch.problemsBesidesOutage()]
    site.watch.clear()
    expect(problems).toEqual([])
  })

  /** Ways to bring the page into each state that is checked. */
  const states: Readonly<Record<string, (tab: Tab) => Promise<unknown>>> = {
    closed: async () => {},
    open: ({ chat }) => chat.open(),
    answered: async ({ chat }) => {
      await chat.open()
      await chat.ask(question)
      await chat.ask('who won the cup final yesterday')
    },
    'citation-open': async ({ chat }) => {
      await chat.open()
      const answer = await chat.ask(question)
      await answer.locator('summary').first().click()
      await answer.getByRole('link').waitFor()
    },
    recommended: async ({ chat }) => {
      await chat.open()
      await chat.ask('which credit card suits me if I travel a lot')
    },
    'handed-over': async ({ chat }) => {
      await chat.open()
      await chat.ask('I want to talk to a person')
      await chat.notice.waitFor()
    },
    'case-noted': async ({ chat }) => {
      await chat.open()
      await chat.ask('please stop sending me marketing')
      await chat.notice.getByText('No more marketing, by ').waitFor()
    },
    offline: async ({ chat }) => {
      await chat.open()
      await chat.ask(question)
      await site.context.setOffline(true)
      await chat.offline.waitFor()
      await chat.type('are you there')
      await chat.pending.waitFor()
    },
  }

  it.each(Object.keys(states))('has nothing that axe-core objects to: %s', async (state) => {
    const tab = await site.visit()
    await states[state]?.(tab)
    const found: string[] = []
    for (const size of screens) {
      await tab.page.setViewportSize(size)
      for (const colorScheme of schemes) {
        await tab.page.emulateMedia({ colorScheme })
        const where = `${state}-${colorScheme}-${size.width}`
        found.push(...(await violations(tab.page)).map((line) => `${where}: ${line}`))
        await picture(tab.page, `axe-${where}`)
      }
    }
    expect(found).toEqual([])
  })

  /** Press a key until what has the focus is the thing looked for. @returns every stop on the way. */
  async function press(page: Page, key: string, isIt: (focus: Focus) => boolean): Promise<Focus[]> {
    const stops: Focus[] = []
    while (stops.length < maxStops) {
      await page.keyboard.press(key)
      const focus = await focusOf(page)
      stops.push(focus)
      if (isIt(focus)) return stops
    }
    throw new Error(`not reached by ${key}: ${stops.map(({ name }) => name).join(' | ')}`)
  }

  it('can be used with the keyboard alone, and shows where the focus is', async () => {
    const { page, chat } = await site.visit()
    await chat.launcher.waitFor() // else the way leads round the page
    const stops = await press(page, 'Tab', ({ inChat }) => inChat)
    await page.keyboard.press('Enter')
    expect(await focusOf(page)).toMatchObject({ tag: 'textarea', visible: true })
    await page.keyboard.type(question)
    await page.keyboard.press('Enter')
    await chat.answers.first().getByRole('button', { name: 'Helpful', exact: true }).waitFor()
    stops.push(...(await press(page, 'Shift+Tab', ({ tag }) => tag === 'summary')))
    await page.keyboard.press('Enter')
    await chat.panel.getByRole('link', { name: 'Whole document' }).waitFor()
    await picture(page, 'keyboard')
    stops.push(...(await press(page, 'Tab', ({ tag }) => tag === 'a')))
    stops.push(...(await press(page, 'Tab', ({ name }) => name === 'Helpful')))
    await page.keyboard.press('Space')
    await chat.answers.first().getByText('Thank you').waitFor()
    stops.push(...(await press(page, 'Tab', ({ name }) => name === 'Talk to a person')))
    await page.keyboard.press('Enter')
    await chat.notice.getByText('A colleague will take over').waitFor()
    await page.keyboard.press('Escape')
    expect(await focusOf(page)).toMatchObject({ name: expect.stringContaining('Ask a question'), inChat: true })
    // On its way round, the browser may rest between its own controls and the page, where nothing has the focus.
    expect(stops.filter(({ tag, visible }) => tag !== 'body' && !visible)).toEqual([])
  })

  it('keeps the focus in the chat where the chat covers the page', async () => {
    const { page, chat } = await site.visit()
    await page.setViewportSize(screens[1]!)
    await chat.open()
    await chat.ask(question)
    for (const key of ['Tab', 'Shift+Tab']) {
      const { name } = await focusOf(page)
      const stops = await press(page, key, (focus) => focus.name === name)
      expect(stops.length).toBeGreaterThan(4)
      expect(stops.filter(({ inChat }) => !inChat)).toEqual([])
    }
  })
})
