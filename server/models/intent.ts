import { fitTemperature, softmax } from '../evaluation/calibration.ts'
import {
  accuracy,
  auroc,
  expectedCalibrationError,
  type Labelled,
  macroF1,
} from '../evaluation/classification-metrics.ts'
import { crossFit, type Fold, foldsOf } from './algorithms/cross-fit.ts'
import { vocabularyBytes } from './algorithms/ngrams.ts'
import { nearness } from './algorithms/similarity.ts'
import {
  fitTextHead,
  headLogits,
  pickTexts,
  type TextHead,
  type TextHeadOptions,
  type TextRows,
} from './algorithms/text-head.ts'
import { loadHead, modelFile, vocabularyFile } from './head-session.ts'
import { writeIntentModel } from './intent-graph.ts'
import { bestOf, checkRequest, labelsOf, namedScores, readAll, rowsWhere } from './preparation.ts'
import { fewestStrangers, fitScope, type Scope, type ScopeRow, scopeScores } from './scope.ts'
import type { Artifact, Metrics, ModelService, Reader, TrainRequest } from './service.ts'

/** What a message is about. */
export interface IntentReading {
  readonly name: string
  /** Calibrated probability, 0 to 1. */
  readonly confidence: number
  /** The message is none of the intents. */
  readonly outOfScope: boolean
}

/** A reading and the score that its `outOfScope` was decided by; higher is more at home. */
export interface ScoredIntent extends IntentReading {
  readonly scope: number
}

export interface IntentOptions {
  /** Label of the examples that belong to no intent. Default `oos`. */
  readonly oosLabel?: string
}

const name = 'intent'
const recipe = 5
/**
 * An intent's logit is the softmax regression's plus this times the cosine to its most similar example: the first knows what
 * tells intents apart, the second does not mind how rare a wording is. On held-out texts of corpora/intents, BANKING77 (five
 * and ten examples a label) and CLINC150, accuracy and log loss are better with it, by about one point.
 */
const nearestWeight = 4
/** Below this many examples a label, n-grams are noise beside a sentence vector (cross-validation on corpora/intents). */
const examplesForNgrams = 100

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
      const readings = await readAll(reader, examples, vectors)
      return metricsOf(
        examples.map(({ label }) => label),
        readings,
        oosLabel,
      )
    },
  }
}

/** Rows that were held out, with what was said of them. */
interface HeldOut {
  /** Place of the intent; as many as there are intents for a stranger. */
  readonly labels: readonly number[]
  /** Of the intents only. */
  readonly logits: readonly Float32Array[]
  readonly scopeRows: readonly ScopeRow[]
}

/** What is chosen on held-out rows. */
interface Decision {
  readonly labels: readonly string[]
  readonly temperature: number
  readonly scope: Scope
}

async function trainIntent(request: TrainRequest, oosLabel: string): Promise<Artifact> {
  checkRequest(request)
  const { examples, onProgress } = request
  const labels = labelsOf(examples, oosLabel)
  const places = new Map([...labels, oosLabel].map((label, place) => [label, place]))
  const rows = rowsWhere(request, places, ({ split }) => split !== 'test')
  const test = rowsWhere(request, places, ({ split }) => split === 'test')
  const heldOut = await holdOut(rows, labels.length, request)
  const decision = await decide(heldOut, labels)
  const head = await fitTextHead(...trainable(rows, labels.length))
  const measured = test.texts.length === 0 ? heldOut : await readFold(await foldOf(head, rows, test), labels.length)
  onProgress?.(1)
  return {
    files: filesOf(head, rows, decision),
    labels,
    temperature: decision.temperature,
    thresholds: { outOfScope: decision.scope.threshold },
    metrics: metricsOf(
      measured.labels.map((place) => labels[place] ?? oosLabel),
      await judge(measured, decision),
      oosLabel,
    ),
  }
}

/** Rows that the softmax learns from: enough strangers become a class of their own, a few would only confuse it. */
function trainable(rows: TextRows, intents: number): [TextRows, number, TextHeadOptions] {
  const strange = rows.labels.filter((place) => place === intents).length >= fewestStrangers
  const known = strange ? rows : picked(rows, (place) => place < intents)
  const options = {
    vocabulary: { minTexts: 2, maxTerms: known.texts.length / intents < examplesForNgrams ? 0 : 20_000 },
    training: { l2: 1 / (10 * known.texts.length) },
  }
  return [known, strange ? intents + 1 : intents, options]
}

async function holdOut(rows: TextRows, intents: number, { seed, onProgress }: TrainRequest): Promise<HeldOut> {
  const [known, classes, options] = trainable(rows, intents)
  const parts: HeldOut[] = []
  for await (const fold of crossFit(known, classes, seed, options)) {
    parts.push(await readFold(fold, intents))
    onProgress?.((0.8 * parts.length) / foldsOf(known))
  }
  return {
    labels: parts.flatMap(({ labels }) => labels),
    logits: parts.flatMap(({ logits }) => logits),
    scopeRows: parts.flatMap(({ scopeRows }) => scopeRows),
  }
}

async function foldOf(head: TextHead, training: TextRows, heldOut: TextRows): Promise<Fold> {
  return { head, training, heldOut, logits: await headLogits(head, heldOut, undefined) }
}

async function readFold({ head, training, heldOut, logits }: Fold, intents: number): Promise<HeldOut> {
  const { outputs } = head.model
  const near = await nearness(
    picked(training, (place) => place < intents),
    intents,
    heldOut.vectors,
  )
  // One class; nothing is known of strangers where they are too few to be one.
  const strangers = outputs > intents ? picked(training, (place) => place === intents).vectors : []
  const foreign = await nearness({ vectors: strangers, labels: strangers.map(() => 0) }, 1, heldOut.vectors)
  const ofIntents = heldOut.labels.map((_, row) =>
    logits
      .subarray(row * outputs, row * outputs + intents)
      .map((logit, place) => logit + nearestWeight * near.best[row * intents + place]!),
  )
  return {
    labels: heldOut.labels,
    logits: ofIntents,
    scopeRows: ofIntents.map((row, i) => [
      Math.max(...row),
      outputs > intents ? logits[i * outputs + intents]! : 0,
      near.mean[i]!,
      foreign.mean[i]!,
    ]),
  }
}

async function decide({ labels: places, logits, scopeRows }: HeldOut, labels: readonly string[]): Promise<Decision> {
  const known = <T>(values: readonly T[]) => values.filter((_, row) => places[row]! < labels.length)
  const strange = <T>(values: readonly T[]) => values.filter((_, row) => places[row]! >= labels.length)
  return {
    labels,
    temperature: fitTemperature(known(logits), known(places)),
    scope: await fitScope(known(scopeRows), strange(scopeRows)),
  }
}

function filesOf(head: TextHead, rows: TextRows, { labels, temperature, scope }: Decision): Map<string, Uint8Array> {
  const known = picked(rows, (place) => place < labels.length)
  const strangers = head.model.outputs > labels.length ? picked(rows, (place) => place === labels.length).vectors : []
  const { model, vocabulary } = head
  const graph = writeIntentModel({ model, nearestWeight, temperature, scope: scope.model, known, strangers, labels })
  const files = new Map([[modelFile, graph]])
  if (vocabulary.hashes.length > 0) files.set(vocabularyFile, vocabularyBytes(vocabulary))
  return files
}

async function judge({ logits, scopeRows }: HeldOut, decision: Decision): Promise<ScoredIntent[]> {
  const { labels, temperature, scope } = decision
  const scores = await scopeScores(scope.model, scopeRows)
  return logits.map((row, i) => readingOf(softmax(row, temperature), scores[i]!, labels, scope.threshold))
}

function readingOf(
  probabilities: ArrayLike<number>,
  scope: number,
  labels: readonly string[],
  threshold: number,
): ScoredIntent {
  const best = bestOf(probabilities)
  return { name: labels[best]!, confidence: probabilities[best]!, outOfScope: scope < threshold, scope }
}

/**
 * `ece` is of the intent's name, on rows that have one. Without strangers among the rows, `accuracy` and `macroF1` are, too;
 * with strangers they are over all rows, a stranger being right when recognised. Then `inScopeAccuracy` is the share of rows
 * with an intent that are taken for one and named rightly, `closedAccuracy` the share that are named rightly whatever the scope.
 */
function metricsOf(truth: readonly string[], given: readonly ScoredIntent[], oosLabel: string): Metrics {
  const said = truth.map((gold, i) => ({ gold, ...given[i]! }))
  const known = said.filter(({ gold }) => gold !== oosLabel)
  const closed: Labelled[] = known.map(({ gold, name }) => ({ gold, predicted: name }))
  const ece = expectedCalibrationError(
    known.map(({ confidence }) => confidence),
    known.map(({ gold, name }) => gold === name),
  )
  const n = said.length
  if (known.length === n) return { n, accuracy: accuracy(closed), macroF1: macroF1(closed), ece }
  const all: Labelled[] = said.map(({ gold, name, outOfScope }) => ({ gold, predicted: outOfScope ? oosLabel : name }))
  return {
    n,
    accuracy: accuracy(all),
    macroF1: macroF1(all),
    ece,
    closedAccuracy: accuracy(closed),
    inScopeAccuracy: accuracy(all.filter(({ gold }) => gold !== oosLabel)),
    oosRecall: accuracy(all.filter(({ gold }) => gold === oosLabel)),
    oosAuroc: auroc(
      said.map(({ scope }) => scope),
      said.map(({ gold }) => gold !== oosLabel),
    ),
  }
}

function picked(rows: TextRows, wanted: (place: number) => boolean): TextRows {
  return pickTexts(
    rows,
    rows.labels.flatMap((place, row) => (wanted(place) ? [row] : [])),
  )
}

async function loadIntent(dir: string): Promise<Reader<ScoredIntent>> {
  const head = await loadHead(dir, { service: name, recipe })
  const { labels, thresholds } = head.manifest
  const threshold = thresholds.outOfScope ?? Number.NEGATIVE_INFINITY
  return {
    manifest: head.manifest,
    async read(text, vector) {
      const { probabilities, score } = await head.run(text, vector, ['probabilities', 'score'])
      return readingOf(probabilities, score[0]!, labels, threshold)
    },
    async scores(text, vector) {
      const { probabilities } = await head.run(text, vector, ['probabilities'])
      return namedScores(labels, probabilities)
    },
    close: head.close,
  }
}
