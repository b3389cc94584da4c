import { createRandom } from '../math/random.ts'
import { percentile } from '../math/statistics.ts'
import type { BootstrapOptions, Interval } from './bootstrap.ts'

/** Decided rows, each of a group. */
export interface GroupedRows {
  readonly groups: readonly string[]
  /** Place of each row's group. */
  readonly codes: ArrayLike<number>
  /** Of the second class, 0 to 1. */
  readonly probabilities: ArrayLike<number>
  /** 1 for rows of the second class: those that failed to pay. */
  readonly positive: ArrayLike<number>
  /** 1 for rows that are approved. */
  readonly approved: ArrayLike<number>
}

export const fairnessFigures = ['approvalRate', 'approvalRatio', 'equalOpportunity', 'calibration', 'ece'] as const
type Figure = (typeof fairnessFigures)[number]

/** Figures of a group, each with its 95 % bootstrap interval; null where nothing can be said: nobody paid, nobody is approved. */
export type GroupFairness = {
  readonly group: string
  readonly n: number
  /** Rows of the second class. */
  readonly positives: number
  /** Too few rows to say much: below {@link leastRows}, or below {@link leastOfClass} of either class. */
  readonly small: boolean
  /** Whether the whole interval of `approvalRatio` lies at {@link fourFifths} or above, below it, or on both sides; never certain of a small group. */
  readonly fourFifths: 'kept' | 'not certain' | 'broken'
} & { readonly [name in Figure]: number | null } & { readonly [name in `${Figure}_ci`]: Interval | null }

/** A rate below this share of the highest group's is evidence of adverse impact (29 CFR 1607.4 D, "four-fifths rule"). */
export const fourFifths = 0.8
export const [leastRows, leastOfClass] = [100, 10]
const bins = 10

/** Sums of a group's rows: what is drawn again in a resample. */
interface Tally {
  rows: number
  approved: number
  positives: number
  approvedGood: number
  probability: number
  /** By bin of the probability: Σ (positive − probability). */
  readonly gaps: Float64Array
}

/**
 * What a decision does to groups: the share that is approved, beside that of the reference group (`approvalRatio`); the share
 * approved of those who paid, less the reference group's (`equalOpportunity`; Hardt, Price & Srebro 2016); mean probability
 * less the share of the second class (`calibration`) and expected calibration error in ten equal bins (`ece`). A resample draws
 * as many rows of each group as it has.
 * @param reference name of a group; default the one with the highest share of approved rows among those that are not small.
 * @returns undefined if every group is small and none was named.
 * @throws {RangeError} for a reference that is no group.
 */
export function groupFairness(
  rows: GroupedRows,
  reference?: string,
  { resamples = 1_000, seed = 1 }: BootstrapOptions = {},
): { readonly reference: string; readonly groups: GroupFairness[] } | undefined {
  const members = membersOf(rows)
  const whole = members.map((own) => tallyOf(rows, own, (i) => i))
  const place = reference === undefined ? highest(whole) : rows.groups.indexOf(reference)
  if (place === undefined) return undefined
  if (place < 0) throw new RangeError(`there is no group ${reference}`)
  const figures = figuresOf(whole, place)
  const random = createRandom(seed)
  const drawn = figures.map(() => fairnessFigures.map((): number[] => []))
  for (let i = 0; i < resamples; i++) {
    const again = members.map((own) => tallyOf(rows, own, () => Math.floor(random() * own.length)))
    for (const [group, found] of figuresOf(again, place).entries())
      for (const [at, name] of fairnessFigures.entries())
        if (Number.isFinite(found[name])) drawn[group]![at]!.push(found[name])
  }
  const groups = figures.map((own, group) => described(rows.groups[group]!, whole[group]!, own, drawn[group]!))
  return { reference: rows.groups[place]!, groups }
}

function membersOf({ groups, codes }: GroupedRows): Uint32Array[] {
  const members: number[][] = groups.map(() => [])
  for (let row = 0; row < codes.length; row++) members[codes[row]!]!.push(row)
  return members.map((own) => Uint32Array.from(own))
}

/** @param pick which of the members stands at a place. */
function tallyOf(
  { probabilities, positive, approved }: GroupedRows,
  own: Uint32Array,
  pick: (place: number) => number,
): Tally {
  const gaps = new Float64Array(bins)
  const tally = { rows: own.length, approved: 0, positives: 0, approvedGood: 0, probability: 0, gaps }
  for (let i = 0; i < own.length; i++) {
    const row = own[pick(i)]!
    const [p, bad, yes] = [probabilities[row]!, positive[row]!, approved[row]!]
    tally.approved += yes
    tally.positives += bad
    tally.approvedGood += yes * (1 - bad)
    tally.probability += p
    gaps[Math.max(0, Math.ceil(p * bins) - 1)]! += bad - p
  }
  return tally
}

const isSmall = ({ rows, positives }: Tally): boolean =>
  rows < leastRows || Math.min(positives, rows - positives) < leastOfClass

function highest(tallies: readonly Tally[]): number | undefined {
  const large = [...tallies.keys()].filter((group) => !isSmall(tallies[group]!))
  const rate = (group: number): number => tallies[group]!.approved / tallies[group]!.rows
  return large.sort((a, b) => rate(b) - rate(a) || a - b)[0]
}

/** NaN and infinities where a group has no row to divide by. */
function figuresOf(tallies: readonly Tally[], reference: number): Record<Figure, number>[] {
  const rates = tallies.map(({ rows, approved, positives, approvedGood }) => ({
    all: approved / rows,
    good: approvedGood / (rows - positives),
  }))
  const base = rates[reference]!
  return tallies.map(({ rows, positives, probability, gaps }, group) => ({
    approvalRate: rates[group]!.all,
    approvalRatio: rates[group]!.all / base.all,
    equalOpportunity: rates[group]!.good - base.good,
    calibration: (probability - positives) / rows,
    ece: gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / rows,
  }))
}

function described(
  group: string,
  tally: Tally,
  figures: Readonly<Record<Figure, number>>,
  drawn: readonly (readonly number[])[],
): GroupFairness {
  const said = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const intervals = drawn.map((values): Interval | null =>
    values.length === 0 ? null : [percentile(values, 0.025), percentile(values, 0.975)],
  )
  const [low, high] = intervals[fairnessFigures.indexOf('approvalRatio')] ?? [0, 1]
  const entries = fairnessFigures.flatMap((name, at) => [
    [name, said(figures[name])],
    [`${name}_ci`, intervals[at]],
  ])
  return {
    ...{ group, n: tally.rows, positives: tally.positives, small: isSmall(tally) },
    // Where all of a few rows are approved, the bootstrap has nothing to vary, and would be sure of anything.
    fourFifths: isSmall(tally)
      ? 'not certain'
      : low >= fourFifths
        ? 'kept'
        : high < fourFifths
          ? 'broken'
          : 'not certain',
    // Exactly the figures that the type names.
    ...(Object.fromEntries(entries) as { [name in Figure]: number | null } & {
      [name in `${Figure}_ci`]: Interval | null
    }),
  }
}
