import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type DemoSite, openDemoSite, picture } from './support/demo-site.ts'
import { describeInBrowser } from './support/in-browser.ts'

const question = 'Can I take money out of the Easy Saver at any time?'
const other = 'who won the cup final yesterday'

describeInBrowser('two tabs', () => {
  let site: DemoSite
  beforeAll(async () => {
    site = await openDemoSite()
  })
  afterAll(() => site?.close())
  afterEach(async () => {
    await site.leave()
    const problems = [...site.watch.problems()]
    site.watch.clear()
    expect(problems).toEqual([])
  })

  it('show the same conversation, whichever is written in', async () => {
    const [one, two] = [await site.visit(), await site.visit()]
    await one.chat.open()
    await one.chat.ask(question)
    await two.chat.open()
    await two.chat.answers.first().waitFor()
    await two.chat.ask(other)
    await one.chat.answers.nth(1).waitFor()
    const said = await two.chat.transcript()
    expect(said.length).toBe(4)
    expect(await one.chat.transcript()).toEqual(said)
    await picture(two.page, 'second-tab')
  })

  it('that are opened at the same moment join one conversation', async () => {
    const tabs = [await site.visit(), await site.visit()]
    await Promise.all(tabs.map(({ chat }) => chat.open()))
    await Promise.all(tabs.map(({ chat }, i) => chat.type([question, other][i]!)))
    for (const { chat } of tabs) await chat.answers.nth(1).waitFor()
    const [first, second] = await Promise.all(tabs.map(({ chat }) => chat.transcript()))
    expect(first).toEqual(second)
    expect(first?.length).toBe(4)
  })

  it('agree on what was rated, and on who takes over', async () => {
    const [one, two] = [await site.visit(), await site.visit()]
    await one.chat.open()
    await two.chat.open()
    const answer = await one.chat.ask(question)
    await answer.getByRole('button', { name: 'Not helpful' }).click()
    await two.chat.answers.first().getByText('Thank you').waitFor()
    await two.chat.panel.getByRole('button', { name: 'Talk to a person' }).click()
    for (const { chat } of [one, two]) await chat.notice.getByText('Number 1 in the queue').waitFor() // told last
    expect(await one.chat.notice.innerText()).toBe(await two.chat.notice.innerText())
  })

  it('go on together into a new conversation', async () => {
    const [one, two] = [await site.visit(), await site.visit()]
    await one.chat.open()
    await two.chat.open()
    await one.chat.ask(question)
    await one.chat.panel.getByRole('button', { name: 'End chat' }).click()
    await one.chat.panel.getByRole('button', { name: 'End it' }).click()
    for (const { chat } of [one, two]) await chat.panel.getByText('This chat has ended.').waitFor()
    await two.chat.panel.getByRole('button', { name: 'Start a new chat' }).click()
    await two.chat.answers.waitFor({ state: 'detached' })
    await two.chat.ask(other)
    await one.chat.answers.filter({ hasText: 'could not find' }).waitFor()
    expect(await one.chat.transcript()).toEqual(await two.chat.transcript())
    expect((await one.chat.transcript()).length).toBe(2)
  })

  it('do not count as new what the other tab has shown', async () => {
    const [one, two] = [await site.visit(), await site.visit()]
    await one.chat.open()
    await one.chat.ask(question)
    await one.page.keyboard.press('Escape')
    await two.chat.open()
    await two.chat.ask(other)
    const reads = () => site.watch.frames(one.page).filter(({ t }) => t === 'read').length
    await expect.poll(reads).toBe(2)
    await one.chat.widget.getByRole('button', { name: 'Ask a question', exact: true }).waitFor()
  })
})
