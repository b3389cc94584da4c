import { type Interactions, itemCounts, usersByItem } from './interactions.ts'
import type { Scorer } from './scorer.ts'

/** Neighbours that are counted in, and common users that a similarity is held back by: few do not make two items alike. */
const [most, shrinkage] = [100, 20]

/** By popularity: how many have an item. */
export function popularityScorer(interactions: Interactions): Scorer {
  const scores = itemCounts(interactions).map((count) => Math.log1p(count))
  return () => scores.slice()
}

/**
 * By the items that are alike: of an item's hundred nearest, the similarities of those that somebody has are added up. Cosine of
 * the sets of users, shrunk. Source: Deshpande & Karypis, Item-Based Top-N Recommendation Algorithms (2004).
 */
export function itemNeighbourScorer(interactions: Interactions): Scorer {
  const size = interactions.items.length
  const similar = itemSimilarities(interactions)
  for (let item = 0; item < size; item++) keepHighest(similar.subarray(item * size, (item + 1) * size), most)
  return ({ items }) => {
    const scores = new Float64Array(size)
    for (const item of items) {
      for (let other = 0; other < size; other++) scores[other]! += similar[other * size + item]!
    }
    return scores
  }
}

/** Cosines [items, items] of who has them; 0 with themselves. */
function itemSimilarities(interactions: Interactions): Float32Array {
  const size = interactions.items.length
  const counts = itemCounts(interactions)
  const together = coOccurrences(interactions)
  const similar = new Float32Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const common = together[i * size + j]!
      if (i !== j && common > 0)
        similar[i * size + j] = ((common / Math.sqrt(counts[i]! * counts[j]!)) * common) / (common + shrinkage)
    }
  }
  return similar
}

/** How many users have both, [items, items]; on the diagonal how many have it. */
export function coOccurrences({ items, histories }: Interactions): Float32Array {
  const size = items.length
  const together = new Float32Array(size * size)
  for (const history of histories) {
    for (const i of history.items) for (const j of history.items) together[i * size + j]!++
  }
  return together
}

/**
 * By the users that are alike: what the nearest hundred have, each weighed by the cosine of the two sets of items.
 * Source: Herlocker et al., An Algorithmic Framework for Performing Collaborative Filtering (1999).
 */
export function userNeighbourScorer(interactions: Interactions): Scorer {
  const { items, histories } = interactions
  const having = usersByItem(interactions)
  return ({ items: own }) => {
    const similar = new Float32Array(histories.length)
    for (const item of own) for (const user of having[item]!) similar[user]!++
    for (const [user, other] of histories.entries()) {
      if (similar[user]! > 0) similar[user]! /= Math.sqrt(own.length * other.items.length)
    }
    keepHighest(similar, most)
    const scores = new Float64Array(items.length)
    for (const [user, weight] of similar.entries()) {
      if (weight > 0) for (const item of histories[user]!.items) scores[item]! += weight
    }
    return scores
  }
}

/** Set all but the highest to 0; of equals at the border, all stay. */
function keepHighest(row: Float32Array, count: number): void {
  if (row.length <= count) return
  const border = row.toSorted()[row.length - count]!
  for (let i = 0; i < row.length; i++) if (row[i]! < border) row[i] = 0
}
