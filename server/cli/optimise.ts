import { resolve } from 'node:path'
import type { OptimiseDone } from '../engine/version-tasks.ts'
import { UsageError } from '../errors.ts'
import type { Compression } from '../models/compression.ts'
import { readCorpora } from '../operations/manifest.ts'
import { type Command, type Options, reasonOf, reasonOption, textOf } from './command.ts'
import { corporaManifest } from './start-steps.ts'
import { columnOptions, columnsOf } from './text-columns.ts'

export const optimiseCommand: Command = {
  name: 'models optimise',
  args: '<service>',
  summary: 'register the same model with smaller weights, unless held-out rows lose too much by it; nothing goes live',
  options: [
    ['--version <n>', 'version number or champion', 'champion'],
    ['--method <method>', 'int8, or prune: the smallest weights become 0', 'int8'],
    ['--option <list>', 'tolerance=SHARE of accuracy that may be lost (0.005); share=SHARE of weights to prune (0.5)'],
    ['--test <file>', 'labelled rows that it was not trained on; default: the test rows of the shipped corpora'],
    ...columnOptions.train,
    reasonOption,
  ],
  async run({ perform }, [service = ''], given) {
    const own = textOf(given, 'test')
    const test = own === undefined ? (await readCorpora(corporaManifest)).files(service, 'test') : [resolve(own)]
    if (test.length === 0)
      throw new UsageError(`there are no test rows of ${service} in the corpora: name some with --test`)
    const { tolerance, compression } = compressionOf(given)
    const request = { service, version: textOf(given, 'version') ?? 'champion', test, columns: columnsOf(given) }
    const done = await perform('models.optimise', { ...request, compression, tolerance, ...reasonOf(given) })
    const json = done as OptimiseDone // what the operation returns
    return { json, text: billLines(json).join('\n') }
  },
}

/** @throws {UsageError} for a method or option that there is not. */
function compressionOf(given: Options): { compression: Compression; tolerance: number } {
  const method = textOf(given, 'method') ?? 'int8'
  if (method !== 'int8' && method !== 'prune') throw new UsageError(`--method is int8 or prune, not "${method}"`)
  const options: Record<string, number> = { tolerance: 0.005, ...(method === 'prune' && { share: 0.5 }) }
  for (const option of textOf(given, 'option')?.split(',') ?? []) {
    const [, name = '', value = ''] = /^([a-z]+)=(\d*\.?\d+)$/.exec(option.trim()) ?? []
    if (!Object.hasOwn(options, name) || !(Number(value) < 1))
      throw new UsageError(
        `--option "${option}" is not ${Object.keys(options).join(' or ')}=SHARE, from 0 to less than 1`,
      )
    options[name] = Number(value)
  }
  const { tolerance = 0, share = 0 } = options
  if (method === 'prune' && share === 0) throw new UsageError('--option share has to be above 0')
  return { tolerance, compression: method === 'prune' ? { method, share } : { method } }
}

function billLines({ service, parent, version, bill }: OptimiseDone): string[] {
  const { n, bytes, gzipBytes, p50Ms, accuracy, recall } = bill
  const worse = Object.entries(recall).filter(([, { before, after }]) => after < before)
  const line = (name: string, { before, after }: { before: number; after: number }, digits: number): string =>
    `${name.padEnd(16)} ${before.toFixed(digits)} → ${after.toFixed(digits)}`
  return [
    `${service} v${version} registered, made from v${parent}; measured on ${n} rows`,
    line('bytes', bytes, 0),
    line('gzip bytes', gzipBytes, 0),
    line('p50 ms', p50Ms, 4),
    line('accuracy', accuracy, 4),
    ...worse.map(([label, shares]) => line(`recall ${label || 'no label'}`, shares, 4)),
    `make it live with: bursar models promote ${service} ${version} --reason TEXT`,
  ]
}
