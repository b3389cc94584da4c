import { addDays } from '../text/calendar.ts'
import { type Interval, withIntervals } from './bootstrap.ts'
import { accuracy, expectedCalibrationError } from './classification-metrics.ts'

/** What a model said of a message, and what turned out to be right. */
export interface LateOutcome {
  /** Day of the answer, ISO 8601, UTC. */
  readonly day: string
  /** What was said, and the most probable label whatever the scope, with its probability. */
  readonly said: string
  readonly top: string
  readonly confidence: number
  readonly gold: string
}

export interface LateFigures {
  readonly n: number
  readonly accuracy: number
  readonly accuracy_ci: Interval
  /** Of the most probable label, on rows that have a label; null without such rows. */
  readonly ece: number | null
  readonly ece_ci: Interval | null
}
export interface LateWindow extends LateFigures {
  /** First and last day. */
  readonly from: string
  readonly until: string
}

/** A label that was often missed, and what was said instead. */
export interface MissedLabel {
  readonly label: string
  readonly n: number
  readonly recall: number
  /** Most frequent first. */
  readonly insteadOf: readonly { readonly said: string; readonly n: number }[]
}

/** Fewer than for results that are published: there are many windows, and each only warns. */
const resamples = 200
const mostInstead = 3

/** Figures of at least one row. @param oosLabel label of messages that have none. */
export function lateFigures(rows: readonly LateOutcome[], oosLabel: string): LateFigures {
  const measure = (sample: readonly LateOutcome[]) => {
    const known = sample.filter(({ gold }) => gold !== oosLabel)
    return {
      accuracy: accuracy(sample.map(({ gold, said: predicted }) => ({ gold, predicted }))),
      ece: expectedCalibrationError(
        known.map(({ confidence }) => confidence),
        known.map(({ gold, top }) => gold === top),
      ),
    }
  }
  const { ece, ece_ci, ...figures } = withIntervals(rows, measure, { resamples })
  return { n: rows.length, ...figures, ...(Number.isNaN(ece) ? { ece: null, ece_ci: null } : { ece, ece_ci }) }
}

/**
 * Figures of sliding windows of `days` days, one that ends with each day that has rows, oldest first.
 * @param most windows, the last ones.
 */
export function lateWindows(
  rows: readonly LateOutcome[],
  { days, most, oosLabel }: { days: number; most: number; oosLabel: string },
): LateWindow[] {
  const ends = [...new Set(rows.map(({ day }) => day))].sort().slice(-most)
  return ends.map((until) => {
    const from = addDays(until, 1 - days)
    return {
      from,
      until,
      ...lateFigures(
        rows.filter(({ day }) => day >= from && day <= until),
        oosLabel,
      ),
    }
  })
}

/** The labels with the most misses, the most missed first. @param most of them. */
export function mostMissed(rows: readonly Pick<LateOutcome, 'gold' | 'said'>[], most: number): MissedLabel[] {
  const byLabel = new Map<string, { readonly said: string }[]>()
  for (const row of rows) {
    const own = byLabel.get(row.gold)
    if (own) own.push(row)
    else byLabel.set(row.gold, [row])
  }
  const missed = [...byLabel].map(([label, own]) => {
    const instead = new Map<string, number>()
    for (const { said } of own) if (said !== label) instead.set(said, (instead.get(said) ?? 0) + 1)
    const misses = [...instead.values()].reduce((sum, n) => sum + n, 0)
    const insteadOf = [...instead]
      .map(([said, n]) => ({ said, n }))
      .sort((a, b) => b.n - a.n || (a.said < b.said ? -1 : 1))
    return { misses, label, n: own.length, recall: 1 - misses / own.length, insteadOf: insteadOf.slice(0, mostInstead) }
  })
  return missed
    .filter(({ misses }) => misses > 0)
    .sort((a, b) => b.misses - a.misses || (a.label < b.label ? -1 : 1))
    .slice(0, most)
    .map(({ misses: _, ...label }) => label)
}
