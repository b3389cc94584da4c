import { withIntervals } from '../../evaluation/bootstrap.ts'
import { type Offer, rankingFigures, ratingFigures } from '../../evaluation/ranking-metrics.ts'
import type { History, Interaction, Interactions } from './interactions.ts'
import { itemCounts, usersByItem } from './interactions.ts'
import type { RatingGuess } from './rating-factors.ts'
import type { Scorer } from './scorer.ts'

/** Somebody to be offered something: what they have, and what they went on to have. */
export interface Case {
  readonly history: History
  /** Places of the relevant items; -1 for one that was never seen in training. */
  readonly relevant: readonly number[]
}

const depth = 10

/** Rank every item that somebody does not have, and measure where the relevant ones stand. Ties go to the earlier item. */
export function evaluateRanking(
  interactions: Interactions,
  scorer: Scorer,
  cases: readonly Case[],
  onProgress: (share: number) => void,
) {
  const describe = createDescriber(interactions)
  const begun = performance.now()
  const offers = cases.map(({ history, relevant }, i): Offer => {
    onProgress(i / cases.length)
    const scores = scorer(history)
    for (const item of history.items) scores[item] = Number.NEGATIVE_INFINITY
    const places = relevant.flatMap((item) => (item < 0 ? [] : [placeOf(scores, item)]))
    const open = scores.length - history.items.length
    const top = highest(scores, Math.min(depth, open))
    return { places, relevant: relevant.length, top, ...describe(top) }
  })
  const perItemMs = (performance.now() - begun) / cases.length
  return { ...withIntervals(offers, (sample) => rankingFigures(sample, interactions.items.length)), perItemMs }
}

const placeOf = (scores: Float64Array, item: number): number => {
  const own = scores[item]!
  let above = 0
  for (let other = 0; other < scores.length; other++) {
    if (scores[other]! > own || (scores[other] === own && other < item)) above++
  }
  return above
}

function highest(scores: Float64Array, count: number): number[] {
  const places = Array.from(scores.keys())
  return places.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, count)
}

/** How unusual items are, and how unlike each other. */
function createDescriber(interactions: Interactions) {
  const [counts, having] = [itemCounts(interactions), usersByItem(interactions).map((users) => new Set(users))]
  const cosine = (a: number, b: number): number => {
    const [few, many] = having[a]!.size < having[b]!.size ? [having[a]!, having[b]!] : [having[b]!, having[a]!]
    let common = 0
    for (const user of few) if (many.has(user)) common++
    return few.size === 0 ? 0 : common / Math.sqrt(few.size * many.size)
  }
  return (top: readonly number[]) => {
    let [rarity, alike, pairs] = [0, 0, 0]
    for (const [i, item] of top.entries()) {
      rarity -= Math.log2(Math.max(1, counts[item]!) / interactions.users.length)
      for (const other of top.slice(0, i)) [alike, pairs] = [alike + cosine(item, other), pairs + 1]
    }
    return { novelty: rarity / Math.max(1, top.length), diversity: pairs === 0 ? 0 : 1 - alike / pairs }
  }
}

/** How far guessed ratings are from those that were given. */
export function evaluateRatings({ users, items }: Interactions, guess: RatingGuess, rows: readonly Interaction[]) {
  const [userPlaces, itemPlaces] = [placesIn(users), placesIn(items)]
  const errors = rows.map(
    ({ user, item, rating }) => guess(userPlaces.get(user) ?? -1, itemPlaces.get(item) ?? -1) - rating,
  )
  return withIntervals(errors, ratingFigures)
}

/** Place of each name. */
export const placesIn = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, place) => [name, place]))
