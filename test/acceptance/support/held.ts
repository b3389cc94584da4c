import { expect } from 'vitest'
import { bursar, lastJson } from '../../support/program.ts'

/** What hostile strings are rightly held back for (some say the same twice); nothing else may keep them from being stored. */
const rightly = ['hidden', 'look-alike', 'instruction', 'near-duplicate']

/** The documents that are held back, each for what it hides or whom it speaks to. */
export async function heldIn(dataDir: string): Promise<ReadonlySet<string>> {
  const { held } = lastJson(await bursar(['documents', 'list', '--held', '--json', '--data', dataDir])) as {
    held: { doc: string; holds: { reason: string }[] }[]
  }
  for (const { doc, holds } of held) for (const { reason } of holds) expect(rightly, doc).toContain(reason)
  return new Set(held.map(({ doc }) => doc))
}
