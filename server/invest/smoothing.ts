/** A way to say the next values from those so far. */
export interface Forecaster {
  readonly name: string
  /** Learn settings from a history of at least {@link leastHistory} values. */
  fit(history: readonly number[]): Fitted
}

export interface Fitted {
  /** What was learnt, by name: smoothing factors, 0 to 1. */
  readonly settings: Readonly<Record<string, number>>
  /** The next `steps` values after a history, which may be longer than the one that was fitted. */
  forecast(history: readonly number[], steps: number): number[]
}

export const leastHistory = 20

/** Next value = last value: hard to beat for prices. */
export const naive: Forecaster = {
  name: 'naive',
  fit: () => ({
    settings: {},
    forecast: (history, steps) => new Array<number>(steps).fill(history.at(-1)!),
  }),
}

/** Level and its change; without a trend the change stays 0. */
interface State {
  readonly level: number
  readonly trend: number
  /** Sum of squared one-step errors. */
  readonly sse: number
}

/** @param beta undefined: no trend. */
function run(history: readonly number[], alpha: number, beta: number | undefined): State {
  const begun = beta === undefined ? 1 : 2
  let [level, trend, sse] = [history[begun - 1]!, beta === undefined ? 0 : history[1]! - history[0]!, 0]
  for (let i = begun; i < history.length; i++) {
    const expected = level + trend
    const error = history[i]! - expected
    sse += error * error
    level = expected + alpha * error
    if (beta !== undefined) trend += alpha * beta * error
  }
  return { level, trend, sse }
}

const steps = 20
/** Factors that are tried, in 0 to 1, then finer about the best. */
const grid = (centre: number, width: number): number[] =>
  Array.from({ length: steps + 1 }, (_, i) => centre + width * (i / steps - 0.5)).filter(
    (value) => value > 0 && value <= 1,
  )

/** The factors with the least sum of squared one-step errors; the first of equals. */
function fitFactors(history: readonly number[], hasTrend: boolean): { alpha: number; beta: number | undefined } {
  let best = { alpha: 1, beta: hasTrend ? 0.5 : undefined, sse: Number.POSITIVE_INFINITY }
  let [atAlpha, atBeta] = [0.5, 0.5]
  for (const width of [1, 0.1, 0.01]) {
    for (const alpha of grid(atAlpha, width)) {
      for (const beta of hasTrend ? grid(atBeta, width) : [undefined]) {
        const { sse } = run(history, alpha, beta)
        if (sse < best.sse) best = { alpha, beta, sse }
      }
    }
    ;[atAlpha, atBeta] = [best.alpha, best.beta ?? 0.5]
  }
  return best
}

const smoothing = (name: string, hasTrend: boolean): Forecaster => ({
  name,
  fit(fitted) {
    const { alpha, beta } = fitFactors(fitted, hasTrend)
    return {
      settings: { alpha, ...(beta !== undefined && { beta }) },
      forecast(history, count) {
        const { level, trend } = run(history, alpha, beta)
        return Array.from({ length: count }, (_, i) => level + (i + 1) * trend)
      },
    }
  },
})

/** Simple exponential smoothing (Brown 1956). */
export const simple = smoothing('simple', false)
/** With a linear trend (Holt 1957), in error-correction form. */
export const holt = smoothing('holt', true)
