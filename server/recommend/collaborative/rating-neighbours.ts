import { type Interactions, usersByItem } from './interactions.ts'
import { meanRating, type RatingGuess } from './rating-factors.ts'

/** Ratings that a bias is held back by, for items and users; neighbours; common users that a correlation is held back by. */
const [itemWeight, userWeight, most, shrinkage] = [5, 10, 40, 50]

/**
 * A rating by what the user gave to the items most alike, around the biases of both: Pearson correlation of what is left over
 * after the biases, shrunk. Source: Koren, Factor in the Neighbors (TKDD 2010), sections 2.1 and 2.2.
 */
export function fitRatingNeighbours(interactions: Interactions): RatingGuess {
  const { items, histories } = interactions
  const size = items.length
  const { baseline, left } = residuals(interactions)
  const similar = correlations(size, histories, left)
  return (user, item) => {
    const around = baseline(user, item)
    if (user < 0 || item < 0) return around
    const near: { readonly weight: number; readonly left: number }[] = []
    for (const [i, other] of histories[user]!.items.entries()) {
      const weight = similar[item * size + other]!
      if (weight > 0) near.push({ weight, left: left[user]![i]! })
    }
    near.sort((a, b) => b.weight - a.weight)
    let [sum, total] = [0, 0.5]
    for (const one of near.slice(0, most)) [sum, total] = [sum + one.weight * one.left, total + one.weight]
    return around + sum / total
  }
}

/** Biases, each held back towards 0 by its weight, and what the ratings are beside them. */
function residuals(interactions: Interactions) {
  const { users, items, histories } = interactions
  const mean = meanRating(interactions)
  const [ofUser, ofItem] = [new Float64Array(users.length), new Float64Array(items.length)]
  const having = usersByItem(interactions)
  for (let round = 0; round < 10; round++) {
    const sums = new Float64Array(items.length)
    for (const [user, { items: own, ratings }] of histories.entries())
      for (const [i, item] of own.entries()) sums[item]! += ratings[i]! - mean - ofUser[user]!
    for (const [item, list] of having.entries()) ofItem[item] = sums[item]! / (itemWeight + list.length)
    for (const [user, { items: own, ratings }] of histories.entries()) {
      let sum = 0
      for (const [i, item] of own.entries()) sum += ratings[i]! - mean - ofItem[item]!
      ofUser[user] = sum / (userWeight + own.length)
    }
  }
  const baseline: RatingGuess = (user, item) => mean + (user < 0 ? 0 : ofUser[user]!) + (item < 0 ? 0 : ofItem[item]!)
  const left = histories.map(({ items: own, ratings }, user) =>
    Float64Array.from(own, (item, i) => ratings[i]! - baseline(user, item)),
  )
  return { baseline, left }
}

/** Of what is left over, over the users that have rated both, [items, items]. */
function correlations(size: number, histories: Interactions['histories'], left: readonly Float64Array[]): Float32Array {
  const [products, squares, common] = [0, 0, 0].map(() => new Float32Array(size * size))
  for (const [user, { items: own }] of histories.entries()) {
    for (const [a, i] of own.entries()) {
      for (const [b, j] of own.entries()) {
        const at = i * size + j
        products![at]! += left[user]![a]! * left[user]![b]!
        squares![at]! += left[user]![a]! ** 2
        common![at]!++
      }
    }
  }
  const similar = new Float32Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const [at, turned] = [i * size + j, j * size + i]
      const norm = Math.sqrt(squares![at]! * squares![turned]!)
      if (i !== j && norm > 0) similar[at] = (products![at]! / norm) * (common![at]! / (common![at]! + shrinkage))
    }
  }
  return similar
}
