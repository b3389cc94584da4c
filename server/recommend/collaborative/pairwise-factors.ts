import { createRandom, gaussian } from '../../math/random.ts'
import { dotRow } from '../../math/vectors.ts'
import type { Interactions } from './interactions.ts'
import type { Scorer } from './scorer.ts'

export interface PairwiseOptions {
  readonly factors: number
  readonly epochs: number
  readonly rate: number
  /** Penalty on factors and biases. */
  readonly lambda: number
  readonly seed: number
}

/**
 * Factors by which what somebody has stands before what they do not, by stochastic gradient descent on random pairs. A user is
 * the mean of the factors of what they have rather than a row of their own, so that anybody can be scored.
 * Sources: Rendle et al., BPR: Bayesian Personalized Ranking from Implicit Feedback (UAI 2009); users by their items as in
 * Kabbur et al., FISM (KDD 2013), with one over the root of their number.
 */
export function bprScorer(interactions: Interactions, options: PairwiseOptions): Scorer {
  const { factors, epochs, seed } = options
  const random = createRandom(seed)
  const size = interactions.items.length
  const start = () => Float64Array.from({ length: size * factors }, () => 0.05 * gaussian(random))
  const model = { owned: start(), offered: start(), bias: new Float64Array(size) }
  const users = interactions.histories.filter(({ items }) => items.length > 1 && items.length < size)
  const pairs = users.reduce((sum, { items }) => sum + items.length, 0)
  const sets = users.map(({ items }) => new Set(items))
  for (let step = 0; step < epochs * pairs; step++) {
    const user = Math.floor(random() * users.length)
    const { items } = users[user]!
    const liked = items[Math.floor(random() * items.length)]!
    const other = Math.floor(random() * size)
    if (!sets[user]!.has(other)) learn(model, items, liked, other, options)
  }
  return ({ items }) => {
    const user = sumOf(model.owned, items, -1, factors)
    return Float64Array.from(
      { length: size },
      (_, item) => model.bias[item]! + dotRow(user, model.offered, item * factors),
    )
  }
}

interface Model {
  readonly owned: Float64Array
  readonly offered: Float64Array
  readonly bias: Float64Array
}

function learn(
  { owned, offered, bias }: Model,
  items: Int32Array,
  liked: number,
  other: number,
  options: PairwiseOptions,
) {
  const { factors, rate, lambda } = options
  // An item does not speak for itself.
  const user = sumOf(owned, items, liked, factors)
  const margin =
    bias[liked]! - bias[other]! + dotRow(user, offered, liked * factors) - dotRow(user, offered, other * factors)
  const slope = 1 / (1 + Math.exp(margin))
  const share = 1 / Math.sqrt(items.length)
  const difference = new Float64Array(factors)
  for (let f = 0; f < factors; f++) {
    const [to, from] = [liked * factors + f, other * factors + f]
    difference[f] = offered[to]! - offered[from]!
    offered[to]! += rate * (slope * user[f]! - lambda * offered[to]!)
    offered[from]! -= rate * (slope * user[f]! + lambda * offered[from]!)
  }
  for (const item of items) {
    if (item === liked) continue
    for (let f = 0, at = item * factors; f < factors; f++, at++)
      owned[at]! += rate * (slope * share * difference[f]! - (lambda * owned[at]!) / items.length)
  }
  bias[liked]! += rate * (slope - lambda * bias[liked]!)
  bias[other]! -= rate * (slope + lambda * bias[other]!)
}

/** Sum of rows but one, over the root of their number. */
function sumOf(rows: Float64Array, items: Int32Array, without: number, factors: number): Float64Array {
  const sum = new Float64Array(factors)
  for (const item of items) {
    if (item !== without) for (let f = 0; f < factors; f++) sum[f]! += rows[item * factors + f]!
  }
  const share = 1 / Math.sqrt(Math.max(1, items.length))
  return sum.map((value) => value * share)
}
