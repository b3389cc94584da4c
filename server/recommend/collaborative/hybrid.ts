import { discountedGain, idealGain } from '../../evaluation/ranking-metrics.ts'
import { holdOut } from './hold-out.ts'
import type { History, Interactions } from './interactions.ts'
import type { Scorer } from './scorer.ts'

/** A method that needs nothing but interactions any more. */
export type Fit = (interactions: Interactions) => Scorer | Promise<Scorer>

/** What weights are moved by, in turn; a smaller step would fit the noise of the held-out items. */
const steps = [0.4, 0.2, 0.1]

/**
 * A weighted sum of the scores of several methods, each standardised over what somebody might be offered. The weights are
 * those that rank held-out items best (mean nDCG@10) when the methods are fitted without them, found from the best method on
 * by moving one weight after the other; then every method is fitted to all. Source: Metzler & Croft, Linear Feature-Based
 * Models for Information Retrieval (2007), coordinate ascent.
 * @returns the scorer, and the weight of each method: how much one standard deviation of its score counts.
 */
export async function fitHybrid(
  interactions: Interactions,
  fits: readonly Fit[],
  seed: number,
): Promise<{ readonly scorer: Scorer; readonly weights: Float64Array }> {
  const choices: Choice[] = []
  for (const half of [0, 1] as const) {
    const { kept, heldOut } = holdOut(interactions, seed, half)
    choices.push(...choicesOf(kept, heldOut, await fitAll(fits, kept)))
  }
  const weights = ascend(choices, fits.length)
  const scorers = await fitAll(fits, interactions)
  const scorer: Scorer = (history) => {
    const scores = new Float64Array(interactions.items.length)
    const open = openItems(history, scores.length)
    for (const [i, part] of scorers.entries()) {
      const own = standardised(part(history), open)
      for (const [place, item] of open.entries()) scores[item]! += weights[i]! * own[place]!
    }
    return scores
  }
  return { scorer, weights }
}

/** One after the other: they would only share one thread. */
async function fitAll(fits: readonly Fit[], interactions: Interactions): Promise<Scorer[]> {
  const scorers: Scorer[] = []
  for (const learn of fits) scorers.push(await learn(interactions))
  return scorers
}

/** What one user might have been offered, and which of it they had. */
interface Choice {
  /** One a method: standardised scores of the open items. */
  readonly scores: readonly Float32Array[]
  /** Places of the held-out items among the open ones. */
  readonly chosen: readonly number[]
}

function choicesOf(kept: Interactions, heldOut: readonly History[], scorers: readonly Scorer[]): Choice[] {
  const asked = kept.histories.flatMap((history, user) =>
    heldOut[user]!.items.length > 0 ? [{ history, items: new Set(heldOut[user]!.items) }] : [],
  )
  return asked.map(({ history, items }) => {
    const open = openItems(history, kept.items.length)
    return {
      scores: scorers.map((scorer) => standardised(scorer(history), open)),
      chosen: Array.from(open.keys()).filter((place) => items.has(open[place]!)),
    }
  })
}

/** Items that a user does not have. */
function openItems({ items }: History, size: number): Int32Array {
  const own = new Set(items)
  return Int32Array.from({ length: size }, (_, item) => item).filter((item) => !own.has(item))
}

/** Mean 0 and deviation 1 over the open items. */
export function standardised(scores: Float64Array, open: Int32Array): Float32Array {
  let [sum, squares] = [0, 0]
  for (const item of open) {
    sum += scores[item]!
    squares += scores[item]! ** 2
  }
  const mean = sum / open.length
  const deviation = Math.sqrt(Math.max(0, squares / open.length - mean ** 2)) || 1
  return Float32Array.from(open, (item) => (scores[item]! - mean) / deviation)
}

/** Move one weight after the other as long as the held-out items rise. */
function ascend(choices: readonly Choice[], methods: number): Float64Array {
  const unit = (method: number) => Float64Array.from({ length: methods }, (_, i) => Number(i === method))
  const rated = (weights: Float64Array) => ({ weights, value: meanGain(choices, weights) })
  const highest = (all: readonly ReturnType<typeof rated>[]) =>
    all.reduce((one, other) => (other.value > one.value ? other : one))
  let best = highest(Array.from({ length: methods }, (_, method) => rated(unit(method))))
  for (const step of steps) {
    for (let before = -1; best.value > before; ) {
      before = best.value
      for (let method = 0; method < methods; method++) {
        // A method never counts against what it says: what little that gains is noise.
        const moved = (by: number) => best.weights.map((weight, i) => Math.max(0, weight + (i === method ? by : 0)))
        best = highest([best, rated(moved(-step)), rated(moved(step))])
      }
    }
  }
  return best.weights
}

/** Mean nDCG@10 of the held-out items. */
function meanGain(choices: readonly Choice[], weights: Float64Array): number {
  let sum = 0
  for (const { scores, chosen } of choices) {
    const sums = new Float64Array(scores[0]!.length)
    for (const [i, own] of scores.entries()) {
      const weight = weights[i]!
      if (weight !== 0) for (let k = 0; k < sums.length; k++) sums[k]! += weight * own[k]!
    }
    // Behind all that stand above it or beside it: a method that cannot tell items apart has found none.
    const places = chosen.map((place) => sums.reduce((above, one) => above + Number(one >= sums[place]!), -1))
    sum += discountedGain(places) / idealGain(chosen.length)
  }
  return sum / choices.length
}
