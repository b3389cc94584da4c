import { type WithIntervals, withIntervals } from '../evaluation/bootstrap.ts'
import { mean } from '../math/statistics.ts'
import { blocksOf, errorsOf, maeOf, rivals, usualChange } from './rolling-origin.ts'
import { type Forecaster, leastHistory, naive } from './smoothing.ts'

export const forecastMethods = ['select', 'naive', ...rivals.map(({ name }) => name)]

/** Figures of a way on a test that follows its history. */
export type ForecastScore = {
  /** Origins. */
  readonly n: number
  readonly method: string
} & WithIntervals<'mae' | 'mase' | 'naiveMae'>

/**
 * Score a way on the values that follow a history, from every origin of the test that leaves room for the horizon, each time
 * with all that was before. `select` takes the way with the least error within the history.
 * @param method one of {@link forecastMethods}. @returns undefined with too short a history or test, or one in which nothing changes.
 */
export function scoreForecast(
  { train, test }: { readonly train: readonly number[]; readonly test: readonly number[] },
  { horizon, method }: { readonly horizon: number; readonly method: string },
): ForecastScore | undefined {
  const origins = test.length - horizon + 1
  const scale = usualChange(train)
  if (origins < 2 || scale === 0 || train.length < 2 * leastHistory + horizon) return undefined
  const way = method === 'select' ? chosenIn(train, horizon) : [naive, ...rivals].find(({ name }) => name === method)
  if (!way) throw new RangeError(`there is no method ${method}`)
  const [values, at] = [[...train, ...test], { first: train.length, origins, horizon }]
  const rowsOf = (one: Forecaster): number[] => errorsOf(one, values, at).map((row) => maeOf([row]))
  const [own, rival] = [rowsOf(way), rowsOf(naive)]
  const pairs = own.map((error, i) => ({ error, naive: rival[i]! }))
  const figures = withIntervals(blocksOf(pairs, horizon), (blocks) => {
    const mae = mean(blocks.flat().map(({ error }) => error))
    return { mae, mase: mae / scale, naiveMae: mean(blocks.flat().map((pair) => pair.naive)) }
  })
  return { n: origins, method: way.name, ...figures }
}

/** On the later half of the history. */
function chosenIn(train: readonly number[], horizon: number): Forecaster {
  const first = Math.max(leastHistory, train.length >> 1)
  const at = { first, origins: train.length - horizon - first + 1, horizon }
  const judged = [naive, ...rivals].map((way) => ({ way, mae: maeOf(errorsOf(way, train, at)) }))
  return judged.reduce((a, b) => (b.mae < a.mae ? b : a)).way
}
