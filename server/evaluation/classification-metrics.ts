import { reliabilityBins } from './calibration.ts'

/** What was right and what was said, for one example. */
export interface Labelled {
  readonly gold: string
  readonly predicted: string
}

/** Share of examples with the right label; NaN of none. */
export function accuracy(examples: readonly Labelled[]): number {
  return examples.filter(({ gold, predicted }) => gold === predicted).length / examples.length
}

interface Counts {
  readonly right: number
  readonly gold: number
  readonly predicted: number
}

function countByLabel(examples: readonly Labelled[]): Map<string, Counts> {
  const counts = new Map<string, { right: number; gold: number; predicted: number }>()
  const of = (label: string) => {
    const known = counts.get(label) ?? { right: 0, gold: 0, predicted: 0 }
    counts.set(label, known)
    return known
  }
  for (const { gold, predicted } of examples) {
    of(gold).gold++
    of(predicted).predicted++
    if (gold === predicted) of(gold).right++
  }
  return counts
}

/** Unweighted mean of the labels' F1, over every label that is right or was said somewhere (scikit-learn's `macro`); NaN of none. */
export function macroF1(examples: readonly Labelled[]): number {
  const counts = [...countByLabel(examples).values()]
  return counts.reduce((sum, { right, gold, predicted }) => sum + (2 * right) / (gold + predicted), 0) / counts.length
}

/** Share of each label's examples that were recognised, sorted by label; labels that are never right are left out. */
export function recallByLabel(examples: readonly Labelled[]): Map<string, number> {
  const labels = [...countByLabel(examples)].filter(([, { gold }]) => gold > 0)
  return new Map(labels.sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, { right, gold }]) => [label, right / gold]))
}

/** How far apart confidence and accuracy are, weighted by bin (Naeini et al. 2015), 0 to 1; NaN of nothing. */
export function expectedCalibrationError(confidences: readonly number[], right: readonly boolean[], bins = 15): number {
  const gaps = reliabilityBins(confidences, right, bins).map(
    (bin) => bin.count * Math.abs(bin.accuracy - bin.confidence),
  )
  return gaps.reduce((sum, gap) => sum + gap, 0) / confidences.length
}

/**
 * Chance that a positive has a higher score than a negative, ties counting half (Mann & Whitney); NaN without either.
 * @throws {RangeError} if the lengths differ or a score is NaN.
 */
export function auroc(scores: readonly number[], positive: readonly boolean[]): number {
  if (scores.length !== positive.length) throw new RangeError('scores and labels differ in number')
  if (scores.some(Number.isNaN)) throw new RangeError('a score is not a number')
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  let positives = 0
  let rankSum = 0
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++
    const tied = order.slice(start, end).filter((i) => positive[i]).length
    rankSum += tied * ((start + 1 + end) / 2) // the mean of ranks start + 1 to end
    positives += tied
    start = end
  }
  const negatives = scores.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}
