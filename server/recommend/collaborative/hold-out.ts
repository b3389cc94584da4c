import { createRandom, shuffled } from '../../math/random.ts'
import type { History, Interactions } from './interactions.ts'

/** Most that is held out of one user, and of that no more than half of what they have. */
const most = 10
/** Users of whom something is held out: half of them in turn, and no more than this. The others stay whole, as they are later. */
const mostUsers = 2_000

/** Hold out interactions of some users at random. @param half which of the users. @returns both parts over the same users and items. */
export function holdOut(
  interactions: Interactions,
  seed: number,
  half: 0 | 1 = 0,
): { readonly kept: Interactions; readonly heldOut: readonly History[] } {
  const random = createRandom(seed)
  const { histories } = interactions
  const eligible = histories.flatMap(({ items }, user) => (items.length > 1 ? [user] : []))
  const order = shuffled(eligible, random).filter((_, i) => i % 2 === half)
  const chosen = new Set(order.slice(0, mostUsers))
  const parts = histories.map((history, user) => {
    const places = shuffled(Array.from(history.items.keys()), random)
    const held = chosen.has(user) ? Math.min(most, Math.floor(places.length / 2)) : 0
    return { kept: picked(history, places.slice(held)), heldOut: picked(history, places.slice(0, held)) }
  })
  return {
    kept: { ...interactions, histories: parts.map(({ kept }) => kept) },
    heldOut: parts.map(({ heldOut }) => heldOut),
  }
}

const picked = ({ items, ratings, ...rest }: History, places: readonly number[]): History => ({
  ...rest,
  items: Int32Array.from(places, (place) => items[place]!),
  ratings: Float32Array.from(places, (place) => ratings[place]!),
})
