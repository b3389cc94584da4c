import type { ModelCount } from '../../storage/model-figures.ts'
import type { ReadingReceipt, ReadWith } from '../../storage/receipts.ts'
import { usualOosLabel } from '../oos-label.ts'

/** Services whose live versions are watched. */
export const watchedServices = ['intent', 'sentiment', 'answerable'] as const
export type WatchedService = (typeof watchedServices)[number]

/** Bins of equal width that confidences, 0 to 1, are counted in. */
export const confidenceBins = 20
/** Upper bounds in ms that latencies are counted under; the last has none. */
export const latencyBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000, Number.POSITIVE_INFINITY]

/** What one version said of one message. */
export interface Said {
  readonly service: WatchedService
  readonly version: number
  readonly label: string
  /** The most probable label, whatever the scope. */
  readonly top: string
  readonly confidence: number
  /** Out of scope, or not answered. */
  readonly abstained: boolean
}

/**
 * What an answer adds to the figures of the versions that it was read with. The time is that of the reading as a whole: an
 * engine does it in one go. Chinese has no intents, so none is counted.
 * @param isGap the question stayed unanswered for want of a text.
 */
export function readingFigures(receipt: ReadingReceipt, isGap: boolean): ModelCount[] {
  return saidIn(receipt, isGap).flatMap(({ service, version, label, confidence, abstained }) => {
    const count = (figure: ModelCount['figure'], bucket: string, sum = 0): ModelCount => ({
      ...{ service, version, figure, bucket, count: 1, sum },
    })
    const { computeMs } = receipt
    return [
      count('label', label),
      count('confidence', String(binOf(confidence)), confidence),
      ...(computeMs === undefined ? [] : [count('latency', boundOf(computeMs), computeMs)]),
      ...(abstained ? [count('abstained', '')] : []),
    ]
  })
}

/** A reading that failed, for each of the versions that should have made it. */
export function failureFigures(heads: ReadWith['heads']): ModelCount[] {
  return watchedServices.map((service) => ({
    ...{ service, version: heads[service], figure: 'error' as const, bucket: '', count: 1, sum: 0 },
  }))
}

/** What the intent model said of a message; undefined in a language that has none. */
export function intentSaid({ intent, lang, readWith }: ReadingReceipt): Said | undefined {
  if (lang === 'zh') return undefined
  const { name, confidence, outOfScope: abstained } = intent
  const label = abstained ? usualOosLabel : name
  return { service: 'intent', version: readWith.heads.intent, label, top: name, confidence, abstained }
}

/** What the sentiment model said of a message. */
export function sentimentSaid({ sentiment: { label, score }, readWith }: ReadingReceipt): Said {
  const version = readWith.heads.sentiment
  return { service: 'sentiment', version, label, top: label, confidence: score, abstained: false }
}

function saidIn(receipt: ReadingReceipt, isGap: boolean): Said[] {
  const { candidates, action, readWith } = receipt
  const intent = intentSaid(receipt)
  const best = Math.max(0, ...candidates.map(({ probability }) => probability))
  return [
    ...(intent ? [intent] : []),
    sentimentSaid(receipt),
    {
      ...{ service: 'answerable' as const, version: readWith.heads.answerable },
      ...{ label: action.kind, top: action.kind, confidence: best, abstained: isGap },
    },
  ]
}

const binOf = (confidence: number): number =>
  Math.min(confidenceBins - 1, Math.max(0, Math.floor(confidence * confidenceBins)))
const boundOf = (ms: number): string => String(latencyBounds.find((bound) => ms <= bound))
