import { type Interval, withIntervals } from '../evaluation/bootstrap.ts'
import { mean, percentile } from '../math/statistics.ts'
import { type Forecaster, holt, leastHistory, naive, simple } from './smoothing.ts'

/** Ways that are held against the naive one. */
export const rivals: readonly Forecaster[] = [simple, holt]
/** More values take longer than a command should. */
export const mostValues = 20_000
/** Share of the values before the first origin; times at which settings are learnt anew. */
const [historyShare, refits] = [0.5, 20]
/** Fewer origins decide nothing. */
const leastOrigins = 10

export interface ForecastFigures {
  readonly method: string
  readonly settings: Readonly<Record<string, number>>
  /** Mean absolute error over all steps of the later half of the origins. */
  readonly mae: number
  /** The same over the mean absolute one-step change before the first origin (Hyndman & Koehler 2006); null if nothing changed there. */
  readonly mase: number | null
  /** `mae` less that of naive, with its 95 % interval; 0 for naive itself. */
  readonly lessNaive: number
  readonly lessNaive_ci: Interval
}

export interface ForecastReport {
  readonly n: number
  readonly horizon: number
  readonly origins: number
  readonly methods: readonly ForecastFigures[]
  /** The best on the earlier half of the origins, which the figures are not of. */
  readonly chosen: string
  readonly beatsNaive: boolean
  /** Next values, and where four in five of the errors lay at that step; null unless naive is beaten. */
  readonly forecast:
    | readonly { readonly step: number; readonly value: number; readonly low: number; readonly high: number }[]
    | null
}

/** Errors of a way, forecast less truth: a row an origin, a number a step. */
interface Judged {
  readonly way: Forecaster
  readonly errors: readonly (readonly number[])[]
}

/**
 * Forecast from one origin after the other, each time knowing only what was before (rolling origin, Tashman 2000), and compare
 * with the naive forecast of the same origins. A way is chosen on the earlier half of the origins and judged on the later one;
 * it beats naive if the interval of the difference, by a bootstrap of blocks of neighbouring origins, lies below 0.
 * @param values in the order of time. @returns undefined with too few values for the horizon.
 */
export function forecastReport(values: readonly number[], horizon: number): ForecastReport | undefined {
  const first = Math.max(leastHistory, Math.floor(values.length * historyShare))
  const origins = values.length - horizon - first + 1
  if (origins < 2 * leastOrigins) return undefined
  const judged = [naive, ...rivals].map((way) => ({ way, errors: errorsOf(way, values, { first, origins, horizon }) }))
  const half = origins >> 1
  const early = ({ errors }: Judged): number => maeOf(errors.slice(0, half))
  const chosen = judged.slice(1).reduce((a, b) => (early(b) < early(a) ? b : a))
  const scale = usualChange(values.slice(0, first))
  const late = judged[0]!.errors.slice(half)
  const methods = judged.map((one) => figuresOf(one, half, late, { scale, horizon, values }))
  const { lessNaive_ci } = methods[judged.indexOf(chosen)]!
  const beatsNaive = lessNaive_ci[1] < 0
  return {
    ...{ n: values.length, horizon, origins: origins - half, methods, chosen: chosen.way.name, beatsNaive },
    forecast: beatsNaive ? nextOf(chosen, values, half, horizon) : null,
  }
}

export interface Origins {
  /** How many values are known at the first. */
  readonly first: number
  readonly origins: number
  readonly horizon: number
}

/** Errors, forecast less truth: a row an origin, a number a step. Settings are learnt anew at twenty origins. */
export function errorsOf(way: Forecaster, values: readonly number[], { first, origins, horizon }: Origins): number[][] {
  const every = Math.ceil(origins / refits)
  let fitted = way.fit(values.slice(0, first))
  return Array.from({ length: origins }, (_, i) => {
    const history = values.slice(0, first + i)
    if (i > 0 && i % every === 0) fitted = way.fit(history)
    return fitted.forecast(history, horizon).map((value, step) => value - values[first + i + step]!)
  })
}

export const maeOf = (errors: readonly (readonly number[])[]): number =>
  mean(errors.map((row) => mean(row.map(Math.abs))))

function figuresOf(
  { way, errors }: Judged,
  half: number,
  naiveErrors: readonly (readonly number[])[],
  { scale, horizon, values }: { readonly scale: number; readonly horizon: number; readonly values: readonly number[] },
): ForecastFigures {
  const late = errors.slice(half)
  const differences = late.map((row, i) => maeOf([row]) - maeOf([naiveErrors[i]!]))
  const { less, less_ci } = withIntervals(blocksOf(differences, horizon), (blocks) => ({ less: mean(blocks.flat()) }))
  return {
    ...{ method: way.name, settings: way.fit(values).settings },
    ...{ mae: maeOf(late), mase: scale > 0 ? maeOf(late) / scale : null, lessNaive: less, lessNaive_ci: less_ci },
  }
}

/** Mean absolute one-step change of a history, what errors are scaled by. */
export const usualChange = (history: readonly number[]): number =>
  mean(history.slice(1).map((value, i) => Math.abs(value - history[i]!)))

/** Neighbours tell of the same days: they are drawn together, in blocks of the horizon or n^⅓, whichever is more. */
export function blocksOf<T>(values: readonly T[], horizon: number): T[][] {
  const size = Math.max(horizon, Math.ceil(Math.cbrt(values.length)))
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size))
}

function nextOf({ way, errors }: Judged, values: readonly number[], half: number, horizon: number) {
  const next = way.fit(values).forecast(values, horizon)
  return next.map((value, i) => {
    const at = errors.slice(half).map((row) => row[i]!)
    return { step: i + 1, value, low: value - percentile(at, 0.9), high: value - percentile(at, 0.1) }
  })
}
