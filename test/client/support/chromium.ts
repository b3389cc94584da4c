import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Path of a Chromium on this machine, if there is one. */
export const chromiumPath = places.find((path) => path !== undefined && existsSync(path))

/** Why browser tests are not run, or undefined when they are. Under CI a missing browser is a failure, not a reason. */
export function missingChromium(): string | undefined {
  if (chromiumPath !== undefined) return undefined
  const hint = 'no Chromium here: apt-get install chromium (or set CHROMIUM to its path)'
  if (process.env.CI) throw new Error(hint)
  return hint
}

const program = {
  ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--js-flags=--expose-gc',
  ],
}

/** Start a browser for several people, each with a context of their own. */
export const openSharedBrowser = () => chromium.launch(program)

export interface Browser {
  readonly context: BrowserContext
  close(): Promise<void>
}

/** Start a browser with a profile of its own. */
export async function openBrowser(options: { width?: number; height?: number; dark?: boolean } = {}): Promise<Browser> {
  const { width = 1280, height = 900, dark = false } = options
  const profile = mkdtempSync(join(tmpdir(), 'bursar-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    ...program,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
  })
  return {
    context,
    async close() {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
