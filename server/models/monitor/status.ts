import { isRaised, mixDrift } from '../../evaluation/score-drift.ts'
import type { CountOfDay } from '../../storage/model-figures.ts'
import type { IsoDate } from '../../storage/types.ts'
import { addDays } from '../../text/calendar.ts'
import { confidenceBins, latencyBounds } from './reading-figures.ts'

/** The first days of a version, which later ones are compared with: a week, as a Sunday is unlike a Monday. */
export const referenceDays = 7
/** Days of a window, unless another number is asked for: a week for the same reason. */
export const usualWindow = 7

/** What a version was asked and said. */
export interface ModelSummary {
  readonly requests: number
  readonly errors: number
  /** Milliseconds that an engine was busy with a message; null without any. */
  readonly meanMs: number | null
  readonly p95Ms: number | null
  /** 0 to 1. */
  readonly meanConfidence: number | null
  readonly abstainRate: number | null
  /** Counts in {@link confidenceBins} bins of equal width, from 0 to 1. */
  readonly confidence: readonly number[]
  /** Most frequent first. */
  readonly labels: Readonly<Record<string, number>>
}

/** A figure of a version beside its first days. */
export interface FigureDrift {
  readonly figure: 'confidence' | 'label'
  /** Of the last window that has rows enough. */
  readonly psi: number
  /** What the index may come to by chance. */
  readonly chance: number
  readonly alarm: boolean
  /** Last day of that window. */
  readonly until: IsoDate
}

/** Sum up a version's counts. */
export function summarise(counts: readonly CountOfDay[]): ModelSummary {
  const of = (figure: CountOfDay['figure']) => counts.filter((count) => count.figure === figure)
  const total = (rows: readonly CountOfDay[], field: 'count' | 'sum') => rows.reduce((sum, row) => sum + row[field], 0)
  const [labels, confidences, latencies, errors] = [
    of('label'),
    of('confidence'),
    of('latency'),
    total(of('error'), 'count'),
  ]
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
  const mix = countsOf(labels)
  const answered = total(labels, 'count')
  const byBin = countsOf(confidences)
  return {
    ...{ requests: answered + errors, errors },
    meanMs: share(total(latencies, 'sum'), total(latencies, 'count')),
    p95Ms: quantileOf(countsOf(latencies), 0.95),
    meanConfidence: share(total(confidences, 'sum'), total(confidences, 'count')),
    abstainRate: share(total(of('abstained'), 'count'), answered),
    confidence: Array.from({ length: confidenceBins }, (_, bin) => byBin.get(String(bin)) ?? 0),
    labels: Object.fromEntries([...mix].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))),
  }
}

/**
 * How far confidences and labels have moved from a version's first days, by windows of `size` days that end with each later
 * day up to `last`; the first windows are shorter, as they hold no day of the reference. Days without rows have no window, and windows of too few rows are left out.
 * @param counts of the version from its first day on. @param last a day that is over.
 */
export function driftOf(counts: readonly CountOfDay[], first: IsoDate, size: number, last: IsoDate): FigureDrift[] {
  const begin = addDays(first, referenceDays)
  return (['confidence', 'label'] as const).flatMap((figure) => {
    const rows = counts.filter((count) => count.figure === figure)
    const reference = countsOf(rows.filter(({ day }) => day < begin))
    const days = [...new Set(rows.map(({ day }) => day))].filter((day) => day >= begin && day <= last).sort()
    const windows = days.flatMap((until) => {
      const from = [begin, addDays(until, 1 - size)].sort()[1]!
      const drift = mixDrift(reference, countsOf(rows.filter(({ day }) => day >= from && day <= until)))
      return drift ? [{ ...drift, until }] : []
    })
    const latest = windows.at(-1)
    if (!latest) return []
    const { psi, chance, until } = latest
    return [{ figure, psi, chance, alarm: isRaised(windows), until }]
  })
}

function countsOf(rows: readonly CountOfDay[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { bucket, count } of rows) counts.set(bucket, (counts.get(bucket) ?? 0) + count)
  return counts
}

/** Quantile of latencies counted under bounds, straight within a bucket (as Prometheus' histogram_quantile); null of none. */
function quantileOf(counts: ReadonlyMap<string, number>, quantile: number): number | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let [below, low] = [0, 0]
  for (const bound of latencyBounds) {
    const count = counts.get(String(bound)) ?? 0
    if (below + count >= quantile * total)
      return Number.isFinite(bound) ? low + ((bound - low) * (quantile * total - below)) / count : low
    below += count
    low = bound
  }
  return low
}
