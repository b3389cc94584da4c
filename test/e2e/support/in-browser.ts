import { describe } from 'vitest'
import { missingChromium } from '../../client/support/chromium.ts'

/**
 * `describe` for tests that need a browser. Without one they are reported as not run, with the command that installs it;
 * under `CI=true` they fail.
 */
export function describeInBrowser(name: string, tests: () => void): void {
  const missing = missingChromium()
  describe.skipIf(missing !== undefined)(missing === undefined ? name : `${name}: not run, ${missing}`, tests)
}
