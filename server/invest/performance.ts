import { mean, percentile } from '../math/statistics.ts'
import { type PriceSeries, yearsOf } from './prices.ts'

export interface PerformanceOptions {
  /** Interest without risk, a share a year: 0.02. */
  readonly riskFree: number
  /** Of the value at risk, 0 to 1: 0.95. */
  readonly level: number
  /** Prices a year; default as many as the series has. */
  readonly periods?: number
}

/** A fall from a peak; shares 0 to 1. */
export interface Drawdown {
  readonly share: number
  readonly peak: string
  readonly trough: string
  /** When the peak was reached again; null if it was not. */
  readonly recovered: string | null
}

/** What a series was like; shares, not percent. Nothing here says what it will be. */
export interface Performance {
  readonly from: string
  readonly to: string
  readonly prices: number
  readonly periodsPerYear: number
  readonly totalReturn: number
  readonly annualReturn: number
  /** Standard deviation of log returns, annualised. */
  readonly volatility: number
  /** null where returns do not vary. */
  readonly sharpe: number | null
  readonly maxDrawdown: Drawdown | null
  /** Loss in one period that was not exceeded in `level` of them, and the mean of those at or beyond it; null with too few. */
  readonly valueAtRisk: number | null
  readonly expectedShortfall: number | null
  readonly worst: { readonly day: string; readonly return: number }
  readonly best: { readonly day: string; readonly return: number }
}

/**
 * Figures of a price series. Return: last price over first, less one; a year's by compounding over 365.2425 days. Volatility:
 * standard deviation (n − 1) of log returns × √periods. Sharpe ratio: mean of simple returns less the riskless rate of a period,
 * over their standard deviation, × √periods (Sharpe 1994). Value at risk: historic, by the quantile of simple returns.
 */
export function performanceOf(series: PriceSeries, { riskFree, level, periods }: PerformanceOptions): Performance {
  const { days, prices } = series
  const returns = prices.slice(1).map((price, i) => price / prices[i]! - 1)
  const years = yearsOf(series)
  const perYear = periods ?? returns.length / years
  const growth = prices.at(-1)! / prices[0]!
  const spread = deviation(returns)
  const at = (pick: (...values: number[]) => number) => {
    const value = returns.reduce((a, b) => pick(a, b))
    return { day: days[1 + returns.indexOf(value)]!, return: value }
  }
  return {
    ...{ from: days[0]!, to: days.at(-1)!, prices: prices.length, periodsPerYear: perYear },
    ...{ totalReturn: growth - 1, annualReturn: growth ** (1 / years) - 1 },
    volatility: deviation(returns.map(Math.log1p)) * Math.sqrt(perYear),
    // Rounding alone makes a constant growth vary a little.
    sharpe: spread < 1e-12 ? null : ((mean(returns) - riskFree / perYear) / spread) * Math.sqrt(perYear),
    maxDrawdown: drawdownOf(series),
    ...riskOf(returns, level),
    ...{ worst: at(Math.min), best: at(Math.max) },
  }
}

/** Sample standard deviation. */
function deviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

/** The deepest fall, the earliest of equals; null if no price is below one before. */
function drawdownOf({ days, prices }: PriceSeries): Drawdown | null {
  let [peak, from, to, deepest] = [0, 0, 0, 0]
  for (const [i, price] of prices.entries()) {
    if (price > prices[peak]!) peak = i
    const share = 1 - price / prices[peak]!
    if (share > deepest) [from, to, deepest] = [peak, i, share]
  }
  if (deepest === 0) return null
  const again = prices.findIndex((price, i) => i > to && price >= prices[from]!)
  return { share: deepest, peak: days[from]!, trough: days[to]!, recovered: days[again] ?? null }
}

function riskOf(returns: readonly number[], level: number): Pick<Performance, 'valueAtRisk' | 'expectedShortfall'> {
  // Not one return is expected beyond the quantile: the worst would stand for all that could be.
  if (returns.length * (1 - level) < 1 - 1e-9) return { valueAtRisk: null, expectedShortfall: null }
  const quantile = percentile(returns, 1 - level)
  const beyond = returns.filter((value) => value <= quantile)
  return { valueAtRisk: -quantile, expectedShortfall: beyond.length === 0 ? null : -mean(beyond) }
}
