import { wilsonInterval } from '../evaluation/proportions.ts'
import type { GateResult } from './ledger.ts'
import type { Metrics } from './service.ts'

/** What stands for a version where there is room for one figure, the first that it has. */
const mainMetrics = ['microF1', 'auc', 'accuracy', 'shownRight', 'r2'] as const

/** The figure that stands for a version; undefined if it has none. */
export function mainMetric(metrics: Metrics): { readonly name: string; readonly value: number } | undefined {
  const name = mainMetrics.find((one) => metrics[one] !== undefined) ?? Object.keys(metrics)[0]
  return name === undefined ? undefined : { name, value: metrics[name]! }
}

/**
 * Whether a challenger is right less often than the live version beyond what chance explains: below the 95 % interval of the
 * live one's accuracy on its `n` held-out rows. @returns undefined where either has no accuracy.
 */
export function accuracyGate(champion: Metrics, challenger: Metrics): GateResult['metric'] {
  const { accuracy: before, n } = champion
  const { accuracy: now } = challenger
  if (before === undefined || now === undefined || n === undefined || !(n > 0)) return undefined
  const interval = wilsonInterval(before, n)
  return { name: 'accuracy', champion: before, challenger: now, interval, isLower: now < interval[0] }
}

/** The least metrics that are not reached, in words; one that nobody measured is not reached. */
export function missed(metrics: Metrics, thresholds: Metrics): string[] {
  return Object.entries(thresholds).flatMap(([name, least]) => {
    const value = metrics[name]
    if (value !== undefined && value >= least) return []
    return [`${name} is ${value === undefined ? 'not measured' : value.toFixed(4)} and has to be ${least} at least`]
  })
}
