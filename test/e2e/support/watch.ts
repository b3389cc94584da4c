import type { BrowserContext, Page } from 'playwright-core'
import type { CustomerFrame } from '../../../server/protocol/events.ts'

/** What the pages of a browser did that nobody asked them to. */
export interface Watch {
  /**
   * Everything that must never happen, so far: requests to other hosts, violations of the content security policy, errors
   * and warnings in the console, exceptions, dialogs.
   */
  problems(): readonly string[]
  /** {@link problems} without the browser's own reports of a server that cannot be reached or is starting. */
  problemsBesidesOutage(): readonly string[]
  /** Forget what was seen. */
  clear(): void
  /** Frames that a page has received, oldest first. */
  frames(page: Page): readonly CustomerFrame[]
}

/** The browser itself writes these into the console, also of a server that is still starting; a page cannot keep it from that. */
const unreachable =
  /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INTERNET_DISCONNECTED|EMPTY_RESPONSE|ABORTED)|\b503\b/

/** Watch every page of a browser from its first request on. @param origin the only place that they may speak to. */
export async function watchPages(context: BrowserContext, origin: string): Promise<Watch> {
  const problems: string[] = []
  const frames = new WeakMap<Page, CustomerFrame[]>()
  const { host } = new URL(origin)

  function check(address: string): void {
    const url = new URL(address)
    if (url.protocol !== 'data:' && url.host !== host) problems.push(`a request to ${address}`)
  }
  function watch(page: Page): void {
    const received: CustomerFrame[] = []
    frames.set(page, received)
    page.on('pageerror', (error) => problems.push(`an exception: ${error.stack ?? error.message}`))
    page.on('dialog', (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('websocket', (socket) => {
      check(socket.url())
      // The server's frames are checked against the contract by its own tests.
      socket.on('framereceived', ({ payload }) => received.push(JSON.parse(String(payload)) as CustomerFrame))
    })
  }

  context.on('page', watch)
  context.on('request', (request) => check(request.url()))
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`in the console: ${message.text()}`)
  })
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    console.error('policy violated: ' + event.violatedDirective + ' by ' + event.blockedURI))`)
  return {
    problems: () => problems,
    problemsBesidesOutage: () => problems.filter((problem) => !unreachable.test(problem)),
    clear: () => problems.splice(0),
    frames: (page) => frames.get(page) ?? [],
  }
}
