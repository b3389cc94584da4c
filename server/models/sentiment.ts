import { InputError, ModelError } from '../errors.ts'
import { moodFigures, moodsRight } from '../evaluation/label-figures.ts'
import { trainClassifier } from './classifier.ts'
import { loadClassifier, openClassifier } from './classifier-reader.ts'
import type { ClassifierSpec } from './classifier-spec.ts'
import { lexiconFeatures, lexiconOf } from './lexicon.ts'
import { type Judgement, leastMetrics, type ModelService, type TrainRequest } from './service.ts'

export const moods = ['positive', 'neutral', 'negative', 'urgent'] as const
export type Mood = (typeof moods)[number]

/** How a message feels. */
export interface SentimentReading {
  readonly label: Mood
  /** Calibrated probability of the label, 0 to 1. */
  readonly score: number
}

/** Weight of the lexicon's features beside a unit vector. */
const lexiconWeight = 0.25
const extra = (text: string): number[] => lexiconOf(text).map((value) => value * lexiconWeight)
const options = { service: 'sentiment', recipe: 4, extra }
const spec: ClassifierSpec = {
  extra,
  extraNames: lexiconFeatures,
  classWeights: 'root',
  // Moods are noisier than intents: often a stricter penalty is better.
  strengths: [2, 10],
  remembers: false,
  figures: moodFigures,
}

/** Moods of customers' messages by softmax regression over sentence vector, lexicon features and n-grams. */
export const sentimentService: ModelService<SentimentReading> = {
  name: options.service,
  task: 'classification',
  recipe: options.recipe,
  embeds: true,
  methods: [],
  thresholds: leastMetrics,
  async train(request) {
    assertMoods(request)
    return trainClassifier(request, spec)
  },
  open: (parts, dimension) => openClassifier(parts, dimension, options),
  load: (dir) => loadClassifier(dir, options, readingOf),
  figures: moodFigures,
  right: moodsRight,
}

const moodOf = (label: string): Mood | undefined => moods.find((known) => known === label)

function assertMoods({ examples }: TrainRequest): void {
  for (const { label, labels } of examples) {
    if (labels) throw new InputError({ file: 'training examples' }, 'a text has one mood, not a list')
    if (!moodOf(label))
      throw new InputError({ file: 'training examples' }, `label '${label}' is none of ${moods.join(', ')}`)
  }
}

function readingOf({ top, confidence }: Judgement): SentimentReading {
  const label = moodOf(top)
  if (!label) throw new ModelError(`the model knows a mood '${top}' that is none of ${moods.join(', ')}`)
  return { label, score: confidence }
}
