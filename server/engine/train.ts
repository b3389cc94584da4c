import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Encoder, loadEncoder } from '../embedding/encoder.ts'
import { UsageError } from '../errors.ts'
import { answerableRecipe, answerableService } from '../models/answerable.ts'
import { checksumOf, readExamples } from '../models/examples.ts'
import { createRegistry, type Version } from '../models/registry.ts'
import type { Artifact, DataFile, Example } from '../models/service.ts'
import { readQuestions } from './golden.ts'
import { openShelf } from './shelf.ts'
import type { OnProgress, TrainDone, TrainTask } from './tasks.ts'
import { embedNames, embedTexts, isTextService, readingOptions, textServices } from './text-services.ts'
import { trainAnswerable } from './train-answerable.ts'

/** The recipe that versions of a service have to be made by. */
export const recipeOf = (service: string): number | undefined =>
  isTextService(service) ? textServices[service].recipe : service === answerableService ? answerableRecipe : undefined

/** Train the task's service, register the version and make it live. A version of the same inputs is used as it is. */
export async function train(task: TrainTask, onProgress: OnProgress): Promise<TrainDone> {
  const begun = performance.now()
  const encoder = await loadEncoder(task.encoder)
  const registry = createRegistry(task.registry)
  const job = await prepare(task, encoder, onProgress)
  const { id: encoderId, dimension } = encoder
  // Other columns of the same file are other rows.
  const isUsual = Object.keys(task.columns ?? {}).length === 0
  const inputs = { encoderId, dataSha: checksumOf(job.data), recipe: job.recipe, seed: task.seed }
  const known = isUsual ? await registry.current(task.service, inputs) : undefined
  const origin = { recipe: job.recipe, seed: task.seed, data: job.data, encoder: { id: encoderId, dimension } }
  const version = known ?? (await registry.register(task.service, await job.train(), origin))
  await registry.promote(task.service, version.version)
  await encoder.close()
  return {
    service: task.service,
    version: version.version,
    dir: version.dir,
    metrics: version.manifest.metrics,
    artifactSha256: await artifactSha256(version),
    seconds: (performance.now() - begun) / 1_000,
    trained: known === undefined,
  }
}

interface TrainingJob {
  readonly recipe: number
  readonly data: readonly DataFile[]
  train(): Promise<Artifact>
}

async function prepare(task: TrainTask, encoder: Encoder, onProgress: OnProgress): Promise<TrainingJob> {
  if (task.service === answerableService) return prepareAnswerable(task, encoder, onProgress)
  if (!isTextService(task.service)) {
    throw new UsageError(
      `there is no service ${task.service}: ${[...Object.keys(textServices), answerableService].join(', ')}`,
    )
  }
  const service = textServices[task.service]
  const { oosLabel } = task.columns ?? {}
  const columns = readingOptions(service, task.columns)
  const read = (files: readonly string[]) => Promise.all(files.map((file) => readExamples(file, columns)))
  const [train, test] = [await read(task.train), await read(task.test)]
  const examples: Example[] = [
    ...train.flatMap(({ examples: rows }) => rows),
    ...test.flatMap(({ examples: rows }) => rows.map((row) => ({ ...row, split: 'test' as const }))),
  ]
  return {
    recipe: service.recipe,
    data: [...train, ...test].map(({ source }) => source),
    async train() {
      const { vectors } = await embedTexts(encoder, examples, (share) =>
        onProgress(share / 2, `reading examples of ${task.service}`),
      )
      return service.train({
        ...{ examples, vectors, names: await embedNames(encoder, examples), seed: task.seed },
        ...(oosLabel !== undefined && { oosLabel }),
        onProgress: (share) => onProgress(0.5 + share / 2, `training ${task.service}`),
      })
    },
  }
}

/** `train` and `validation` hold judged questions, `test` texts that no document answers. */
async function prepareAnswerable(task: TrainTask, encoder: Encoder, onProgress: OnProgress): Promise<TrainingJob> {
  const { snapshot, delta } = task
  if (snapshot === undefined)
    throw new UsageError(`${answerableService} is trained against an index: ingest documents first`)
  const judged = (await Promise.all(task.train.map(readQuestions))).flat()
  const strangers = (await Promise.all(task.test.map((file) => readExamples(file)))).flatMap(({ examples }) => examples)
  const validation = (await Promise.all(task.validation.map(readQuestions))).flat()
  const index = [snapshot, ...(delta ? [delta.dir] : [])].map((dir) => join(dir, 'manifest.json'))
  const data = await Promise.all([...task.train, ...task.test, ...task.validation, ...index].map(dataFile))
  return {
    recipe: answerableRecipe,
    data,
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
async function artifactSha256({ manifest }: Version): Promise<string> {
  const lines = Object.entries(manifest.files).map(([name, { sha256 }]) => `${sha256}  ${name}\n`)
  return createHash('sha256').update(lines.sort().join('')).digest('hex')
}
