import { percentileOfSorted } from '../math/statistics.ts'
import type { TableReference } from '../models/manifest.ts'
import type { Applicant, Scorer } from './applicant.ts'
import type { ColumnMeaning } from './schema.ts'

/** A column that an applicant can change, step by step. */
export interface Way {
  readonly column: number
  readonly from: number
  /** Length and direction of a step. */
  readonly step: number
  /** Whole steps to its end. */
  readonly steps: number
  /** Of one unit of the column, so that columns can be compared: 1 / (distance of the quartiles). */
  readonly price: number
}

/** A change that turns a refusal, and the log odds that it leads to. */
export interface Counterfactual {
  readonly changes: readonly { readonly column: number; readonly from: number; readonly to: number }[]
  readonly logit: number
}

export interface CounterfactualSearch {
  /** Log odds from which on somebody is refused. */
  readonly limit: number
  readonly ways: readonly Way[]
  /** Whether the values can be true together; default always. */
  readonly isPossible?: (applicant: Applicant) => boolean
}

/** So many steps of a way. */
interface Move {
  readonly way: Way
  readonly steps: number
}
interface Tried {
  readonly moves: readonly Move[]
  readonly logit: number
}

/** Places on a way that are tried first, and on each of two at once: evenly, its end among them. */
const [mostPlaces, mostPaired] = [40, 12]
/** Ways that are tried in pairs: those that help most by themselves. */
const pairedWays = 4

const placeAt = ({ from, step }: Way, steps: number): number => Math.fround(Number((from + step * steps).toFixed(6)))
const costOf = ({ moves }: Tried): number =>
  moves.reduce((sum, { way, steps }) => sum + Math.abs(way.step * steps) * way.price, 0)

/**
 * A cheap change of one column, or else of two, by which an applicant is approved. The price of a change is its length in
 * quartile distances of the column, added up. Even places are tried, and the cheapest of those that are enough is drawn in until
 * one step less of either column would not be. What no applicant can change, and what would leave its range, is not tried.
 * Source: Wachter, Mittelstadt & Russell 2018, with a search of a grid in place of a gradient.
 * @returns undefined if none of the places is enough.
 */
export async function counterfactualOf(
  applicant: Applicant,
  { limit, ways, isPossible = () => true }: CounterfactualSearch,
  score: Scorer,
): Promise<Counterfactual | undefined> {
  const tryAll = (all: readonly (readonly Move[])[]): Promise<Tried[]> => scored(applicant, all, score, isPossible)
  const isEnough = ({ logit }: Tried): boolean => logit < limit

  /** With as few steps of its move at `place` as are enough, the others as they are. */
  async function drawnIn(found: Tried, place: number): Promise<Tried> {
    let [best, fails] = [found, 0]
    for (let left = stepsOf(best, place) - fails; left > 1; left = stepsOf(best, place) - fails) {
      const steps = fails + (left >> 1)
      const [less] = await tryAll([best.moves.map((move, i) => (i === place ? { ...move, steps } : move))])
      if (isEnough(less!)) best = less!
      else fails = steps
    }
    return best
  }

  const single = await tryAll(ways.flatMap((way) => placesOn(way, mostPlaces).map((steps) => [{ way, steps }])))
  const enough = await Promise.all(nearestOfEach(single.filter(isEnough)).map((found) => drawnIn(found, 0)))
  if (enough.length > 0) return changeIn(cheapest(enough))
  const pairs = await tryAll(pairsOf(mostHelpful(ways, single)))
  const both = pairs.filter(isEnough)
  return both.length === 0 ? undefined : changeIn(await drawnIn(await drawnIn(cheapest(both), 0), 1))
}

const stepsOf = ({ moves }: Tried, place: number): number => moves[place]!.steps

/** What cannot be true is no way out: it counts as the highest risk. */
async function scored(
  applicant: Applicant,
  all: readonly (readonly Move[])[],
  score: Scorer,
  isPossible: (applicant: Applicant) => boolean,
): Promise<Tried[]> {
  if (all.length === 0) return []
  const changed = all.map((moves) => {
    const values = new Map(moves.map(({ way, steps }) => [way.column, placeAt(way, steps)]))
    return applicant.map((value, column) => values.get(column) ?? value)
  })
  const logits = await score(changed)
  return all.map((moves, i) => ({ moves, logit: isPossible(changed[i]!) ? logits[i]! : Number.POSITIVE_INFINITY }))
}

/** Numbers of steps, evenly, the last always among them. */
function placesOn({ steps }: Way, most: number): number[] {
  const stride = Math.ceil(steps / most)
  return [...Array.from({ length: Math.ceil(steps / stride) - 1 }, (_, i) => (i + 1) * stride), steps]
}

/** Of each way the place with the fewest steps. @param found single moves, a way's in the order of its places. */
const nearestOfEach = (found: readonly Tried[]): Tried[] =>
  found.filter((one, i) => found.findIndex((other) => other.moves[0]!.way === one.moves[0]!.way) === i)

const cheapest = (found: readonly Tried[]): Tried =>
  found.toSorted((a, b) => costOf(a) - costOf(b) || a.logit - b.logit)[0]! // never asked of none

function mostHelpful(ways: readonly Way[], single: readonly Tried[]): Way[] {
  const best = (way: Way): number =>
    Math.min(...single.filter(({ moves }) => moves[0]!.way === way).map(({ logit }) => logit))
  return ways.toSorted((a, b) => best(a) - best(b) || a.column - b.column).slice(0, pairedWays)
}

const pairsOf = (ways: readonly Way[]): Move[][] =>
  ways.flatMap((way, i) =>
    ways.slice(i + 1).flatMap((other) =>
      placesOn(way, mostPaired).flatMap((steps) =>
        placesOn(other, mostPaired).map((also) => [
          { way, steps },
          { way: other, steps: also },
        ]),
      ),
    ),
  )

const changeIn = ({ moves, logit }: Tried): Counterfactual => ({
  changes: moves.map(({ way, steps }) => ({ column: way.column, from: way.from, to: placeAt(way, steps) })),
  logit,
})

/** The ways that are open to an applicant. @param reference of the model, for the quartiles. */
export function waysOf(
  applicant: Applicant,
  meanings: readonly (ColumnMeaning | undefined)[],
  { columns }: TableReference,
): Way[] {
  return meanings.flatMap((meaning, column): Way[] => {
    const [from, known] = [applicant[column], columns[column]]
    if (!meaning?.actionable || meaning.unnamed || typeof from !== 'number' || Number.isNaN(from)) return []
    if (known?.kind !== 'number') return []
    const { direction, step, until } = meaning.actionable
    const sign = direction === 'up' ? 1 : -1
    const end = direction === 'up' ? Math.min(until, meaning.max) : Math.max(until, meaning.min)
    const steps = Math.floor(((end - from) * sign) / step + 1e-9)
    if (steps < 1) return []
    const spread = percentileOfSorted(known.quantiles, 0.75) - percentileOfSorted(known.quantiles, 0.25)
    return [{ column, from, step: sign * step, steps, price: 1 / (spread > 0 ? spread : step) }]
  })
}
