import { encoderVersion } from '../engine/infer.ts'
import type { InferenceModel, InferJob, InferResult, Tensor } from '../engine/jobs.ts'
import type { Pool } from '../engine/pool.ts'
import { BusyError, DeadlineError } from '../errors.ts'
import { isTextManifest, type TextManifest } from '../models/manifest.ts'
import { readManifest } from '../models/version-folder.ts'
import { ProtocolError } from '../protocol/codec.ts'
import type { Asker, ModelMeter } from './model-meter.ts'
import { portionsOf } from './portions.ts'
import { createShares } from './shares.ts'

const deadlineMs = 30_000
/** Engines that have just ended are back in less, or not at all. */
const factsMs = 5_000
/** Versions may change while a batch is worked on; a batch has to be of one. */
const maxTries = 3

const names: readonly InferenceModel[] = ['intent', 'sentiment', 'embeddings', 'similarity']
const tensor = <const D extends 'BYTES' | 'FP32'>(name: string, datatype: D, ...shape: number[]) => ({
  ...{ name, datatype, shape },
})
const text = tensor('text', 'BYTES')

type Inputs = Readonly<Record<string, readonly string[]>>

interface Asked {
  readonly name: string
  readonly version: string | undefined
}

/** The models of the generation in force, as the inference protocol offers them. */
export function createInferencePort(pool: Pick<Pool, 'run' | 'facts' | 'generation'>, { metered }: ModelMeter) {
  /** Of the version in use: a folder never changes. */
  const manifests = new Map<string, { readonly dir: string; readonly manifest: TextManifest | undefined }>()
  const underWay = createShares()

  async function manifestOf(head: 'intent' | 'sentiment'): Promise<TextManifest | undefined> {
    const dir = pool.generation.heads?.[head]
    if (dir === undefined) return undefined
    const known = manifests.get(head)
    if (known?.dir === dir) return known.manifest
    const read = (await readManifest(dir))?.manifest
    const manifest = read && isTextManifest(read) ? read : undefined
    manifests.set(head, { dir, manifest })
    return manifest
  }

  async function describe(name: InferenceModel) {
    if (name === 'intent' || name === 'sentiment') return headFacts(name, await manifestOf(name))
    const { encoderId, dimension, maxTokens } = await within(factsMs, pool.facts())
    const shared = { version: encoderVersion(encoderId), parameters: { encoder: encoderId, dimension, maxTokens } }
    if (name === 'embeddings')
      return { name, task: 'embedding', ...shared, inputs: [text], outputs: [tensor('embedding', 'FP32', dimension)] }
    const inputs = [text, tensor('other', 'BYTES')]
    return { name, task: 'similarity', ...shared, inputs, outputs: [tensor('similarity', 'FP32')] }
  }

  /** A batch in portions; all of them are over when this is, however it ends. */
  async function runAll(model: InferenceModel, inputs: Inputs): Promise<readonly InferResult[]> {
    const jobs = jobsOf(model, inputs)
    const settled = await Promise.allSettled(jobs.map((job) => pool.run(job, 'background')))
    return settled.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
  }

  async function inferAll(model: InferenceModel, wanted: string | undefined, inputs: Inputs) {
    for (let tries = 0; tries < maxTries; tries++) {
      const results = await runAll(model, inputs)
      const version = results[0]!.version
      if (results.some((result) => result.version !== version)) continue
      if (wanted !== undefined && version !== wanted) throw notLive(version)
      const computeMs = results.reduce((sum, result) => sum + result.computeMs, 0)
      return { version, computeMs, outputs: joined(results.map(({ outputs }) => outputs)) }
    }
    throw new BusyError(`${model} changed its version again and again`)
  }

  return {
    models: () => Promise.all(names.map(describe)),
    async model(name: string) {
      const known = names.find((model) => model === name)
      return known && describe(known)
    },
    /** @throws {BusyError} {DeadlineError} {RateLimitedError} {ProtocolError} if the version asked for does not, or no more, answer */
    async infer({ name, version }: Asked, wanted: string | undefined, inputs: Inputs, asker: Asker) {
      const model = names.find((known) => known === name)
      if (model === undefined || version === undefined)
        throw new ProtocolError('model_unavailable', 'the model is not there yet: it has to be trained first')
      if (wanted !== undefined && wanted !== version) throw notLive(version)
      const count = inputs.text?.length ?? 0
      return metered(asker, { model, texts: count }, () => {
        const giveBack = underWay.take(asker.actor, count)
        return within(deadlineMs, inferAll(model, wanted, inputs).finally(giveBack))
      })
    },
  }
}

function headFacts(name: 'intent' | 'sentiment', manifest: TextManifest | undefined) {
  const { version, labels = [], thresholds } = manifest ?? {}
  const outputs = [
    tensor('label', 'BYTES'),
    tensor('confidence', 'FP32'),
    tensor('scores', 'FP32', manifest ? labels.length : -1),
  ]
  const shared = { name, task: 'classification', inputs: [text], outputs }
  return { ...shared, version: version?.toString(), parameters: { labels, ...(thresholds && { thresholds }) } }
}

function jobsOf(model: InferenceModel, { text: texts = [], other }: Inputs): InferJob[] {
  const chars = texts.map((one, i) => one.length + (other?.[i]?.length ?? 0))
  return portionsOf(chars).map(([from, to]) => {
    const others = other?.slice(from, to)
    return { kind: 'infer', model, texts: texts.slice(from, to), ...(others && { others }) }
  })
}

const notLive = (version: string): ProtocolError =>
  new ProtocolError('not_found', `only the version in use can be asked, which is ${version}`)

/** The outputs of portions, one behind the other. */
function joined(portions: readonly Readonly<Record<string, Tensor>>[]): Record<string, Tensor> {
  return Object.fromEntries(
    Object.keys(portions[0] ?? {}).map((name) => [name, concatenated(portions.map((portion) => portion[name] ?? []))]),
  )
}

function concatenated(tensors: readonly Tensor[]): Tensor {
  const numbers = tensors.filter((tensor) => tensor instanceof Float32Array)
  if (numbers.length === 0) return tensors.flatMap((tensor) => [...tensor].map(String))
  const all = new Float32Array(numbers.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of numbers) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** @throws {DeadlineError} if it takes longer; the work itself goes on. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError('the models took too long')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
