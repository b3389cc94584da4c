import { crossFit, type HeldOut, similarities } from './algorithms/cross-fit.ts'
import { vocabularyBytes } from './algorithms/ngrams.ts'
import { fitTextHead, headLogits, type TextHead, type TextHeadOptions, type TextRows } from './algorithms/text-head.ts'
import { loadHead, modelFile, vocabularyFile } from './head-session.ts'
import { writeIntentModel } from './intent-graph.ts'
import { accuracy, auroc, bestOf, ece, fitTemperature, macroF1, softmaxRows } from './metrics.ts'
import { checkRequest, labelsOf, rowsWhere } from './preparation.ts'
import { bestThreshold, fitScope, type Scope, scopeScores } from './scope.ts'
import type { Artifact, Metrics, ModelService, Reader, TrainRequest } from './service.ts'

/** What a message is about. */
export interface IntentReading {
  readonly name: string
  /** Calibrated probability, 0 to 1. */
  readonly confidence: number
  /** The message is none of the intents. */
  readonly outOfScope: boolean
}

export interface IntentOptions {
  /** Label of the examples that belong to no intent. Default `oos`. */
  readonly oosLabel?: string
}

/** A reading and the score that its `outOfScope` was decided by; higher is more at home. */
export interface ScoredIntent extends IntentReading {
  readonly scope: number
}

const name = 'intent'
const recipe = 1
/** Below this many examples a label, n-grams are noise beside a sentence vector. */
const examplesForNgrams = 40

/** Intents of customers' messages by softmax regression, and whether a message is any of them. */
export function createIntentService({ oosLabel = 'oos' }: IntentOptions = {}): ModelService<ScoredIntent> {
  return {
    name,
    task: 'classification',
    recipe,
    thresholds: {},
    train: (request) => trainIntent(request, oosLabel),
    load: loadIntent,
    async evaluate(reader, examples, vectors) {
      const readings: ScoredIntent[] = []
      for (const [i, { text }] of examples.entries()) readings.push(await reader.read(text, vectors[i]!))
      return metricsOf(
        examples.map(({ label }) => label),
        readings,
        oosLabel,
      )
    },
  }
}

async function trainIntent(request: TrainRequest, oosLabel: string): Promise<Artifact> {
  checkRequest(request)
  const { examples, seed, onProgress } = request
  const labels = labelsOf(examples.filter(({ label, split }) => label !== oosLabel && split !== 'test'))
  const places = new Map(labels.map((label, k) => [label, k]))
  places.set(oosLabel, -1)
  const rows = rowsWhere(request, places, ({ label, split }) => label !== oosLabel && split !== 'test')
  const strangers = rowsWhere(request, places, ({ label, split }) => label === oosLabel && split !== 'test')
  const test = rowsWhere(request, places, ({ split }) => split === 'test')
  const options = headOptions(rows, labels.length)
  const heldOut = await crossFit(rows, labels.length, {
    ...options,
    seed,
    strangers,
    onProgress: (share) => onProgress?.(share * 0.8),
  })
  const decision = decide(heldOut, labels)
  const head = await fitTextHead(rows, labels.length, options)
  const measured = test.texts.length === 0 ? heldOut : await readRows(head, rows, test)
  onProgress?.(1)
  const names = measured.labels.map((label) => labels[label] ?? oosLabel)
  return {
    files: filesOf(head, rows, decision, labels),
    labels,
    temperature: decision.temperature,
    thresholds: { outOfScope: decision.threshold },
    metrics: metricsOf(names, judgeRows(measured, labels, decision), oosLabel),
  }
}

/** What is chosen on held-out rows. */
interface Decision {
  readonly temperature: number
  readonly scope: Scope
  readonly threshold: number
}

function decide(heldOut: HeldOut, labels: readonly string[]): Decision {
  const classes = labels.length
  const known = heldOut.labels.flatMap((label, row) => (label < 0 ? [] : [row]))
  const logits = new Float32Array(known.length * classes)
  known.forEach((row, i) => {
    logits.set(heldOut.logits.subarray(row * classes, (row + 1) * classes), i * classes)
  })
  const scope = fitScope(heldOut, classes)
  const scores = scopeScores(heldOut, classes, scope)
  return {
    scope,
    temperature: fitTemperature(
      logits,
      known.map((row) => heldOut.labels[row]!),
      classes,
    ),
    threshold: bestThreshold(
      scores.filter((_, row) => heldOut.labels[row]! >= 0),
      scores.filter((_, row) => heldOut.labels[row]! < 0),
    ),
  }
}

function filesOf(
  head: TextHead,
  rows: TextRows,
  decision: Decision,
  labels: readonly string[],
): Map<string, Uint8Array> {
  const model = writeIntentModel({ model: head.model, known: rows.vectors, labels, ...decision })
  const files = new Map([[modelFile, model]])
  if (head.vocabulary.hashes.length > 0) files.set(vocabularyFile, vocabularyBytes(head.vocabulary))
  return files
}

function headOptions(rows: TextRows, classes: number): TextHeadOptions {
  const perLabel = rows.texts.length / classes
  return {
    vocabulary: { minTexts: 2, maxTerms: perLabel < examplesForNgrams ? 0 : 20_000 },
    training: { l2: 1 / (10 * rows.texts.length) },
  }
}

async function readRows(head: TextHead, training: TextRows, rows: TextRows): Promise<HeldOut> {
  return {
    labels: rows.labels,
    logits: await headLogits(head, rows, undefined),
    similarity: await similarities(training.vectors, rows.vectors),
  }
}

function judgeRows(
  heldOut: HeldOut,
  labels: readonly string[],
  { temperature, scope, threshold }: Decision,
): ScoredIntent[] {
  const classes = labels.length
  const probabilities = softmaxRows(heldOut.logits, classes, temperature)
  return scopeScores(heldOut, classes, scope).map((score, row) =>
    readingOf(probabilities.subarray(row * classes, (row + 1) * classes), score, labels, threshold),
  )
}

function readingOf(
  probabilities: Float32Array,
  score: number,
  labels: readonly string[],
  threshold: number,
): ScoredIntent {
  const best = bestOf(probabilities)
  return { name: labels[best]!, confidence: probabilities[best]!, outOfScope: score < threshold, scope: score }
}

/** `accuracy` over all rows, an out-of-scope one being right when recognised; the others as in cli.md. */
function metricsOf(truth: readonly string[], given: readonly ScoredIntent[], oosLabel: string): Metrics {
  const named = given.map(({ name, outOfScope }) => (outOfScope ? oosLabel : name))
  const known = truth.flatMap((label, i) => (label === oosLabel ? [] : [i]))
  const strange = truth.flatMap((label, i) => (label === oosLabel ? [i] : []))
  const pick = <T>(values: readonly T[], rows: readonly number[]) => rows.map((row) => values[row]!)
  const inTruth = pick(truth, known)
  const inGiven = pick(given, known)
  const closed = {
    n: truth.length,
    accuracy: accuracy(truth, named),
    macroF1: macroF1(
      inTruth,
      inGiven.map(({ name }) => name),
    ),
    ece: ece(
      inGiven.map(({ confidence }) => confidence),
      inGiven.map(({ name }, i) => name === inTruth[i]),
    ),
    closedAccuracy: accuracy(
      inTruth,
      inGiven.map(({ name }) => name),
    ),
    inScopeAccuracy: accuracy(inTruth, pick(named, known)),
  }
  if (strange.length === 0) return closed
  const scores = given.map(({ scope }) => scope)
  return {
    ...closed,
    oosRecall: pick(given, strange).filter(({ outOfScope }) => outOfScope).length / strange.length,
    oosAuroc: auroc(pick(scores, known), pick(scores, strange)),
  }
}

async function loadIntent(dir: string): Promise<Reader<ScoredIntent>> {
  const head = await loadHead(dir, name, recipe)
  const { labels, thresholds } = head.manifest
  const threshold = thresholds.outOfScope ?? Number.NEGATIVE_INFINITY
  return {
    manifest: head.manifest,
    async read(text, vector) {
      const { probabilities, score } = await head.run(text, vector, ['probabilities', 'score'])
      return readingOf(probabilities, score[0]!, labels, threshold)
    },
    close: head.close,
  }
}
