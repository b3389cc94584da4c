import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '../../server/config.ts'
import { messageOf } from '../../server/errors.ts'
import { checkCorpora } from './corpora/check.ts'
import { tokenCounter } from './corpora/keyword-search.ts'
import { writeManifest } from './corpora/manifest.ts'
import { printed } from './corpora/report.ts'

const usage =
  'Usage: npm run corpora:check [-- --write-manifest]   renews checksums and rows of corpora/manifest.json first'

/** Print figures and faults of the corpora; exit code 1 if there is a fault. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'write-manifest': { type: 'boolean' }, help: { type: 'boolean' } } })
  if (values.help) return void process.stdout.write(`${usage}\n`)
  const root = resolve(import.meta.dirname, '../../corpora')
  if (values['write-manifest']) await writeManifest(root)
  const { modelsDir } = readConfig(process.env)
  const report = await checkCorpora(root, await tokenCounter(modelsDir))
  process.stdout.write(`${printed(report)}\n`)
  if (report.findings.length > 0) process.exitCode = 1
}

main().catch((reason: unknown) => {
  process.stderr.write(`${messageOf(reason)}\n`)
  process.exitCode = 1
})
