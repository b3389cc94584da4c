import { createRandom, gaussian, shuffled } from '../../math/random.ts'
import { dotRow } from '../../math/vectors.ts'
import type { Interactions } from './interactions.ts'

/** Foretells the rating of an item by a user, by their places; -1 for one who is not known. Not yet bounded. */
export type RatingGuess = (user: number, item: number) => number

export interface RatingFactorOptions {
  readonly factors: number
  readonly epochs: number
  readonly rate: number
  readonly lambda: number
  readonly seed: number
}

/**
 * Mean, biases and factors, where a user is a row of their own and the items that they have rated: SVD++ by stochastic gradient
 * descent, user after user. Source: Koren, Factorization Meets the Neighborhood (KDD 2008), section 4; the shared part of a user's
 * gradients is added up and applied once a user.
 */
export function fitRatingFactors(interactions: Interactions, options: RatingFactorOptions): RatingGuess {
  const { factors, epochs, seed } = options
  const { users, items, histories } = interactions
  const random = createRandom(seed)
  const start = (rows: number) => Float64Array.from({ length: rows * factors }, () => 0.1 * gaussian(random))
  const model: Model = {
    mean: meanRating(interactions),
    userBias: new Float64Array(users.length),
    itemBias: new Float64Array(items.length),
    users: start(users.length),
    items: start(items.length),
    rated: start(items.length),
  }
  const order = users.map((_, user) => user)
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const user of shuffled(order, random)) learnUser(model, user, histories[user]!, options)
  }
  const whole = histories.map(({ items: own }, user) => userVector(model, user, own, factors))
  return (user, item) => {
    const known = model.mean + (user < 0 ? 0 : model.userBias[user]!) + (item < 0 ? 0 : model.itemBias[item]!)
    return user < 0 || item < 0 ? known : known + dotRow(whole[user]!, model.items, item * factors)
  }
}

interface Model {
  readonly mean: number
  readonly userBias: Float64Array
  readonly itemBias: Float64Array
  readonly users: Float64Array
  readonly items: Float64Array
  /** Of items, for whoever has rated them. */
  readonly rated: Float64Array
}

export function meanRating({ histories }: Interactions): number {
  let [sum, count] = [0, 0]
  for (const { ratings } of histories) for (const rating of ratings) [sum, count] = [sum + rating, count + 1]
  return sum / count
}

function userVector({ users, rated }: Model, user: number, items: Int32Array, factors: number): Float64Array {
  const sum = new Float64Array(factors)
  for (const item of items) for (let f = 0; f < factors; f++) sum[f]! += rated[item * factors + f]!
  const share = 1 / Math.sqrt(items.length)
  return sum.map((value, f) => users[user * factors + f]! + share * value)
}

function learnUser(
  model: Model,
  user: number,
  { items: own, ratings }: Interactions['histories'][number],
  { factors, rate, lambda }: RatingFactorOptions,
): void {
  const { mean, userBias, itemBias, users, items, rated } = model
  const vector = userVector(model, user, own, factors)
  const before = vector.slice()
  for (const [i, item] of own.entries()) {
    const at = item * factors
    const error = ratings[i]! - mean - userBias[user]! - itemBias[item]! - dotRow(vector, items, at)
    userBias[user]! += rate * (error - lambda * userBias[user]!)
    itemBias[item]! += rate * (error - lambda * itemBias[item]!)
    for (let f = 0; f < factors; f++) {
      const [p, q] = [vector[f]!, items[at + f]!]
      vector[f] = p + rate * (error * q - lambda * p)
      items[at + f] = q + rate * (error * p - lambda * q)
    }
  }
  // What the whole vector has moved by is shared by its two parts.
  const share = 1 / Math.sqrt(own.length)
  for (let f = 0; f < factors; f++) {
    const moved = vector[f]! - before[f]!
    users[user * factors + f]! += moved / 2
    for (const item of own) rated[item * factors + f]! += (share * moved) / 2
  }
}
