import { InputError, ModelError } from '../errors.ts'
import { fitTemperature, softmax } from '../evaluation/calibration.ts'
import {
  accuracy,
  expectedCalibrationError,
  type Labelled,
  macroF1,
  recallByLabel,
} from '../evaluation/classification-metrics.ts'
import { crossFit, foldsOf } from './algorithms/cross-fit.ts'
import { vocabularyBytes } from './algorithms/ngrams.ts'
import { fitTextHead, headLogits, type TextHeadOptions, type TextRows } from './algorithms/text-head.ts'
import { writeHead } from './head-graph.ts'
import { loadHead, modelFile, vocabularyFile } from './head-session.ts'
import { lexiconFeatures, lexiconOf } from './lexicon.ts'
import { bestOf, checkRequest, labelsOf, namedScores, readAll, rowsWhere } from './preparation.ts'
import type { Artifact, Metrics, ModelService, Reader, TrainRequest } from './service.ts'

export const moods = ['positive', 'neutral', 'negative', 'urgent'] as const
export type Mood = (typeof moods)[number]

/** How a message feels. */
export interface SentimentReading {
  readonly label: Mood
  /** Calibrated probability of the label, 0 to 1. */
  readonly score: number
}

const name = 'sentiment'
const recipe = 3
/** Weight of the lexicon's features beside a unit vector. */
const lexiconWeight = 0.25

/** Moods of customers' messages by softmax regression over sentence vector, lexicon features and n-grams. */
export const sentimentService: ModelService<SentimentReading> = {
  name,
  task: 'classification',
  recipe,
  thresholds: {},
  train: trainSentiment,
  load: loadSentiment,
  async evaluate(reader, examples, vectors) {
    const readings = await readAll(reader, examples, vectors)
    return metricsOf(
      examples.map(({ label }) => label),
      readings,
    )
  },
}

const extra = (text: string): number[] => lexiconOf(text).map((value) => value * lexiconWeight)

async function trainSentiment(request: TrainRequest): Promise<Artifact> {
  checkRequest(request)
  const { examples, seed, onProgress } = request
  const labels = labelsOf(examples).map(moodOf)
  const places = new Map<string, number>(labels.map((label, place) => [label, place]))
  const rows = rowsWhere(request, places, ({ split }) => split !== 'test')
  const test = rowsWhere(request, places, ({ split }) => split === 'test')
  const options = headOptions(rows)
  const heldOut = await holdOut(rows, labels.length, options, seed, onProgress)
  const temperature = fitTemperature(heldOut.logits, heldOut.labels)
  const head = await fitTextHead(rows, labels.length, options)
  const measured = test.texts.length === 0 ? heldOut : rowsOf(test, await headLogits(head, test, extra), labels.length)
  onProgress?.(1)
  return {
    files: new Map([
      [modelFile, writeHead(head.model, { slope: 1 / temperature, offset: 0 }, metadataOf(labels))],
      [vocabularyFile, vocabularyBytes(head.vocabulary)],
    ]),
    labels,
    temperature,
    thresholds: {},
    metrics: metricsOf(
      measured.labels.map((place) => labels[place]!),
      measured.logits.map((row) => readingOf(softmax(row, temperature), labels)),
    ),
  }
}

/** Rows that were held out, with what was said of them. */
interface HeldOut {
  readonly labels: readonly number[]
  readonly logits: readonly Float32Array[]
}

async function holdOut(
  rows: TextRows,
  classes: number,
  options: TextHeadOptions,
  seed: number,
  onProgress: TrainRequest['onProgress'],
): Promise<HeldOut> {
  const parts: HeldOut[] = []
  for await (const { heldOut, logits } of crossFit(rows, classes, seed, options)) {
    parts.push(rowsOf(heldOut, logits, classes))
    onProgress?.((0.8 * parts.length) / foldsOf(rows))
  }
  return { labels: parts.flatMap(({ labels }) => labels), logits: parts.flatMap(({ logits }) => logits) }
}

function rowsOf({ labels }: TextRows, logits: Float32Array, classes: number): HeldOut {
  return { labels, logits: labels.map((_, row) => logits.subarray(row * classes, (row + 1) * classes)) }
}

function headOptions(rows: TextRows): TextHeadOptions {
  return {
    extra,
    vocabulary: { minTexts: 2, maxTerms: 20_000 },
    training: { l2: 1 / (10 * rows.texts.length), classWeights: 'balanced' },
  }
}

/** The further features by name, for whoever opens the file elsewhere. */
function metadataOf(labels: readonly string[]): Record<string, string> {
  return { labels: JSON.stringify(labels), features: JSON.stringify(['vector', ...lexiconFeatures]) }
}

function moodOf(label: string): Mood {
  const mood = moods.find((known) => known === label)
  if (!mood) throw new InputError({ file: 'training examples' }, `label '${label}' is none of ${moods.join(', ')}`)
  return mood
}

function readingOf(probabilities: ArrayLike<number>, labels: readonly Mood[]): SentimentReading {
  const best = bestOf(probabilities)
  return { label: labels[best]!, score: probabilities[best]! }
}

/** Truth without `urgent` (other people's data) is met as the evaluation contract says: an urgent message counts as a negative one. */
function metricsOf(truth: readonly string[], readings: readonly SentimentReading[]): Metrics {
  const knowsUrgent = truth.includes('urgent')
  const said: Labelled[] = truth.map((gold, i) => {
    const { label } = readings[i]!
    return { gold, predicted: label === 'urgent' && !knowsUrgent ? 'negative' : label }
  })
  const negativeRecall = recallByLabel(said).get('negative')
  return {
    n: truth.length,
    accuracy: accuracy(said),
    macroF1: macroF1(said),
    ece: expectedCalibrationError(
      readings.map(({ score }) => score),
      said.map(({ gold, predicted }) => gold === predicted),
    ),
    ...(negativeRecall !== undefined && { negativeRecall }),
  }
}

async function loadSentiment(dir: string): Promise<Reader<SentimentReading>> {
  const head = await loadHead(dir, { service: name, recipe, extra })
  const labels = head.manifest.labels.map((label) => {
    const mood = moods.find((known) => known === label)
    if (!mood) throw new ModelError(`${dir} knows a mood '${label}' that is none of ${moods.join(', ')}`)
    return mood
  })
  return {
    manifest: head.manifest,
    async read(text, vector) {
      const { probabilities } = await head.run(text, vector, ['probabilities'])
      return readingOf(probabilities, labels)
    },
    async scores(text, vector) {
      const { probabilities } = await head.run(text, vector, ['probabilities'])
      return namedScores(labels, probabilities)
    },
    close: head.close,
  }
}
