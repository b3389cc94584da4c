import { InputError, ModelError } from '../errors.ts'
import { crossFit, type HeldOut } from './algorithms/cross-fit.ts'
import { vocabularyBytes } from './algorithms/ngrams.ts'
import { denseOf, fitTextHead, headLogits, type TextHeadOptions } from './algorithms/text-head.ts'
import { writeHead } from './head-graph.ts'
import { loadHead, modelFile, vocabularyFile } from './head-session.ts'
import { lexiconFeatures, lexiconOf } from './lexicon.ts'
import { accuracy, bestOf, ece, fitTemperature, macroF1, softmaxRows } from './metrics.ts'
import { checkRequest, labelsOf, rowsWhere } from './preparation.ts'
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
const recipe = 1
/** Weight of the lexicon's features beside a unit vector. */
const lexiconWeight = 0.5

/** Moods of customers' messages by softmax regression over sentence vector, lexicon features and n-grams. */
export const sentimentService: ModelService<SentimentReading> = {
  name,
  task: 'classification',
  recipe,
  thresholds: {},
  train: trainSentiment,
  load: loadSentiment,
  async evaluate(reader, examples, vectors) {
    const readings: SentimentReading[] = []
    for (const [i, { text }] of examples.entries()) readings.push(await reader.read(text, vectors[i]!))
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
  const labels = labelsOf(examples.filter(({ split }) => split !== 'test')).map(moodOf)
  const places = new Map<string, number>(labels.map((label, k) => [label, k]))
  const rows = rowsWhere(request, places, ({ split }) => split !== 'test')
  const test = rowsWhere(request, places, ({ split }) => split === 'test')
  const options: TextHeadOptions = {
    extra,
    vocabulary: { minTexts: 2, maxTerms: 20_000 },
    training: { l2: 1 / (10 * rows.texts.length), classWeights: 'balanced' },
  }
  const heldOut = await crossFit(rows, labels.length, {
    ...options,
    seed,
    onProgress: (share) => onProgress?.(share * 0.8),
  })
  const temperature = fitTemperature(heldOut.logits, heldOut.labels, labels.length)
  const head = await fitTextHead(rows, labels.length, options)
  const measured =
    test.texts.length === 0 ? heldOut : { labels: test.labels, logits: await headLogits(head, test, extra) }
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
      measured.labels.map((label) => labels[label] ?? ''),
      readRows(measured, labels, temperature),
    ),
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

function readRows(
  { labels: rows, logits }: Pick<HeldOut, 'labels' | 'logits'>,
  labels: readonly Mood[],
  temperature: number,
): SentimentReading[] {
  const probabilities = softmaxRows(logits, labels.length, temperature)
  return rows.map((_, row) => readingOf(probabilities.subarray(row * labels.length, (row + 1) * labels.length), labels))
}

function readingOf(probabilities: Float32Array, labels: readonly Mood[]): SentimentReading {
  const best = bestOf(probabilities)
  return { label: labels[best]!, score: probabilities[best]! }
}

/** Truth without `urgent` (other people's data) is met as cli.md says: an urgent message counts as a negative one. */
function metricsOf(truth: readonly string[], readings: readonly SentimentReading[]): Metrics {
  const knowsUrgent = truth.includes('urgent')
  const given = readings.map(({ label }) => (label === 'urgent' && !knowsUrgent ? 'negative' : label))
  const negatives = truth.flatMap((label, i) => (label === 'negative' ? [given[i]!] : []))
  return {
    n: truth.length,
    accuracy: accuracy(truth, given),
    macroF1: macroF1(truth, given),
    ece: ece(
      readings.map(({ score }) => score),
      given.map((label, i) => label === truth[i]),
    ),
    ...(negatives.length > 0 && {
      negativeRecall: negatives.filter((label) => label === 'negative').length / negatives.length,
    }),
  }
}

async function loadSentiment(dir: string): Promise<Reader<SentimentReading>> {
  const head = await loadHead(dir, name, recipe)
  const labels = head.manifest.labels.map((label) => {
    const mood = moods.find((known) => known === label)
    if (!mood) throw new ModelError(`${dir} knows a mood '${label}' that is none of ${moods.join(', ')}`)
    return mood
  })
  return {
    manifest: head.manifest,
    async read(text, vector) {
      const { probabilities } = await head.run(text, denseOf(text, vector, extra), ['probabilities'])
      return readingOf(probabilities, labels)
    },
    close: head.close,
  }
}
