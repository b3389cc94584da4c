import { factorise, solveFactorised } from '../../math/symmetric.ts'
import { holdOut } from './hold-out.ts'
import type { Interactions } from './interactions.ts'
import { fitRatingFactors, type RatingGuess } from './rating-factors.ts'
import { fitRatingNeighbours } from './rating-neighbours.ts'

const factorOptions = { factors: 40, epochs: 40, rate: 0.007, lambda: 0.08 }
/** Neighbours hold a few numbers for each pair of items. */
const mostItems = 5_000
/** Factors begin at random; the mean of several fits is nearer to the truth than one. */
const seeds = 3

/**
 * Foretells ratings: SVD++ and item neighbours, weighed by least squares on ratings that neither had seen, then fitted to all.
 * @returns a rating within the range of those that were learnt from.
 */
export function fitRatings(interactions: Interactions, seed: number): RatingGuess {
  const { kept, heldOut } = holdOut(interactions, seed)
  const early = fitParts(kept, seed)
  const rows = heldOut.flatMap(({ items, ratings }, user) =>
    Array.from(items, (item, i) => ({ guesses: early.map((guess) => guess(user, item)), rating: ratings[i]! })),
  )
  const weights = leastSquares(rows)
  const parts = fitParts(interactions, seed)
  const [low, high] = range(interactions)
  return (user, item) => {
    const guess = parts.reduce((sum, part, i) => sum + weights[i]! * part(user, item), weights.at(-1)!)
    return Math.min(high, Math.max(low, guess))
  }
}

function fitParts(interactions: Interactions, seed: number): readonly RatingGuess[] {
  const fits = Array.from({ length: seeds }, (_, i) =>
    fitRatingFactors(interactions, { ...factorOptions, seed: seed + i }),
  )
  const factors: RatingGuess = (user, item) => fits.reduce((sum, guess) => sum + guess(user, item), 0) / seeds
  return interactions.items.length > mostItems ? [factors] : [factors, fitRatingNeighbours(interactions)]
}

/** Weights of the guesses, and an offset behind them. */
function leastSquares(rows: readonly { readonly guesses: readonly number[]; readonly rating: number }[]): Float64Array {
  const n = (rows[0]?.guesses.length ?? 0) + 1
  const [gram, right] = [new Float64Array(n * n), new Float64Array(n)]
  for (const { guesses, rating } of rows) {
    const x = [...guesses, 1]
    for (let i = 0; i < n; i++) {
      right[i]! += x[i]! * rating
      for (let j = 0; j < n; j++) gram[i * n + j]! += x[i]! * x[j]!
    }
  }
  for (let i = 0; i < n; i++) gram[i * n + i]! += 1 // few rows tell little
  factorise(gram, n)
  solveFactorised(gram, n, right)
  return right
}

function range({ histories }: Interactions): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { ratings } of histories)
    for (const rating of ratings) [low, high] = [Math.min(low, rating), Math.max(high, rating)]
  return [low, high]
}
