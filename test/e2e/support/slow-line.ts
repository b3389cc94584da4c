import type { Page } from 'playwright-core'

/** A line that can be made to hold back what the server sends; the other direction is not affected. */
export interface SlowLine {
  /** From the next frame of this type on, nothing reaches the page. */
  holdFrom(type: string): Promise<void>
  /** Let everything held back arrive, in order, and hold no more. */
  release(): Promise<void>
  /** Lose what was held back, as a line does that breaks, and hold no more. */
  lose(): Promise<void>
}

const script = `(() => {
  const listen = WebSocket.prototype.addEventListener
  let held = []
  let from
  WebSocket.prototype.addEventListener = function (type, hear, ...rest) {
    if (type !== 'message') return listen.call(this, type, hear, ...rest)
    listen.call(this, type, (event) => {
      if (held.length === 0 && !(from && event.data.startsWith('{"t":"' + from + '"'))) hear(event)
      else held.push(() => hear(event))
    })
  }
  globalThis.line = {
    holdFrom: (type) => { from = type },
    release: () => { for (const pass of held.splice(0)) pass(); from = undefined },
    lose: () => { held = []; from = undefined },
  }
})()`

/** Put a {@link SlowLine} between the server and this page, from the next time that the page is loaded. */
export async function slowLine(page: Page): Promise<SlowLine> {
  await page.addInitScript(script)
  return {
    holdFrom: (type) => page.evaluate(`line.holdFrom('${type}')`),
    release: () => page.evaluate('line.release()'),
    lose: () => page.evaluate('line.lose()'),
  }
}
