import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadEncoder } from '../embedding/encoder.ts'
import { UsageError } from '../errors.ts'
import { answerableRecipe, answerableService } from '../models/answerable.ts'
import { checksumOf, readExamples } from '../models/examples.ts'
import { createRegistry, type Version } from '../models/registry.ts'
import type { Artifact, DataFile, Example, Metrics } from '../models/service.ts'
import { readQuestions } from './golden.ts'
import { openShelf } from './shelf.ts'
import { isTableService, type TableServiceName, tableServices } from './table-services.ts'
import { detailsOf, trainOnTable } from './table-tasks.ts'
import type { OnProgress, TrainDone, TrainTask } from './tasks.ts'
import {
  embedNames,
  embedTexts,
  isTextService,
  openVectors,
  readingOptions,
  textServiceOf,
  textServices,
} from './text-services.ts'
import { trainAnswerable } from './train-answerable.ts'

/** The recipe that versions of a service have to be made by. */
export function recipeOf(service: string): number | undefined {
  if (isTextService(service)) return textServices[service].recipe
  if (isTableService(service)) return tableServices[service].recipe
  return service === answerableService ? answerableRecipe : undefined
}

/** The least metrics of a version that may be made live by a promotion. */
export const thresholdsOf = (service: string): Metrics =>
  isTextService(service) ? textServices[service].thresholds : {}

/** Train the task's service and register the version; who asked makes it live. A version of the same inputs is used as it is. */
export async function train(task: TrainTask, onProgress: OnProgress): Promise<TrainDone> {
  if (isTableService(task.service)) return trainTableVersion(task.service, task, onProgress)
  const begun = performance.now()
  const registry = createRegistry(task.registry)
  const job = await prepare(task, onProgress)
  const { recipe, data, encoder } = job
  // Other columns of the same file are other rows, and another way makes another model of them.
  const isUsual = Object.keys({ ...task.columns, ...task.way }).length === 0
  const inputs = { encoderId: encoder?.id, dataSha: checksumOf(data), recipe, seed: task.seed }
  const known = isUsual ? await registry.current(task.service, inputs) : undefined
  const origin = { recipe, seed: task.seed, data: licensed(task, data), ...(encoder && { encoder }) }
  const version = known ?? (await registry.register(task.service, await job.train(), origin))
  await job.close()
  return doneOf(version, begun, known === undefined)
}

/** Every training on a table is a version of its own: what was learnt from it hangs on the options as well. */
async function trainTableVersion(
  service: TableServiceName,
  task: TrainTask,
  onProgress: OnProgress,
): Promise<TrainDone> {
  const begun = performance.now()
  const { trained, origin } = await trainOnTable(service, task, onProgress)
  const registry = createRegistry(task.registry)
  const data = licensed(
    task,
    origin.data.map((file) => ({ ...file, use: 'train' as const })),
  )
  const version = await registry.register(service, trained, { ...origin, data })
  return { ...doneOf(version, begun, true), table: detailsOf(trained) }
}

/** Files with what is known of their licence. */
const licensed = ({ licence }: TrainTask, data: readonly DataFile[]): readonly DataFile[] =>
  licence === undefined ? data : data.map((file) => ({ ...file, licence }))

/** @param begun when, by the monotonic clock. */
const doneOf = (version: Version, begun: number, trained: boolean): TrainDone => ({
  service: version.service,
  version: version.version,
  dir: version.dir,
  metrics: version.manifest.metrics,
  artifactSha256: artifactSha256(version),
  seconds: (performance.now() - begun) / 1_000,
  trained,
})

interface TrainingJob {
  readonly recipe: number
  readonly data: readonly DataFile[]
  /** None for a service that reads words. */
  readonly encoder?: { readonly id: string; readonly dimension: number }
  train(): Promise<Artifact>
  close(): Promise<void>
}

async function prepare(task: TrainTask, onProgress: OnProgress): Promise<TrainingJob> {
  if (task.service === answerableService) return prepareAnswerable(task, onProgress)
  if (!isTextService(task.service)) {
    throw new UsageError(
      `there is no service ${task.service}: ${[...Object.keys(textServices), answerableService, ...Object.keys(tableServices)].join(', ')}`,
    )
  }
  const service = textServiceOf(task.service, task.way)
  const { oosLabel } = task.columns ?? {}
  const columns = readingOptions(service, task.columns)
  const read = (files: readonly string[]) => Promise.all(files.map((file) => readExamples(file, columns)))
  const [train, test] = [await read(task.train), await read(task.test)]
  const examples: Example[] = [
    ...train.flatMap(({ examples: rows }) => rows),
    ...test.flatMap(({ examples: rows }) => rows.map((row) => ({ ...row, split: 'test' as const }))),
  ]
  const source = await openVectors(service, task.encoder)
  const { id, dimension } = source
  return {
    recipe: service.recipe,
    data: [
      ...train.map((file) => ({ ...file.source, use: 'train' as const })),
      ...test.map((file) => ({ ...file.source, use: 'test' as const })),
    ],
    ...(id !== undefined && { encoder: { id, dimension } }),
    close: () => source.close(),
    async train() {
      const { vectors } = await embedTexts(source, examples, (share) =>
        onProgress(share / 2, `reading examples of ${task.service}`),
      )
      return service.train({
        ...{ examples, vectors, names: await embedNames(source, examples), seed: task.seed, ...task.way },
        ...(oosLabel !== undefined && { oosLabel }),
        onProgress: (share) => onProgress(0.5 + share / 2, `training ${task.service}`),
      })
    },
  }
}

/** `train` and `validation` hold judged questions, `test` texts that no document answers. */
async function prepareAnswerable(task: TrainTask, onProgress: OnProgress): Promise<TrainingJob> {
  const { snapshot, delta } = task
  if (snapshot === undefined)
    throw new UsageError(`${answerableService} is trained against an index: ingest documents first`)
  const judged = (await Promise.all(task.train.map(readQuestions))).flat()
  const strangers = (await Promise.all(task.test.map((file) => readExamples(file)))).flatMap(({ examples }) => examples)
  const validation = (await Promise.all(task.validation.map(readQuestions))).flat()
  const index = [snapshot, ...(delta ? [delta.dir] : [])].map((dir) => join(dir, 'manifest.json'))
  const data = [
    ...(await Promise.all(
      [...task.train, ...task.test].map(async (file) => ({ ...(await dataFile(file)), use: 'train' as const })),
    )),
    ...(await Promise.all(
      task.validation.map(async (file) => ({ ...(await dataFile(file)), use: 'validation' as const })),
    )),
    ...(await Promise.all(index.map(dataFile))),
  ]
  const encoder = await loadEncoder(task.encoder)
  const { id, dimension } = encoder
  return {
    ...{ recipe: answerableRecipe, data, encoder: { id, dimension } },
    close: () => encoder.close(),
    async train() {
      const { library } = openShelf(encoder, snapshot, delta)
      const today = new Date().toISOString().slice(0, 10)
      const questions = { train: judged, strangers: strangers.map(({ text }) => text), validation }
      return trainAnswerable(library, questions, today, onProgress).finally(() => library.retriever.close())
    },
  }
}

async function dataFile(path: string): Promise<DataFile> {
  const bytes = await readFile(path)
  const rows = bytes.toString('utf8').split('\n').filter(Boolean).length
  return { file: path.split('/').slice(-2).join('/'), sha256: createHash('sha256').update(bytes).digest('hex'), rows }
}

/** One checksum over the files of a version. */
function artifactSha256({ manifest }: Version): string {
  const lines = Object.entries(manifest.files).map(([name, { sha256 }]) => `${sha256}  ${name}\n`)
  return createHash('sha256').update(lines.sort().join('')).digest('hex')
}
