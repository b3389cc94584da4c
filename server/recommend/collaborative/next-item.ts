import { minimise } from '../../models/algorithms/lbfgs.ts'
import type { History, Interactions } from './interactions.ts'
import type { Scorer } from './scorer.ts'

/** Penalty on the squares of the pairs' weights, in interactions. */
const ridge = 2

/**
 * Which item somebody has besides those that are known: log-odds of each item, plus what each item that they have adds to it.
 * Fitted to every interaction with the rest of its user's as what is known. A conditional logit (McFadden 1974) whose choice set is
 * what somebody does not have; as a model of sets Besag's pseudo-likelihood (1975) with a softmax.
 */
export async function nextItemScorer({ items, histories }: Interactions): Promise<Scorer> {
  const size = items.length
  const rows = histories.filter((history) => history.items.length > 1)
  const count = rows.reduce((sum, history) => sum + history.items.length, 0)
  const start = new Float32Array(size * (size + 1))
  const options = { maxIterations: 200, tolerance: 1e-6 }
  const { point } = await minimise(async (weights) => lossOf(rows, weights, size, count), start, options)
  const weights = Float64Array.from(point)
  return ({ items: own }) => sums(weights, own, -1, size)
}

/** Scores of all items: the last row of weights is of nothing, the others of each item that is had. */
function sums(weights: ArrayLike<number>, own: Int32Array, without: number, size: number): Float64Array {
  const scores = Float64Array.from({ length: size }, (_, item) => weights[size * size + item]!)
  for (const one of own) {
    if (one !== without) for (let item = 0; item < size; item++) scores[item]! += weights[one * size + item]!
  }
  return scores
}

/** Mean negative log-likelihood with the penalty, and its gradient. */
function lossOf(rows: readonly History[], weights: Float32Array, size: number, count: number) {
  const gradient = new Float64Array(weights.length)
  let value = 0
  for (const { items: own } of rows) {
    for (const held of own) {
      const powers = sums(weights, own, held, size).map(Math.exp)
      for (const other of own) if (other !== held) powers[other] = 0
      const total = powers.reduce((sum, power) => sum + power, 0)
      value += Math.log(total / powers[held]!)
      for (const row of [size, ...own]) {
        if (row === held) continue
        for (let item = 0; item < size; item++) gradient[row * size + item]! += powers[item]! / total
        gradient[row * size + held]!--
      }
    }
  }
  for (let i = 0; i < size * size; i++) {
    gradient[i]! += ridge * weights[i]!
    value += (ridge * weights[i]! ** 2) / 2
  }
  return { value: value / count, gradient: Float32Array.from(gradient, (slope) => slope / count) }
}
