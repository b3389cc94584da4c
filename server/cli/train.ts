import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isTableService } from '../engine/table-services.ts'
import type { PredictDone, TrainDone } from '../engine/tasks.ts'
import { UsageError } from '../errors.ts'
import { readCorpora } from '../operations/manifest.ts'
import { type Command, reasonOf, reasonOption, textOf } from './command.ts'
import { entityOptions, predictEntities } from './entities.ts'
import { detailLines } from './eval-table.ts'
import { wholeOf } from './questions.ts'
import { corporaManifest, licenceOf } from './start-steps.ts'
import { neededSettings, tableFlags, tableSettings, unusualOf } from './table-options.ts'
import { columnOptions, columnsOf } from './text-columns.ts'
import { wayOf, wayOptions } from './training-way.ts'

export const trainCommand: Command = {
  name: 'train',
  args: '<service>',
  summary: 'train, measure on held-out rows, register and make live',
  options: [
    ['--train <file>', 'labelled rows; default: the shipped corpora of the service'],
    ['--seed <n>', 'seed of everything random', '1'],
    ['--no-promote', 'only register: what is live stays so'],
    ...wayOptions,
    ...columnOptions.train,
    ...tableFlags,
    reasonOption,
  ],
  async run({ perform }, [service = ''], given) {
    const table = isTableService(service) ? neededSettings(service, given) : tableSettings(service, given)
    const own = textOf(given, 'train')
    const corpora = await readCorpora(corporaManifest)
    const shipped = (use: 'train' | 'test' | 'validation') => (own === undefined ? corpora.files(service, use) : [])
    const train = own === undefined ? shipped('train') : [resolve(own)]
    if (train.length === 0)
      throw new UsageError(
        `the corpora hold nothing for ${service}: name a file with --train, or one of intent, sentiment, rights, answerable`,
      )
    const columns = columnsOf(given)
    if (table && Object.keys(columns).length > 0)
      throw new UsageError(`columns of texts are not for ${service}: --target and --ignore are`)
    if (own === undefined && Object.keys(columns).length > 0)
      throw new UsageError('the shipped corpora have columns of their own: name a file with --train')
    const promote = given.promote !== false
    const licence = own === undefined ? licenceOf(corpora, service) : {}
    const done = (await perform('train', {
      ...{ service, columns, ...wayOf(given), ...(table && { table }) },
      train,
      test: shipped('test'),
      validation: shipped('validation'),
      seed: wholeOf(given, 'seed', 1, 0, 2 ** 31 - 1),
      ...{ promote, ...licence },
      ...reasonOf(given),
    })) as TrainDone
    const { version, metrics, artifactSha256, seconds, trained, table: details } = done
    const figures = Object.entries(metrics).map(([name, value]) => `  ${name.padEnd(16)} ${value.toFixed(4)}`)
    const made = trained ? `trained in ${seconds.toFixed(1)} s` : 'was made from the same inputs'
    const next = promote ? 'live' : `make it live with: bursar models promote ${service} ${version} --reason TEXT`
    const head = `${service} v${version} ${made}: ${next}`
    const how = details ? detailLines(details) : []
    return {
      json: { service, version, metrics, artifactSha256, seconds, ...details },
      text: [...how, head, ...figures].join('\n'),
    }
  },
}

export const predictCommand: Command = {
  name: 'predict',
  args: '<service>',
  summary: 'label the texts of a .jsonl, .csv or .tsv file, find the entities in them, or score its rows',
  options: [
    ['--input <file>', 'rows with a text; credit, regression: with the columns that were learnt from'],
    ['--output <file>', 'the same rows as JSON lines, with label, confidence and scores'],
    ['--version <n>', 'version number or champion', 'champion'],
    ...columnOptions.predict,
    ...entityOptions,
    ['--explain', 'texts: what each word does for the label, as contributions'],
    ['--unusual <what>', 'credit, regression: accept goes on where training had no such value; default: refuse'],
  ],
  async run({ perform }, [service = ''], given) {
    const [input, output] = [textOf(given, 'input'), textOf(given, 'output')]
    if (input === undefined || output === undefined) throw new UsageError('--input and --output are needed')
    if (!(await stat(input).catch(() => undefined))?.isFile())
      throw new UsageError(`${input} is no file that can be read`)
    if (resolve(input) === resolve(output)) throw new UsageError('--output is the file of --input, which would be lost')
    if (service === 'entities') return predictEntities(input, output, given)
    const version = textOf(given, 'version') ?? 'champion'
    const files = { input: resolve(input), output: resolve(output) }
    const unusual = unusualOf(service, given)
    const columns = columnsOf(given)
    const explain = given.explain === true
    const request = { service, ...files, version, columns, ...(unusual && { unusual }), ...(explain && { explain }) }
    const done = (await perform('predict', request)) as PredictDone
    return { json: done, text: `${done.n} lines, ${done.perItemMs.toFixed(2)} ms each` }
  },
}
