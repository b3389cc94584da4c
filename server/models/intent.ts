import { labelFigures, labelsRight } from '../evaluation/label-figures.ts'
import { trainClassifier } from './classifier.ts'
import { loadClassifier, openClassifier } from './classifier-reader.ts'
import type { ClassifierSpec } from './classifier-spec.ts'
import { usualOosLabel } from './oos-label.ts'
import { type Judgement, leastMetrics, type ModelService } from './service.ts'

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

const options = { service: 'intent', recipe: 6 }

/** Intents of customers' messages, and whether a message is any of them. */
export const intentService: ModelService<ScoredIntent> = {
  name: options.service,
  task: 'classification',
  recipe: options.recipe,
  embeds: true,
  methods: [],
  thresholds: leastMetrics,
  oosLabel: usualOosLabel,
  train: (request) => trainClassifier(request, intentSpec(request.oosLabel)),
  open: (parts, dimension) => openClassifier(parts, dimension, options),
  load: (dir) => loadClassifier(dir, options, readingOf),
  figures: labelFigures,
  right: labelsRight,
}

/** How intents are learnt. */
export const intentSpec = (oosLabel = usualOosLabel): ClassifierSpec & { readonly oosLabel: string } => ({
  remembers: true,
  strengths: [10],
  oosLabel,
  figures: labelFigures,
})

function readingOf({ labels, top, confidence, scope }: Judgement): ScoredIntent {
  return { name: top, confidence, outOfScope: labels.length === 0, scope }
}
