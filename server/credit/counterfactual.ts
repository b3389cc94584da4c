import { percentileOfSorted } from '../math/statistics.ts'
import type { TableReference } from '../models/manifest.ts'
import type { Applicant, Scorer } from './applicant.ts'
import type { ColumnMeaning } from './schema.ts'

/** A column that an applicant can change, with the values that it may take on the way, nearest first. */
interface Way {
  readonly column: number
  readonly values: readonly number[]
  /** Of one unit of the column, so that columns can be compared: 1 / (distance of the quartiles). */
  readonly price: number
}

/** The least change that turns a refusal, and the log odds that it leads to. */
export interface Counterfactual {
  readonly changes: readonly { readonly column: number; readonly from: number; readonly to: number }[]
  readonly logit: number
}

/** Steps on a way, and on each of two at once: a column is walked to its end in as many even parts of whole steps. */
const [mostSteps, mostPaired] = [40, 12]
/** Ways that are tried in pairs: those that help most by themselves. */
const pairedWays = 4
/** Numbers of steps are exact in tenths of thousandths. */
const tidy = (value: number): number => Math.fround(Number(value.toFixed(6)))

/**
 * The cheapest change of one or two columns by which an applicant is approved. The price of a change is its length in
 * quartile distances of the column, added up. What no applicant can change, and what would leave its range, is not tried.
 * Source: Wachter, Mittelstadt & Russell 2018, with the search of a grid in place of a gradient.
 * @param limit log odds from which on somebody is refused.
 * @returns undefined if none of these changes is enough.
 */
export async function counterfactualOf(
  applicant: Applicant,
  { limit, ways }: { readonly limit: number; readonly ways: readonly Way[] },
  score: Scorer,
): Promise<Counterfactual | undefined> {
  const single = ways.flatMap(({ column, values }) => values.map((to) => [{ column, to }]))
  const first = await tried(applicant, single, score)
  const alone = cheapest(
    applicant,
    first.filter(({ logit }) => logit < limit),
    ways,
  )
  if (alone) return alone
  const best = (column: number): number =>
    Math.min(...first.filter(({ moves }) => moves[0]!.column === column).map(({ logit }) => logit))
  const helpful = ways.toSorted((a, b) => best(a.column) - best(b.column) || a.column - b.column).slice(0, pairedWays)
  const pairs = helpful.flatMap((one, i) =>
    helpful.slice(i + 1).flatMap((other) =>
      thin(one.values).flatMap((to) =>
        thin(other.values).map((also) => [
          { column: one.column, to },
          { column: other.column, to: also },
        ]),
      ),
    ),
  )
  const second = await tried(applicant, pairs, score)
  return cheapest(
    applicant,
    second.filter(({ logit }) => logit < limit),
    ways,
  )
}

type Move = { readonly column: number; readonly to: number }
interface Tried {
  readonly moves: readonly Move[]
  readonly logit: number
}

async function tried(applicant: Applicant, all: readonly (readonly Move[])[], score: Scorer): Promise<Tried[]> {
  if (all.length === 0) return []
  const logits = await score(
    all.map((moves) => applicant.map((value, column) => moves.find((move) => move.column === column)?.to ?? value)),
  )
  return all.map((moves, i) => ({ moves, logit: logits[i]! }))
}

function cheapest(applicant: Applicant, found: readonly Tried[], ways: readonly Way[]): Counterfactual | undefined {
  const priceOf = (column: number): number => ways.find((way) => way.column === column)?.price ?? 0
  const cost = ({ moves }: Tried): number =>
    moves.reduce((sum, { column, to }) => sum + Math.abs(to - Number(applicant[column])) * priceOf(column), 0)
  const [best] = found.map((one) => ({ ...one, cost: cost(one) })).sort((a, b) => a.cost - b.cost || a.logit - b.logit)
  if (!best) return undefined
  const changes = best.moves.map(({ column, to }) => ({ column, from: Number(applicant[column]), to }))
  return { changes, logit: best.logit }
}

const thin = (values: readonly number[]): readonly number[] => {
  const every = Math.ceil(values.length / mostPaired)
  return values.filter((_, i) => (i + 1) % every === 0)
}

/** The ways that are open to an applicant. @param reference of the model, for the quartiles. */
export function waysOf(
  applicant: Applicant,
  meanings: readonly (ColumnMeaning | undefined)[],
  { columns }: TableReference,
): Way[] {
  return meanings.flatMap((meaning, column): Way[] => {
    const [value, known] = [applicant[column], columns[column]]
    if (!meaning?.actionable || meaning.unnamed || typeof value !== 'number' || Number.isNaN(value)) return []
    if (known?.kind !== 'number') return []
    const values = stepsFrom(value, meaning.actionable, meaning)
    const spread = percentileOfSorted(known.quantiles, 0.75) - percentileOfSorted(known.quantiles, 0.25)
    return values.length === 0 ? [] : [{ column, values, price: 1 / (spread > 0 ? spread : meaning.actionable.step) }]
  })
}

function stepsFrom(
  from: number,
  { direction, step, until }: NonNullable<ColumnMeaning['actionable']>,
  { min, max }: ColumnMeaning,
): number[] {
  const sign = direction === 'up' ? 1 : -1
  const end = direction === 'up' ? Math.min(until, max) : Math.max(until, min)
  const whole = Math.floor(((end - from) * sign) / step + 1e-9)
  if (whole < 1) return []
  const stride = Math.ceil(whole / mostSteps)
  const count = Math.floor(whole / stride)
  return Array.from({ length: count }, (_, i) => tidy(from + sign * step * stride * (i + 1)))
}
