import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { PredictDone, TrainDone } from '../engine/tasks.ts'
import { UsageError } from '../errors.ts'
import { readCorpora } from '../operations/manifest.ts'
import { type Command, reasonOf, reasonOption, textOf } from './command.ts'
import { entityOptions, predictEntities } from './entities.ts'
import { wholeOf } from './questions.ts'
import { corporaManifest } from './start-steps.ts'
import { columnOptions, columnsOf } from './text-columns.ts'

export const trainCommand: Command = {
  name: 'train',
  args: '<service>',
  summary: 'train, measure on held-out rows, register and make live',
  options: [
    ['--train <file>', 'labelled rows; default: the shipped corpora of the service'],
    ['--seed <n>', 'seed of everything random', '1'],
    ...columnOptions.train,
    reasonOption,
  ],
  async run({ perform }, [service = ''], given) {
    const own = textOf(given, 'train')
    const corpora = await readCorpora(corporaManifest)
    const shipped = (use: 'train' | 'test' | 'validation') => (own === undefined ? corpora.files(service, use) : [])
    const train = own === undefined ? shipped('train') : [resolve(own)]
    if (train.length === 0)
      throw new UsageError(`there is no service ${service} in the corpora: intent, sentiment, rights, answerable`)
    const columns = columnsOf(given)
    if (own === undefined && Object.keys(columns).length > 0)
      throw new UsageError('the shipped corpora have columns of their own: name a file with --train')
    const done = (await perform('train', {
      ...{ service, columns },
      train,
      test: shipped('test'),
      validation: shipped('validation'),
      seed: wholeOf(given, 'seed', 1, 0, 2 ** 31 - 1),
      ...reasonOf(given),
    })) as TrainDone
    const { version, metrics, artifactSha256, seconds, trained } = done
    const figures = Object.entries(metrics).map(([name, value]) => `  ${name.padEnd(16)} ${value.toFixed(4)}`)
    const head = trained
      ? `${service} v${version} trained in ${seconds.toFixed(1)} s and live`
      : `${service} v${version} was made from the same inputs: live`
    return { json: { service, version, metrics, artifactSha256, seconds }, text: [head, ...figures].join('\n') }
  },
}

export const predictCommand: Command = {
  name: 'predict',
  args: '<service>',
  summary: 'label the texts of a .jsonl, .csv or .tsv file, or find the entities in them',
  options: [
    ['--input <file>', 'rows with a text'],
    ['--output <file>', 'the same rows as JSON lines, with label, confidence and scores'],
    ['--version <n>', 'version number or champion', 'champion'],
    ...columnOptions.predict,
    ...entityOptions,
  ],
  async run({ perform }, [service = ''], given) {
    const [input, output] = [textOf(given, 'input'), textOf(given, 'output')]
    if (input === undefined || output === undefined) throw new UsageError('--input and --output are needed')
    await readFile(input).catch(() => {
      throw new UsageError(`${input} cannot be read`)
    })
    if (service === 'entities') return predictEntities(input, output, given)
    const version = textOf(given, 'version') ?? 'champion'
    const files = { input: resolve(input), output: resolve(output) }
    const done = (await perform('predict', { service, ...files, version, columns: columnsOf(given) })) as PredictDone
    return { json: done, text: `${done.n} lines, ${done.perItemMs.toFixed(2)} ms each` }
  },
}
