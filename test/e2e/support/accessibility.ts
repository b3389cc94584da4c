import axe, { type AxeResults } from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { settled } from './demo-site.ts'

/** Put axe-core into every page that this browser opens from now on; not as a script of the page, whose policy forbids it. */
export async function bringAxe(context: BrowserContext): Promise<void> {
  await context.addInitScript(axe.source)
}

/** What axe-core finds wrong with the page as it is now, all its rules, one line per rule and element. */
export async function violations(page: Page): Promise<string[]> {
  await settled(page)
  const results = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${JSON.stringify(target)} ${failureSummary}`),
  )
}

/** What has the keyboard's focus. */
export interface Focus {
  /** Its words, or the name that stands in for them. */
  readonly name: string
  readonly tag: string
  readonly inChat: boolean
  /** It is on the screen, and something around it shows where the focus is. */
  readonly visible: boolean
}

/** Look for the element that has the focus, into the chat's shadow tree. */
export const focusOf = (page: Page): Promise<Focus> =>
  page.evaluate<Focus>(`(() => {
    const outer = document.activeElement
    const node = outer.shadowRoot?.activeElement ?? outer
    const area = node.getBoundingClientRect()
    const frame = node.closest('.box') ?? node
    const { outlineStyle, outlineWidth } = getComputedStyle(node)
    const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2
    return {
      name: node.getAttribute('aria-label') ?? node.textContent.trim(),
      tag: node.localName,
      inChat: outer.localName === 'bursar-chat',
      visible: area.width > 0 && area.bottom > 0 && area.top < innerHeight &&
        (ring || getComputedStyle(frame).boxShadow !== 'none'),
    }
  })()`)
