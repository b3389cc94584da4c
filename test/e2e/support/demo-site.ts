import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { openBrowser } from '../../client/support/chromium.ts'
import { copyDemo, type RunningServer, repository, startServer } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { type Chat, chatOn } from './chat.ts'
import { type Watch, watchPages } from './watch.ts'

/** A tab with the demo page, and the chat on it. */
export interface Tab {
  readonly page: Page
  readonly chat: Chat
}

/** The demo bank as its visitors have it: the built server on a copy of the demo data, and a browser. */
export interface DemoSite {
  readonly url: string
  readonly context: BrowserContext
  readonly watch: Watch
  readonly dataDir: string
  /** The server that runs now, or ran last. */
  server(): RunningServer
  /** Start the server again where it was: same data, same port. */
  restart(): Promise<void>
  /** Open the demo page in a new tab. */
  visit(): Promise<Tab>
  /** Close all tabs and forget what they have stored: the next visitor is a new one. */
  leave(): Promise<void>
  close(): Promise<void>
}

/** Start server and browser. The server's limits are its usual ones. */
export async function openDemoSite(): Promise<DemoSite> {
  const dataDir = copyDemo(temporaryFolder())
  let server = await startServer(dataDir)
  const { url } = server
  const port = Number(new URL(url).port)
  const browser = await openBrowser({ width: 1280, height: 800 })
  const { context } = browser
  context.setDefaultTimeout(10_000)
  const watch = await watchPages(context, url)
  const [blank = await context.newPage()] = context.pages()

  async function leave(): Promise<void> {
    for (const page of context.pages()) if (page !== blank) await page.close()
    const session = await context.newCDPSession(blank)
    await session.send('Storage.clearDataForOrigin', { origin: url, storageTypes: 'all' })
    await session.detach()
    await context.setOffline(false)
  }

  return {
    url,
    dataDir,
    context,
    watch,
    server: () => server,
    async restart() {
      server = await startServer(dataDir, { port })
    },
    async visit() {
      const page = await context.newPage()
      await page.goto(`${url}/`)
      return { page, chat: chatOn(page) }
    },
    leave,
    async close() {
      await browser.close()
      await server.stop()
    },
  }
}

/** Keep a picture of the page as it is, to be looked at later; the folder is not under version control. */
export async function picture(page: Page, name: string): Promise<void> {
  const dir = join(repository, 'artefacts')
  mkdirSync(dir, { recursive: true })
  await settled(page)
  await page.screenshot({ path: join(dir, `${name}.png`) })
}

/** Resolves when nothing on the page is fading in any more; the dots of "is writing" never end and don't count. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(`Promise.allSettled(
    [document, document.querySelector('bursar-chat')?.shadowRoot]
      .flatMap((root) => root?.getAnimations() ?? [])
      .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity)
      .map(({ finished }) => finished),
  )`)
}
