import { createRandom } from '../math/random.ts'
import { percentile } from '../math/statistics.ts'
import type { BootstrapOptions, WithIntervals } from './bootstrap.ts'

/** Figures of rows that count so often each; computed from what was sorted once, so that resamples are cheap. */
export type CountedMeasure<K extends string> = (counts: Float64Array) => Readonly<Record<K, number>>

export type ScoreFigure = 'auc' | 'ks' | 'brier' | 'ece' | 'logLoss' | 'accuracy' | 'majority'
export type ValueFigure = 'r2' | 'mse' | 'mae'

/** Bins of the probability for the expected calibration error. */
const bins = 10

/**
 * Figures of the probability of the second class: area under the ROC curve (ties count half), largest distance of the two
 * classes' distributions (Kolmogorov & Smirnov), mean squared error (Brier 1950), expected calibration error in ten equal bins
 * of the probability, mean log loss, share that is right at 0.5, and the share of the larger class, which accuracy has to beat.
 * @param probabilities 0 to 1. @param positive 0 or 1.
 */
export function scoreMeasure(
  probabilities: ArrayLike<number>,
  positive: ArrayLike<number>,
): CountedMeasure<ScoreFigure> {
  const order = Uint32Array.from(probabilities, (_, row) => row).sort((a, b) => probabilities[a]! - probabilities[b]!)
  const losses = Float64Array.from(order, (row) => {
    const chosen = positive[row] ? probabilities[row]! : 1 - probabilities[row]!
    return -Math.log(Math.max(chosen, 1e-15))
  })
  const sorted = Float64Array.from(order, (row) => probabilities[row]!)
  const truth = Uint8Array.from(order, (row) => positive[row]!)
  return (counts) => {
    const weights = Float64Array.from(order, (row) => counts[row]!)
    return { ...rankFigures(sorted, truth, weights), ...pointFigures(sorted, truth, weights, losses) }
  }
}

/** @param sorted ascending. */
function rankFigures(sorted: Float64Array, truth: Uint8Array, weights: Float64Array) {
  let [positives, negatives] = [0, 0]
  for (let i = 0; i < sorted.length; i++) {
    if (truth[i]) positives += weights[i]!
    else negatives += weights[i]!
  }
  let [above, ks, seenPositives, seenNegatives] = [0, 0, 0, 0]
  for (let from = 0; from < sorted.length; ) {
    let [tiedPositives, tiedNegatives, to] = [0, 0, from]
    for (; to < sorted.length && sorted[to] === sorted[from]; to++) {
      if (truth[to]) tiedPositives += weights[to]!
      else tiedNegatives += weights[to]!
    }
    above += tiedPositives * (seenNegatives + tiedNegatives / 2)
    seenPositives += tiedPositives
    seenNegatives += tiedNegatives
    ks = Math.max(ks, Math.abs(seenPositives / positives - seenNegatives / negatives))
    from = to
  }
  return { auc: above / (positives * negatives), ks }
}

function pointFigures(sorted: Float64Array, truth: Uint8Array, weights: Float64Array, losses: Float64Array) {
  const gaps = new Float64Array(bins)
  let [total, positives, brier, logLoss, right] = [0, 0, 0, 0, 0]
  for (let i = 0; i < sorted.length; i++) {
    const [probability, one, weight] = [sorted[i]!, truth[i]!, weights[i]!]
    total += weight
    positives += weight * one
    brier += weight * (probability - one) ** 2
    logLoss += weight * losses[i]!
    right += weight * Number(probability > 0.5 === (one === 1))
    gaps[Math.max(0, Math.ceil(probability * bins) - 1)]! += weight * (one - probability)
  }
  return {
    brier: brier / total,
    ece: gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total,
    logLoss: logLoss / total,
    accuracy: right / total,
    majority: Math.max(positives, total - positives) / total,
  }
}

/** Share of variance explained, mean squared and mean absolute error of predicted numbers. */
export function valueMeasure(predicted: ArrayLike<number>, truth: ArrayLike<number>): CountedMeasure<ValueFigure> {
  return (counts) => {
    let [total, sum, squares, errors, absolute] = [0, 0, 0, 0, 0]
    for (let row = 0; row < counts.length; row++) {
      const error = predicted[row]! - truth[row]!
      total += counts[row]!
      sum += counts[row]! * truth[row]!
      errors += counts[row]! * error * error
      absolute += counts[row]! * Math.abs(error)
    }
    const centre = sum / total
    for (let row = 0; row < counts.length; row++) squares += counts[row]! * (truth[row]! - centre) ** 2
    return { r2: 1 - errors / squares, mse: errors / total, mae: absolute / total }
  }
}

/** Of all rows, once each. */
export const measured = <K extends string>(measure: CountedMeasure<K>, rows: number): Readonly<Record<K, number>> =>
  measure(new Float64Array(rows).fill(1))

/** Figures with their 95 % percentile bootstrap intervals (Efron 1979): a resample is how often each row is drawn. */
export function withCountedIntervals<K extends string>(
  measure: CountedMeasure<K>,
  rows: number,
  { resamples = 1_000, seed = 1 }: BootstrapOptions = {},
): WithIntervals<K> {
  const random = createRandom(seed)
  const figures = measured(measure, rows)
  // Object.keys forgets the key type; `measure` returns exactly these.
  const names = Object.keys(figures) as K[]
  const drawn = new Map<K, number[]>(names.map((name) => [name, []]))
  const counts = new Float64Array(rows)
  for (let i = 0; i < resamples; i++) {
    counts.fill(0)
    for (let j = 0; j < rows; j++) counts[Math.floor(random() * rows)]!++
    const again = measure(counts)
    // A resample without one of the classes has no such figure.
    for (const name of names) if (!Number.isNaN(again[name])) drawn.get(name)!.push(again[name])
  }
  const entries = names.flatMap((name) => [
    [name, figures[name]],
    [`${name}_ci`, [percentile(drawn.get(name)!, 0.025), percentile(drawn.get(name)!, 0.975)]],
  ])
  // Built from exactly the keys that the type names.
  return Object.fromEntries(entries) as WithIntervals<K>
}
