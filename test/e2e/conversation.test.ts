import { gzipSync } from 'node:zlib'
import type { Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type DemoSite, openDemoSite, picture, type Tab } from './support/demo-site.ts'
import { describeInBrowser } from './support/in-browser.ts'
import { slowLine } from './support/slow-line.ts'
import { flat, sourceOf } from './support/source-files.ts'

const maxWidgetBytes = 20_000
/** Questions in customers' words, and what an answer that is right has to say. */
const questions = [
  ['What is the late payment fee on my credit card?', 'late payment fee on credit cards is £'],
  ['What does the Plus Current Account cost per month?', '£5.00 a month'],
  ['Can I take money out of the Easy Saver at any time?', 'at any time'],
  ['How expensive is an arranged overdraft?', '34.9%'],
  ['Where can I change the PIN of my card?', 'at any cash machine'],
] as const
const today = new Date().toISOString().slice(0, 10)
const reference = /[0-9A-Z]{4}-[0-9A-Z]{4}/

describeInBrowser('a conversation on the demo page', () => {
  let site: DemoSite
  let tab: Tab
  beforeAll(async () => {
    site = await openDemoSite()
  })
  afterAll(() => site?.close())
  beforeEach(async () => {
    tab = await site.visit()
    await tab.chat.open()
  })
  afterEach(async () => {
    await site.leave()
    const problems = [...site.watch.problems()]
    site.watch.clear()
    expect(problems).toEqual([])
  })

  it('answers five questions with sentences of the source files, and shows where they stand', async () => {
    for (const [question, fact] of questions) {
      const answer = await tab.chat.ask(question)
      expect(flat(await answer.locator('blockquote').first().innerText()), question).toContain(fact)
      await checkCitations(answer)
    }
    await picture(tab.page, 'five-answers')
    const kinds = site.watch.frames(tab.page).map(({ t }) => t)
    expect(kinds.filter((kind) => kind === 'msg.completed').length).toBe(questions.length)
    expect(kinds.indexOf('msg.delta')).toBeGreaterThan(kinds.indexOf('msg.created'))
    expect(kinds.indexOf('msg.delta')).toBeLessThan(kinds.indexOf('msg.completed'))
  })

  /** Unfold each source of an answer and hold what is shown against the file that the bank's staff edit. */
  async function checkCitations(answer: Locator): Promise<void> {
    const figures = await answer.getByRole('figure').all()
    expect(figures.length).toBeGreaterThan(0)
    for (const figure of figures) {
      const shown = figure.locator('details')
      await shown.locator('summary').click()
      const link = shown.getByRole('link', { name: 'Whole document' })
      const address = new URL((await link.getAttribute('href')) ?? '')
      const [, doc = '', ver] = /^\/v1\/documents\/([^/]+)\/versions\/(\d+)\/text$/.exec(address.pathname) ?? []
      const source = sourceOf(decodeURIComponent(doc))
      expect(await shown.locator('summary').innerText()).toContain(source.title)
      expect(await shown.locator('.dates').innerText()).toBe(validityOf(source, ver))
      expect(today < (source.until ?? '9999'), `${doc} has not ended`).toBe(true)
      // What is not in force yet is only told as such.
      if (source.from !== undefined && source.from > today)
        expect(await answer.innerText()).toContain(`From ${longDay(source.from)}:`)
      const passages = [...(await shown.locator('mark').allInnerTexts()), ...(await quoted(figure))]
      for (const passage of passages) expect(source.text).toContain(flat(passage))
      await shown.locator('summary').click()
    }
  }

  /** The words of a quotation as they stand in the answer: a sentence, or the cells of a table's row. */
  async function quoted(figure: Locator): Promise<string[]> {
    const cells = await figure.locator('blockquote').locator('dt, dd').allInnerTexts()
    return cells.length > 0 ? cells : [await figure.locator('blockquote').innerText()]
  }

  it('shows an answer while it is being written', async () => {
    const { page, chat } = tab
    const line = await slowLine(page)
    await page.reload()
    await chat.open()
    await line.holdFrom('msg.completed')
    await chat.type(questions[0][0])
    const streaming = chat.panel.locator('article.bot.streaming', { hasText: questions[0][1] })
    await streaming.waitFor()
    expect(await streaming.locator('details').count()).toBe(0)
    await picture(page, 'streaming')
    await line.release()
    const source = chat.answers.locator('details').first()
    await source.waitFor()
    expect(await chat.panel.locator('.streaming').count()).toBe(0)
    await source.locator('summary').click()
    await source.getByText(/^Version \d+ · in force from /).waitFor()
    await picture(page, 'citation')
  })

  it('recommends cards, each with a reason', async () => {
    const answer = await tab.chat.ask('which credit card suits me if I travel a lot')
    const cards = answer.getByRole('region')
    expect(await cards.first().getByRole('heading').innerText()).toBe('Travel Credit Card')
    for (const card of await cards.all()) {
      const reasons = await card.locator('blockquote, :scope > p').allInnerTexts()
      // The sentence of a question is no reason.
      expect(reasons.map(flat).filter((reason) => /[^?]$/.test(reason))).not.toEqual([])
      expect(await card.getByRole('button', { name: /^Tell me more about / }).isVisible()).toBe(true)
    }
    await checkCitations(answer)
    await picture(tab.page, 'recommendation')
    await cards
      .first()
      .getByRole('button', { name: /^Not for me/ })
      .click()
    await cards.first().getByText('Not for me: Travel Credit Card', { exact: true }).waitFor()
    expect(await cards.first().getByRole('button').count()).toBe(0)
  })

  it('says that it does not know, and offers a person', async () => {
    const answer = await tab.chat.ask('who won the cup final yesterday')
    expect(await answer.innerText()).toMatch(/could not find.*Talk to a person/s)
    expect(await answer.locator('blockquote').count()).toBe(0)
    await picture(tab.page, 'abstention')
  })

  it('hands over with a reference when the question is about the customer’s own account', async () => {
    const answer = await tab.chat.ask('where is my card?')
    expect(await answer.locator('blockquote').count()).toBe(0)
    const said = await answer.innerText()
    expect(said).toContain('I cannot see your own account')
    const [ref = 'no reference'] = reference.exec(said) ?? []
    await tab.chat.notice.getByText('A colleague will take over').waitFor()
    expect(await tab.chat.notice.innerText()).toContain(`Reference ${ref}`)
    await picture(tab.page, 'hand-over')
  })

  it('has everything again after a reload', async () => {
    const { ask, transcript, log, box, open, answers } = tab.chat
    const first = await ask(questions[0][0])
    await first.getByRole('button', { name: 'Helpful', exact: true }).click()
    await first.getByText('Thank you').waitFor()
    await ask('which credit card suits me if I travel a lot')
    await ask('I would like to talk to a person')
    await box.fill('one more thing')
    const before = await transcript()
    await tab.page.reload()
    await open()
    await answers.nth(2).waitFor()
    expect(await transcript()).toEqual(before)
    expect(await log.getByRole('button', { name: 'Helpful', exact: true }).first().getAttribute('aria-pressed')).toBe(
      'true',
    )
    expect(await box.inputValue()).toBe('one more thing')
    await checkCitations(answers.first())
    await picture(tab.page, 'after-reload')
  })

  it(`serves a widget of at most ${maxWidgetBytes} bytes, compressed, under a strict policy`, async () => {
    const script = await fetch(`${site.url}/widget.js`)
    const size = gzipSync(Buffer.from(await script.arrayBuffer()), { level: 9 }).length
    expect(size).toBeLessThanOrEqual(maxWidgetBytes)
    const policy = (await fetch(`${site.url}/`)).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https:/)
  })
})

/** A day as a British reader expects it. */
const longDay = (day: string | number): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day))

/** The line below an unfolded source, as a British reader expects it. */
function validityOf({ from, until }: { from?: string; until?: string }, ver: string | undefined): string {
  const first = from === undefined ? '' : ` from ${longDay(from)}`
  const last = until === undefined ? '' : ` to ${longDay(Date.parse(until) - 24 * 60 * 60 * 1000)}`
  return `Version ${ver}${first || last ? ' · in force' : ''}${first}${last}`
}
