import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { compose } from '../../../server/main.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'

/** A bank with one folder, `fees`, and its operations. */
export async function openBank(env: Readonly<Record<string, string>> = {}) {
  const root = temporaryFolder()
  const config = readConfig(
    { BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1', ...env },
    { dataDir: join(root, 'data') },
  )
  const composition = await compose(config, createLogger('silent'))
  onTestFinished(() => composition.close())
  const folder = join(root, 'fees')
  mkdirSync(folder)
  const run = (name: string, args: object = {}): Promise<unknown> =>
    composition.run(name, name === 'ingest' ? { paths: [folder], sync: false, ...args } : args, () => undefined)
  return {
    run,
    write: (name: string, text: string): void => writeFileSync(join(folder, name), text),
    remove: (name: string): void => rmSync(join(folder, name)),
    /** Documents that a customer's search finds, best first. */
    search: async (text: string): Promise<string[]> => {
      const found = await run('search', { text, k: 10, mode: 'hybrid', role: 'customer' })
      return (found as { passages: { doc: string }[] }).passages.map(({ doc }) => doc) // the operation's own answer
    },
  }
}
