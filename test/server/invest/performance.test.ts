import { describe, expect, it } from 'vitest'
import { performanceOf } from '../../../server/invest/performance.ts'
import { pricesIn } from '../../../server/invest/prices.ts'

const usual = { riskFree: 0, level: 0.95 }
const days = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10))
const of = (...prices: number[]) => ({ days: days(prices.length), prices })

describe('what a price series was like', () => {
  it('is known for a few prices', () => {
    // Returns +10 %, −20 %, +25 %: mean 5 %, sample variance (0.05² + 0.25² + 0.2²) / 2.
    const told = performanceOf(of(100, 110, 88, 110), { riskFree: 0.36, level: 0.5, periods: 12 })
    expect(told).toMatchObject({ from: '2026-01-01', to: '2026-01-04', prices: 4, periodsPerYear: 12 })
    expect(told.totalReturn).toBeCloseTo(0.1, 12)
    expect(told.annualReturn).toBeCloseTo(1.1 ** (365.2425 / 3) - 1, 3)
    const spread = Math.sqrt((0.05 ** 2 + 0.25 ** 2 + 0.2 ** 2) / 2)
    expect(told.sharpe).toBeCloseTo(((0.05 - 0.03) / spread) * Math.sqrt(12), 12)
    const logs = [Math.log(1.1), Math.log(0.8), Math.log(1.25)]
    const centre = Math.log(1.1) / 3
    const variance = logs.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 2
    expect(told.volatility).toBeCloseTo(Math.sqrt(12 * variance), 12)
    expect(told.maxDrawdown).toMatchObject({ peak: '2026-01-02', trough: '2026-01-03', recovered: '2026-01-04' })
    expect(told.maxDrawdown?.share).toBeCloseTo(0.2, 12)
    expect([told.worst.day, told.best.day]).toEqual(['2026-01-03', '2026-01-04'])
    expect(told.valueAtRisk).toBeCloseTo(-0.1, 12) // the median return is a gain
    expect(told.expectedShortfall).toBeCloseTo((0.2 - 0.1) / 2, 12)
  })

  it('is not told where it cannot be', () => {
    const steady = performanceOf(of(100, 101, 102.01, 103.0301), usual)
    expect(steady).toMatchObject({ sharpe: null, maxDrawdown: null, valueAtRisk: null, expectedShortfall: null })
    expect(steady.periodsPerYear).toBeCloseTo(365.2425, 9)
    expect(performanceOf(of(100, 50, 60), usual).maxDrawdown).toMatchObject({ share: 0.5, recovered: null })
  })

  it('has a value at risk that one period in twenty exceeds', () => {
    const prices = [1]
    // 95 gains of 1 % and 5 losses of 2, 3, 4, 5 and 6 %.
    for (let i = 0; i < 100; i++) prices.push(prices[i]! * (i % 20 === 7 ? 0.98 - Math.floor(i / 20) / 100 : 1.01))
    const { valueAtRisk, expectedShortfall } = performanceOf(of(...prices), usual)
    // Place 4.95 of 0 to 99 in ascending order: between −2 % and +1 %, nearly at the latter.
    expect(valueAtRisk).toBeCloseTo(0.02 - 0.03 * 0.95, 10)
    expect(expectedShortfall).toBeCloseTo(0.04, 10)
  })
})

describe('prices of a file', () => {
  const read = (...rows: Record<string, unknown>[]) =>
    pricesIn(
      'p.csv',
      rows.map((fields, i) => ({ fields, line: i + 2 })),
      { day: 'date', price: 'close' },
    )
  const row = (date: string, close: unknown) => ({ date, close })
  const [first, second] = [row('2026-01-01', '1.5'), row('2026-01-02', 2)]

  it('are read as text and as numbers', () => {
    expect(read(first, second, row('2026-02-01', '3'))).toEqual({
      days: ['2026-01-01', '2026-01-02', '2026-02-01'],
      prices: [1.5, 2, 3],
    })
  })

  it.each([
    [[first, row('2026-02-30', '1')], /p\.csv:3 column date: is no day/],
    [[first, row('01.02.2026', '1')], /p\.csv:3 column date: is no day/],
    [[second, first], /p\.csv:3 column date: is before the row above/],
    [[first, first], /p\.csv:3 column date: is there twice/],
    [[first, row('2026-01-02', '0')], /p\.csv:3 column close: is no price above 0/],
    [[first, row('2026-01-02', '-1')], /column close: is no price/],
    [[first, row('2026-01-02', '1e3')], /column close: is no price/],
    [[first, { date: '2026-01-02' }], /p\.csv:3 column close: is missing/],
    [[first, second], /p\.csv: has 2 prices: at least 3/],
  ])('are refused: %j', (rows, says) => {
    expect(() => read(...rows)).toThrow(says)
  })
})
