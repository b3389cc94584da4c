import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DemoSite, openDemoSite, picture, type Tab } from './support/demo-site.ts'
import { describeInBrowser } from './support/in-browser.ts'

/** Each would call `hit`, speak to another host or change the page if any of it were ever read as markup or code. */
const samples = [
  '<script>hit()</script>',
  '<img src=x onerror=hit()>',
  '<svg/onload=hit()><animate onbegin=hit()>',
  '"><iframe srcdoc="<script>parent.hit()</script>"></iframe>',
  '</p></div></article><details open ontoggle=hit()>',
  '</textarea><script>parent.hit()</script>',
  '<style>@import "//evil.example/a.css"; * { display: none }</style>',
  '<math><mtext></form><mglyph><style></math><img src onerror=hit()>',
  '<a href="javascript:hit()">my card fee</a> javascript:hit()',
  '[what is the fee](javascript:hit()) ![x](//evil.example/x.png) **bold** `code`',
  '&lt;img src=x onerror=hit()&gt; &#60;script&#62;hit()&#60;/script&#62;',
  '{{constructor.constructor("hit()")()}} #{hit()} <%= hit() %>',
  `${'x'.repeat(600)} <b>${'https://a.example/?'.repeat(20)}</b>`,
  '\u202eeef eht si tahw <b>bold</b> \u0000\u001b[31m \ud800',
]
/** Elements that the widget makes for a conversation. */
const harmless = ['article', 'button', 'dd', 'div', 'dl', 'dt', 'h3', 'p', 'path', 'section', 'span', 'svg']

describeInBrowser('markup typed as a question', () => {
  let site: DemoSite
  let tab: Tab
  beforeAll(async () => {
    site = await openDemoSite()
    await site.context.addInitScript('globalThis.hits = 0; globalThis.hit = () => void globalThis.hits++')
    tab = await site.visit()
    await tab.chat.open()
  })
  afterAll(() => site?.close())

  /** What a conversation is made of: its elements' names, and the attributes that could run or fetch something. */
  const inventory = (): Promise<{ tags: string[]; attributes: string[]; overflow: number; hits: number }> =>
    tab.page.evaluate(`(() => {
      const log = document.querySelector('bursar-chat').shadowRoot.querySelector('[role=log]')
      const nodes = [...log.querySelectorAll('article, article *')]
      return {
        tags: [...new Set(nodes.map(({ localName }) => localName))].sort(),
        overflow: nodes.filter((node) => node.getBoundingClientRect().right > log.getBoundingClientRect().right).length,
        attributes: nodes.flatMap((node) => node.getAttributeNames())
          .filter((name) => /^on|^src|^href|^style$|^xlink|^formaction/.test(name)),
        hits,
      }
    })()`)

  async function check(): Promise<void> {
    const { tags, attributes, overflow, hits } = await inventory()
    expect(tags.filter((tag) => !harmless.includes(tag))).toEqual([])
    expect(attributes).toEqual([])
    expect(overflow).toBe(0)
    expect(hits).toBe(0)
    expect(await tab.page.title()).toBe('Northmoor Bank (demonstration)')
    expect(site.watch.problems()).toEqual([])
  }

  it.each(samples)('stays text: %j', async (sample) => {
    await tab.chat.ask(sample)
    expect(await tab.chat.sent.last().locator('.say').textContent()).toBe(asSent(sample))
    await check()
  })

  it('stays text after a reload, too', async () => {
    await picture(tab.page, 'markup')
    await tab.page.reload()
    await tab.chat.open()
    await tab.chat.sent.nth(samples.length - 1).waitFor()
    const said = await tab.chat.sent.locator('.say').allTextContents()
    expect(said).toEqual(samples.map((sample) => asSent(sample)))
    await check()
  })
})

/** As it comes out of the wire: a lone surrogate has no UTF-8 and becomes the replacement character. */
const asSent = (text: string): string => Buffer.from(text).toString()
