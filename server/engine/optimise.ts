import { gzipSync } from 'node:zlib'
import { type Encoder, loadEncoder } from '../embedding/encoder.ts'
import { InputError, ModelError, UsageError } from '../errors.ts'
import { recallByLabel } from '../evaluation/classification-metrics.ts'
import type { Outcome } from '../evaluation/label-figures.ts'
import { mean, percentile } from '../math/statistics.ts'
import { type Compression, compressModel } from '../models/compression.ts'
import { type ExampleFile, readExamples } from '../models/examples.ts'
import { modelFile } from '../models/head-session.ts'
import { outcomeOf } from '../models/judgement.ts'
import type { TextManifest } from '../models/manifest.ts'
import { cardFile } from '../models/model-card.ts'
import { goldOf } from '../models/preparation.ts'
import { createRegistry } from '../models/registry.ts'
import type { DataFile, Judge } from '../models/service.ts'
import { readTextVersion } from '../models/version-folder.ts'
import { assertKnown } from './evaluate.ts'
import type { OnProgress } from './tasks.ts'
import { textServiceOf } from './text-services.ts'
import type { Bill, OptimiseDone, OptimiseTask } from './version-tasks.ts'

/** What of a judged model is told apart from its file. */
interface Judged {
  readonly outcomes: Outcome[]
  /** Milliseconds a text, without its embedding. */
  readonly ms: number[]
}

/**
 * Make the weights of a version smaller and register the result as another version, if rows that it was not trained on lose no
 * more accuracy than is tolerated. What it costs and saves is measured for both in one run, text by text.
 * @throws {ModelError} if the accuracy falls too far, or the file stays the same; then nothing is registered.
 */
export async function optimise(task: OptimiseTask, onProgress: OnProgress): Promise<OptimiseDone> {
  const { service: name, compression, test } = task
  if (!textServiceOf(name).embeds) throw new UsageError(`models of ${name} cannot be made smaller yet`)
  const { manifest, files } = await readTextVersion(task.version, name)
  if (manifest.thresholds.several !== undefined)
    throw new ModelError(
      `version ${manifest.version} of ${name} may give several labels: it cannot be made smaller yet`,
    )
  const before = files.get(modelFile) ?? new Uint8Array()
  const after = smallerThan(before, compression, manifest)
  const read = await Promise.all(test.map((file) => readExamples(file, task.columns)))
  assertUnseen(manifest, read)
  const smaller = new Map([...files, [modelFile, after] as const])
  const [full, small] = await judgeBoth(task, manifest, [files, smaller], read, onProgress)
  const bill = billOf(name, [before, full], [after, small])
  if (bill.accuracy.before - bill.accuracy.after > task.tolerance)
    throw new ModelError(tooMuch(name, bill, task.tolerance))
  smaller.delete(cardFile) // it gets its own
  const metrics = { n: bill.n, ...textServiceOf(name).figures(small.outcomes) }
  const { labels, thresholds, temperature, recipe, seed, encoder, version: parent } = manifest
  const { version } = await createRegistry(task.registry).register(
    name,
    { files: smaller, labels, thresholds, temperature, metrics },
    { recipe, seed, encoder, data: dataOf(manifest, read), parent: { version: parent, how: howOf(compression) } },
  )
  return { service: name, parent, version, bill }
}

const howOf = (compression: Compression): string =>
  compression.method === 'prune' ? `prune, share ${compression.share}` : compression.method

function smallerThan(model: Uint8Array, compression: Compression, { service, version }: TextManifest): Uint8Array {
  const name = `version ${version} of ${service}`
  try {
    const after = compressModel(model, compression)
    if (Buffer.compare(model, after) !== 0) return after
  } catch (cause) {
    if (cause instanceof RangeError) throw new ModelError(`${name} cannot be made smaller: ${cause.message}`, { cause })
    throw cause
  }
  throw new ModelError(`${name} stays the same: it has no weights to make smaller`)
}

/** What a model has learned by heart says nothing of what it has lost. */
function assertUnseen({ data, version }: TextManifest, read: readonly ExampleFile[]): void {
  const trained = new Set(data.files.filter(({ use }) => use === 'train').map(({ sha256 }) => sha256))
  const seen = read.find(({ source }) => trained.has(source.sha256))
  if (seen)
    throw new InputError(
      { file: seen.source.file },
      `version ${version} was trained on it: name other rows with --test`,
    )
}

/** The data of before, and what it was measured on now. */
function dataOf({ data }: TextManifest, read: readonly ExampleFile[]): DataFile[] {
  const known = new Map(data.files.map((file) => [file.sha256, file]))
  const test = read.map(({ source }) => ({ ...known.get(source.sha256), ...source, use: 'test' as const }))
  const sums = new Set(test.map(({ sha256 }) => sha256))
  return [...data.files.filter(({ use, sha256 }) => use !== 'test' && !sums.has(sha256)), ...test]
}

async function judgeBoth(
  task: OptimiseTask,
  { labels, thresholds, encoder: { id } }: TextManifest,
  both: readonly ReadonlyMap<string, Uint8Array>[],
  read: readonly ExampleFile[],
  onProgress: OnProgress,
): Promise<readonly [Judged, Judged]> {
  const service = textServiceOf(task.service)
  const encoder = await loadEncoder(task.encoder)
  if (encoder.id !== id)
    throw new ModelError(`${task.version} was trained with another encoder: bursar train ${task.service}`)
  const open = (files: ReadonlyMap<string, Uint8Array>) =>
    service.open({ files, labels, thresholds }, encoder.dimension)
  const [first, second] = [await open(both[0]!), await open(both[1]!)]
  const examples = read.flatMap((file) => file.examples)
  const oosLabel = task.columns?.oosLabel ?? service.oosLabel
  const rows = examples.map((example) => ({ text: example.text, gold: goldOf(example, oosLabel) }))
  assertKnown(
    { ...task, test: task.test.join(', ') },
    first,
    rows.flatMap(({ gold }) => gold),
  )
  const judged = await judgeRows([first, second], encoder, rows, onProgress)
  await Promise.all([first, second, encoder].map((one) => one.close()))
  return judged
}

/** In turn, so that whatever else runs on this machine slows both. */
async function judgeRows(
  judges: readonly [Judge, Judge],
  encoder: Encoder,
  rows: readonly { readonly text: string; readonly gold: readonly string[] }[],
  onProgress: OnProgress,
): Promise<readonly [Judged, Judged]> {
  const both: readonly [Judged, Judged] = [
    { outcomes: [], ms: [] },
    { outcomes: [], ms: [] },
  ]
  for (const [i, { text, gold }] of rows.entries()) {
    onProgress(i / rows.length, 'judging texts with both weights')
    const vector = await encoder.encode(text, 'query')
    for (const [place, judge] of judges.entries()) {
      const begun = performance.now()
      const said = await judge.judge(text, vector)
      both[place]!.ms.push(performance.now() - begun)
      both[place]!.outcomes.push(outcomeOf(gold, said, judge.labels))
    }
  }
  return both
}

function billOf(name: string, [before, full]: [Uint8Array, Judged], [after, small]: [Uint8Array, Judged]): Bill {
  const service = textServiceOf(name)
  const accuracy = ({ outcomes }: Judged): number => mean(service.right(outcomes).map(Number))
  const both = <T>(of: (model: Uint8Array, judged: Judged) => T) => ({
    before: of(before, full),
    after: of(after, small),
  })
  const [recallBefore, recallAfter] = [recallOf(name, full), recallOf(name, small)]
  return {
    n: full.outcomes.length,
    bytes: both((model) => model.length),
    gzipBytes: both((model) => gzipSync(model, { level: 9 }).length),
    p50Ms: both((_, { ms }) => percentile(ms, 0.5)),
    accuracy: both((_, judged) => accuracy(judged)),
    recall: Object.fromEntries(
      [...recallBefore].map(([label, share]) => [label, { before: share, after: recallAfter.get(label) ?? 0 }]),
    ),
  }
}

/** Of texts without a label, too, under no name. */
function recallOf(name: string, { outcomes }: Judged): Map<string, number> {
  const right = textServiceOf(name).right(outcomes)
  return recallByLabel(
    outcomes.map(({ gold: [label = ''] }, i) => ({ gold: label, predicted: right[i] ? label : 'another' })),
  )
}

function tooMuch(name: string, { accuracy: { before, after }, n }: Bill, tolerance: number): string {
  const loss = (before - after).toFixed(4)
  return `accuracy of ${name} on ${n} rows would fall from ${before.toFixed(4)} to ${after.toFixed(4)}, by ${loss}; at most ${tolerance} is tolerated: nothing is registered`
}
