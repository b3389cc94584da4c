/** What a column held when all was well, and how to compare a window of later values with it. */
export interface ReferenceColumn {
  readonly name: string
  readonly kind: 'number' | 'category'
  /** @param values as in the reference: one text a row, empty where there is none; at least one. */
  compare(values: readonly string[]): Drift
}

export interface Drift {
  /** Population stability index, 0 or above. */
  readonly psi: number
  /** Kolmogorov–Smirnov distance of the numbers, 0 to 1; null for categories, or without a number on either side. */
  readonly ks: number | null
  readonly alarm: boolean
}

/** A usual reading of the index: from here on a population is another one (Siddiqi, Credit Risk Scorecards, 2006). */
export const psiLimit = 0.25

const deciles = 10
/** A value of at least this share of the numbers is a bin of its own: quantiles alone would hide it. */
const spikeShare = 0.1
/** The most frequent categories, each by itself; all others, and those never seen, count as one. */
const maxCategories = 50
/** z of the 99.9th percentile. */
const rare = 3.0902

/**
 * Learn a column. It is one of numbers if every value that is there is a finite number.
 * @param values of the reference, one text a row, empty where there is none.
 * @throws {RangeError} without values.
 */
export function createReferenceColumn(name: string, values: readonly string[]): ReferenceColumn {
  if (values.length === 0) throw new RangeError(`column ${name} has no rows`)
  const there = values.filter((value) => value.trim() !== '')
  return there.length > 0 && there.every(isNumber) ? numberColumn(name, values) : categoryColumn(name, values)
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text))

function numberColumn(name: string, values: readonly string[]): ReferenceColumn {
  const sorted = numbersIn(values)
  const cuts = cutsOf(sorted)
  // Bins: what is no number, what is missing, then from the lowest numbers on.
  const binOf = (text: string): number => {
    if (text.trim() === '') return 1
    const value = Number(text)
    return Number.isFinite(value) ? 2 + placeOf(cuts, value) : 0
  }
  const expected = countsOf(values, binOf, 3 + cuts.length)
  return {
    name,
    kind: 'number',
    compare(window) {
      const found = numbersIn(window)
      const ks = sorted.length > 0 && found.length > 0 ? distance(sorted, found) : null
      return { ...judged(stabilityOf(expected, countsOf(window, binOf, expected.length))), ks }
    },
  }
}

function numbersIn(values: readonly string[]): Float64Array {
  return Float64Array.from(values.filter(isNumber), Number).sort()
}

/** A border between two bins: values above `at`, and if `closed` also `at` itself, lie beyond it. */
export interface Cut {
  readonly at: number
  readonly closed: boolean
}

/** Borders of the bins that numbers are compared in: deciles, and a bin for each value that is a tenth of them. @param sorted ascending. */
export function cutsOf(sorted: ArrayLike<number>): Cut[] {
  const cuts = new Map<string, Cut>()
  const add = (at: number, closed: boolean): void => void cuts.set(`${at} ${closed}`, { at, closed })
  if (sorted.length === 0) return []
  for (let i = 1; i < deciles; i++) add(sorted[Math.floor((sorted.length * i) / deciles)]!, true)
  for (const { at } of [...cuts.values()]) if (shareOf(sorted, at) >= spikeShare) add(at, false)
  return [...cuts.values()].sort((a, b) => a.at - b.at || Number(b.closed) - Number(a.closed))
}

const shareOf = (sorted: ArrayLike<number>, value: number): number =>
  (upTo(sorted, value, true) - upTo(sorted, value, false)) / sorted.length

/** How many values are below `value`, or not above it. */
function upTo(sorted: ArrayLike<number>, value: number, included: boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value || (included && sorted[middle] === value)) low = middle + 1
    else high = middle
  }
  return low
}

/** The bin of a value, from 0. */
export function placeOf(cuts: readonly Cut[], value: number): number {
  let place = 0
  for (const { at, closed } of cuts) if (value > at || (closed && value === at)) place++
  return place
}

/** Largest difference of two empirical distribution functions (Smirnov 1939). Both sorted and not empty. */
function distance(a: Float64Array, b: Float64Array): number {
  let [i, j, most] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!)
    while (a[i] === value) i++
    while (b[j] === value) j++
    most = Math.max(most, Math.abs(i / a.length - j / b.length))
  }
  return most
}

function categoryColumn(name: string, values: readonly string[]): ReferenceColumn {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const known = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, maxCategories)
  const bins = new Map(known.map(([value], i) => [value, i + 1]))
  const binOf = (value: string): number => bins.get(value) ?? 0
  const expected = countsOf(values, binOf, bins.size + 1)
  const compare = (window: readonly string[]): Drift => ({
    ...judged(stabilityOf(expected, countsOf(window, binOf, expected.length))),
    ks: null,
  })
  return { name, kind: 'category', compare }
}

function countsOf(values: readonly string[], binOf: (value: string) => number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) counts[binOf(value)]!++
  return counts
}

export interface Stability {
  /** Population stability index, 0 or above. */
  readonly psi: number
  /** What the index stays below in 99.9 % of windows without drift. */
  readonly chance: number
}

/** Whether it alarms: at {@link psiLimit}, and never at what chance alone gives, so small windows need more. */
export const isDrift = ({ psi, chance }: Stability): boolean => psi >= Math.max(psiLimit, chance)

const judged = (stability: Stability): Omit<Drift, 'ks'> => ({ psi: stability.psi, alarm: isDrift(stability) })

/**
 * Σ (q − p) · ln(q / p) over the bins that either side has, an empty one counted as half a row. Without drift the index is
 * (1/n + 1/m) times a χ² of one degree less than bins (Yurdakul and Naranjo 2020), whose percentile is that of Wilson and
 * Hilferty (1931).
 * @param expected counts by bin. @param found as many; both have rows.
 */
export function stabilityOf(expected: readonly number[], found: readonly number[]): Stability {
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
  const [n, m] = [total(expected), total(found)]
  let [psi, bins] = [0, 0]
  for (const [i, count] of expected.entries()) {
    if (count === 0 && found[i] === 0) continue
    const [p, q] = [Math.max(count, 0.5) / n, Math.max(found[i]!, 0.5) / m]
    psi += (q - p) * Math.log(q / p)
    bins++
  }
  if (bins < 2) return { psi: 0, chance: 0 }
  const share = 2 / (9 * (bins - 1))
  const chance = (1 / n + 1 / m) * (bins - 1) * (1 - share + rare * Math.sqrt(share)) ** 3
  return { psi, chance }
}
