import { describe, expect, it } from 'vitest'
import { scoreForecast } from '../../../server/invest/forecast-score.ts'
import { forecastReport } from '../../../server/invest/rolling-origin.ts'
import { holt, leastHistory, naive, simple } from '../../../server/invest/smoothing.ts'
import { createRandom, gaussian } from '../../../server/math/random.ts'

const random = createRandom(3)
const noise = Array.from({ length: 300 }, () => gaussian(random))
let last = 200
const walk = noise.map((step) => {
  last += step
  return last
})
const about = noise.map((value) => 100 + value)
const rising = noise.map((value, i) => 100 + 2 * i + 0.5 * value)

describe('smoothing', () => {
  it('is the recursion of its definition, with the factors of the least squared error', () => {
    const sse = (alpha: number): number => {
      let [level, sum] = [about[0]!, 0]
      for (const value of about.slice(1)) {
        sum += (value - level) ** 2
        level = alpha * value + (1 - alpha) * level
      }
      return sum
    }
    const { alpha = 0 } = simple.fit(about).settings
    const least = Math.min(...Array.from({ length: 1_000 }, (_, i) => sse((i + 1) / 1_000)))
    expect(sse(alpha)).toBeLessThan(least * 1.0005)
    let level = about[0]!
    for (const value of about.slice(1)) level = alpha * value + (1 - alpha) * level
    expect(simple.fit(about).forecast(about, 3)).toEqual([level, level, level].map((one) => expect.closeTo(one, 9)))
  })

  it('follows a trend, which the naive forecast does not', () => {
    const line = Array.from({ length: leastHistory }, (_, i) => 3 + 2 * i)
    expect(holt.fit(line).forecast(line, 3)).toEqual([43, 45, 47].map((one) => expect.closeTo(one, 9)))
    expect(naive.fit(line).forecast(line, 2)).toEqual([41, 41])
  })
})

describe('a forecast from rolling origins', () => {
  it('is given where it is better than naive, on origins that did not choose it', () => {
    const told = forecastReport(about, 1)
    expect(told).toMatchObject({ n: 300, chosen: 'simple', beatsNaive: true, origins: 75 })
    const [own, rival] = told?.methods ?? []
    expect([own?.method, own?.lessNaive, own?.lessNaive_ci]).toEqual(['naive', 0, [0, 0]])
    // White noise: E|e| is √2 as large for the naive forecast as for the mean.
    expect((rival?.mae ?? 0) / (own?.mae ?? 1)).toBeCloseTo(Math.SQRT1_2, 1)
    expect(own?.mase).toBeCloseTo(1, 0)
    const [next] = told?.forecast ?? []
    expect(next?.value).toBeCloseTo(100, 0)
    expect([next!.low < 99.2, next!.high > 100.8]).toEqual([true, true])
    expect(forecastReport(rising, 5)).toMatchObject({ chosen: 'holt', beatsNaive: true })
  })

  it('is silent about what walks at random, and for a series that never moves', () => {
    for (const horizon of [1, 5]) {
      expect(forecastReport(walk, horizon)).toMatchObject({ beatsNaive: false, forecast: null })
    }
    const still = forecastReport(new Array<number>(60).fill(7), 1)
    expect(still).toMatchObject({ beatsNaive: false, forecast: null })
    expect(still?.methods.map(({ mase }) => mase)).toEqual([null, null, null])
  })

  it('knows only what was before each origin', () => {
    const told = forecastReport(walk, 1)
    const [own] = told?.methods ?? []
    const steps = walk.slice(1).map((value, i) => Math.abs(value - walk[i]!))
    const late = steps.slice(-75)
    expect(own?.mae).toBeCloseTo(late.reduce((a, b) => a + b, 0) / 75, 9)
  })

  it('needs twenty origins', () => {
    expect(forecastReport(walk.slice(0, 39), 1)).toBeUndefined()
    expect(forecastReport(walk.slice(0, 40), 1)?.origins).toBe(10)
  })
})

describe('the score of a forecast on prices that follow others', () => {
  const parts = (values: readonly number[]) => ({ train: values.slice(0, 200), test: values.slice(200) })

  it('is that of the naive one for a random walk, and better for what returns to a mean', () => {
    const own = scoreForecast(parts(walk), { horizon: 1, method: 'naive' })
    const steps = walk.slice(1).map((value, i) => Math.abs(value - walk[i]!))
    const meanOf = (some: readonly number[]): number => some.reduce((a, b) => a + b, 0) / some.length
    expect(own).toMatchObject({ n: 100, method: 'naive' })
    expect(own?.mae).toBeCloseTo(meanOf(steps.slice(199)), 9)
    expect(own?.mae).toBe(own?.naiveMae)
    expect(own?.mase).toBeCloseTo(meanOf(steps.slice(199)) / meanOf(steps.slice(0, 199)), 9)
    const back = scoreForecast(parts(about), { horizon: 3, method: 'select' })
    expect(back).toMatchObject({ n: 98, method: 'simple' })
    expect(back?.mae_ci[1]).toBeLessThan(back?.naiveMae ?? 0)
    expect(scoreForecast(parts(rising), { horizon: 5, method: 'select' })?.method).toBe('holt')
  })

  it('needs a history that changes, and room for the horizon', () => {
    const score = (train: readonly number[], test: readonly number[]) =>
      scoreForecast({ train, test }, { horizon: 2, method: 'select' })
    expect(score(about.slice(0, 41), about.slice(41))).toBeUndefined()
    expect(score(about.slice(0, 42), about.slice(42, 44))).toBeUndefined()
    expect(score(about.slice(0, 42), about.slice(42, 45))?.n).toBe(2)
    expect(score(new Array<number>(60).fill(7), about)).toBeUndefined()
  })
})
