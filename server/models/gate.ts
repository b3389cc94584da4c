import type { Interval } from '../evaluation/bootstrap.ts'
import { aucInterval, f1Interval, wilsonInterval } from '../evaluation/proportions.ts'
import type { GateResult } from './ledger.ts'
import type { Metrics } from './service.ts'

/** What stands for a version where there is room for one figure, the first that it has. */
const mainMetrics = ['microF1', 'auc', 'accuracy', 'shownRight', 'r2'] as const

/** The figure that stands for a version; undefined if it has none. */
export function mainMetric(metrics: Metrics): { readonly name: string; readonly value: number } | undefined {
  const name = mainMetrics.find((one) => metrics[one] !== undefined) ?? Object.keys(metrics)[0]
  return name === undefined ? undefined : { name, value: metrics[name]! }
}

/** 95 % intervals of metrics on held-out rows, where a manifest tells enough for one; the first that a version has counts. */
const intervals: readonly (readonly [name: string, of: (value: number, metrics: Metrics) => Interval | undefined])[] = [
  ['microF1', (value, { pairs = 0 }) => (pairs > 0 ? f1Interval(value, pairs) : undefined)],
  ['auc', (value, { n = 0, majority }) => (majority === undefined ? undefined : ofClasses(value, n, majority))],
  ['accuracy', (value, { n = 0 }) => (n > 0 ? wilsonInterval(value, n) : undefined)],
]

/** A manifest tells how many the larger class has, not which one that is: the wider interval of the two. */
function ofClasses(auc: number, n: number, majority: number): Interval | undefined {
  const [more, less] = [n * majority, n * (1 - majority)]
  if (!(more > 0 && less > 0)) return undefined
  const [one, other] = [aucInterval(auc, more, less), aucInterval(auc, less, more)]
  return one[0] < other[0] ? one : other
}

/**
 * Whether a challenger is worse than the live version beyond what chance explains: below the 95 % interval of the live one's
 * main metric on its own held-out rows. @returns undefined where no metric of both has an interval.
 */
export function metricGate(champion: Metrics, challenger: Metrics): GateResult['metric'] {
  for (const [name, of] of intervals) {
    const [before, now] = [champion[name], challenger[name]]
    const interval = before === undefined || now === undefined ? undefined : of(before, champion)
    if (before === undefined || now === undefined || !interval) continue
    return { name, champion: before, challenger: now, interval, isLower: now < interval[0] }
  }
  return undefined
}

/** The least metrics that are not reached, in words; one that nobody measured is not reached. */
export function missed(metrics: Metrics, thresholds: Metrics): string[] {
  return Object.entries(thresholds).flatMap(([name, least]) => {
    const value = metrics[name]
    if (value !== undefined && value >= least) return []
    return [`${name} is ${value === undefined ? 'not measured' : value.toFixed(4)} and has to be ${least} at least`]
  })
}
