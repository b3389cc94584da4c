import type { Outcome } from '../evaluation/label-figures.ts'
import { bestOf } from './preparation.ts'
import type { Judgement, Parts } from './service.ts'
import { gateLabel, gateScore } from './several.ts'

/**
 * What a model's outputs mean.
 * @param probabilities of each label. @param scope how much at home the text is; 0 if the model does not know.
 * @param only labels to choose from: those that exclude each other share what the others had.
 */
export function judgementOf(
  probabilities: ArrayLike<number>,
  scope: number,
  { labels, thresholds }: Pick<Parts, 'labels' | 'thresholds'>,
  only?: ReadonlySet<string>,
): Judgement {
  const { several } = thresholds
  const weighed = only ? among(probabilities, labels, only, several === undefined) : probabilities
  const best = bestOf(weighed)
  const judged = { top: labels[best]!, confidence: weighed[best]!, probabilities: weighed, scope }
  if (thresholds.gate !== undefined) return gated(judged, labels, { several, gate: thresholds.gate })
  if (several !== undefined) return { ...judged, labels: labels.filter((_, place) => weighed[place]! >= several) }
  const isStranger = scope < (thresholds.outOfScope ?? Number.NEGATIVE_INFINITY)
  return { ...judged, labels: isStranger ? [] : [judged.top] }
}

/** Labels of a text that the gate lets through: all that are likely enough, and the likeliest in any case. */
function gated(
  judged: Omit<Judgement, 'labels'>,
  labels: readonly string[],
  { several = 1, gate }: { readonly several: number | undefined; readonly gate: number },
): Judgement {
  const { probabilities } = judged
  const place = labels.indexOf(gateLabel)
  const best = bestOf(Float64Array.from(labels, (_, k) => (k === place ? -1 : probabilities[k]!)))
  const isGiven = (k: number): boolean => k !== place && (k === best || probabilities[k]! >= several)
  const isOpen = gateScore(probabilities[place]!, probabilities[best]!) >= gate
  const top = { top: labels[best]!, confidence: probabilities[best]! }
  return { ...judged, ...top, labels: isOpen ? labels.filter((_, k) => isGiven(k)) : [] }
}

/**
 * A judgement's labels as one: `oosLabel` if there is none, several with blanks between them.
 * @param several whether the model may give several.
 */
export function labelOf({ labels, top }: Judgement, several: boolean, oosLabel: string): string {
  if (labels.length === 0) return oosLabel
  return several ? labels.join(' ') : top
}

/** A judgement beside what is true. @param labels of the model. */
export function outcomeOf(
  gold: readonly string[],
  { labels: said, top, confidence, probabilities, scope }: Judgement,
  labels: readonly string[],
): Outcome {
  return { gold, said, top, confidence, scope, ofGold: probabilities[labels.indexOf(gold[0] ?? '')] ?? 0 }
}

function among(
  probabilities: ArrayLike<number>,
  labels: readonly string[],
  only: ReadonlySet<string>,
  shared: boolean,
): Float64Array {
  const kept = Float64Array.from(labels, (label, place) => (only.has(label) ? probabilities[place]! : 0))
  const sum = kept.reduce((total, value) => total + value, 0)
  return shared && sum > 0 ? kept.map((value) => value / sum) : kept
}
