import { type Cut, cutsOf, isDrift, placeOf, type Stability, stabilityOf } from './drift.ts'
import { driftBounds } from './score-drift.ts'

/** How often values of a column fell into each bin. */
export type Bins = NumberBins | LevelBins
export interface NumberBins {
  readonly kind: 'number'
  readonly cuts: readonly Cut[]
  /** Rows by bin: missing ones, then from the lowest numbers on. */
  readonly counts: readonly number[]
}
export interface LevelBins {
  readonly kind: 'category'
  readonly levels: readonly string[]
  /** Rows by bin: all other levels, then one a level. */
  readonly counts: readonly number[]
}

/** The most frequent levels, each by itself. */
const mostLevels = 50

/** @param values NaN where there is none. */
export function numberBins(values: Float32Array | Float64Array): NumberBins {
  const cuts = cutsOf(values.filter((value) => !Number.isNaN(value)).sort())
  const empty: NumberBins = { kind: 'number', cuts, counts: new Array<number>(cuts.length + 2).fill(0) }
  return { ...empty, counts: countedIn(empty, values) }
}

/** @param shares of all rows, by level. */
export function levelBins(shares: Readonly<Record<string, number>>, rows: number): LevelBins {
  const known = Object.entries(shares).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const kept = known.slice(0, mostLevels)
  const counts = kept.map(([, share]) => Math.round(share * rows))
  const others = rows - counts.reduce((sum, count) => sum + count, 0)
  return { kind: 'category', levels: kept.map(([level]) => level), counts: [others, ...counts] }
}

/** Rows of a later file by the bins of the reference. */
export function countedIn(bins: Bins, values: Iterable<number | string>): number[] {
  const counts = bins.counts.map(() => 0)
  const places = new Map(bins.kind === 'category' ? bins.levels.map((level, i) => [level, i + 1]) : [])
  for (const value of values) {
    if (bins.kind === 'category') counts[places.get(String(value)) ?? 0]!++
    else counts[Number.isNaN(value) ? 0 : 1 + placeOf(bins.cuts, Number(value))]!++
  }
  return counts
}

/**
 * How the index reads (Siddiqi, Credit Risk Scorecards, 2006): below 0.1 `stable`, up to 0.25 `moved a little`, from there on
 * `moved`. What chance gives in one of a thousand files without any change is `stable`.
 */
export interface Moved extends Stability {
  readonly reading: 'stable' | 'moved a little' | 'moved'
}

/** @param found rows of a later file by the same bins, at least one. */
export function movedFrom({ counts }: Bins, found: readonly number[]): Moved {
  const stability = stabilityOf(counts, found)
  const { psi, chance } = stability
  const little = psi >= Math.max(driftBounds.clear, chance)
  return { ...stability, reading: isDrift(stability) ? 'moved' : little ? 'moved a little' : 'stable' }
}
