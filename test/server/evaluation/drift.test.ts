import { describe, expect, it } from 'vitest'
import { createReferenceColumn } from '../../../server/evaluation/drift.ts'
import { createRandom, gaussian } from '../../../server/math/random.ts'

const random = createRandom(3)
const texts = (count: number, make: (i: number) => unknown): string[] =>
  Array.from({ length: count }, (_, i) => String(make(i)))
const repeat = (counts: Record<string, number>): string[] =>
  Object.entries(counts).flatMap(([value, count]) => texts(count, () => value))
const bell = (count: number, mean = 0, spread = 1): string[] => texts(count, () => mean + spread * gaussian(random))

describe('drift of categories', () => {
  it('is the population stability index, an empty bin counted as half a row', () => {
    const column = createReferenceColumn('plan', repeat({ a: 600, b: 300, c: 100 }))
    const term = (p: number, q: number): number => (q - p) * Math.log(q / p)
    const moved = column.compare(repeat({ a: 400, b: 500, c: 100 }))
    expect(moved).toMatchObject({ ks: null, alarm: false })
    expect(moved.psi).toBeCloseTo(term(0.6, 0.4) + term(0.3, 0.5), 10)
    const gone = column.compare(repeat({ a: 700, b: 300 }))
    expect(gone.psi).toBeCloseTo(term(0.6, 0.7) + term(0.1, 0.0005), 10)
  })

  it('counts what was never seen, and what is missing', () => {
    const column = createReferenceColumn('plan', repeat({ a: 900, '': 100 }))
    expect(column.kind).toBe('category')
    expect(column.compare(repeat({ a: 500, new: 500 })).alarm).toBe(true)
    expect(column.compare(repeat({ a: 500, '': 500 })).alarm).toBe(true)
    expect(column.compare(repeat({ a: 900, '': 100 }))).toEqual({ psi: 0, ks: null, alarm: false })
  })

  it('takes rare categories together: a column of names does not alarm', () => {
    const column = createReferenceColumn(
      'name',
      texts(5_000, (i) => `n${i}`),
    )
    expect(column.compare(texts(1_000, (i) => `m${i}`)).alarm).toBe(false)
  })
})

describe('drift of numbers', () => {
  const column = createReferenceColumn('amount', bell(10_000))

  it('is seen in place and in spread, with the distance of the distributions', () => {
    expect(column.kind).toBe('number')
    const higher = column.compare(bell(2_000, 1))
    expect(higher.alarm).toBe(true)
    expect(higher.ks).toBeGreaterThan(0.34) // two normal distributions one deviation apart: 0.383
    expect(higher.ks).toBeLessThan(0.42)
    expect(column.compare(bell(2_000, 0, 3)).alarm).toBe(true)
    expect(column.compare(bell(2_000, 0.05)).alarm).toBe(false)
  })

  it('finds the distance between small samples by hand', () => {
    expect(createReferenceColumn('n', ['1', '2', '3', '4']).compare(['3', '4', '5', '6']).ks).toBe(0.5)
    expect(createReferenceColumn('n', ['1', '1', '2']).compare(['1', '1', '2']).ks).toBe(0)
    expect(createReferenceColumn('n', ['1', '2']).compare(['', '']).ks).toBeNull()
  })

  it('gives a value that many rows have a bin of its own', () => {
    const spiked = createReferenceColumn('days', [...texts(9_500, () => -1), ...texts(500, (i) => i)])
    expect(spiked.compare([...texts(1_000, () => -1), ...texts(1_000, (i) => i % 500)]).alarm).toBe(true)
    expect(spiked.compare([...texts(1_900, () => -1), ...texts(100, (i) => 5 * i)]).alarm).toBe(false)
    // Two values at the two ends of one decile.
    const flags = createReferenceColumn('flag', [...texts(950, () => 0), ...texts(50, () => 1)])
    expect(flags.compare([...texts(500, () => 0), ...texts(500, () => 1)]).alarm).toBe(true)
  })

  it('counts missing ones and words among them', () => {
    expect(column.compare([...bell(1_000), ...texts(1_000, () => '')]).alarm).toBe(true)
    expect(column.compare([...bell(1_000), ...texts(1_000, () => 'n/a')]).alarm).toBe(true)
  })
})

describe('without drift', () => {
  it.each([25, 200, 2_000])('windows of %i rows alarm at most once in a thousand', (rows) => {
    const numbers = createReferenceColumn('n', bell(5_000))
    const kinds = (count: number) => texts(count, () => 'abcdefghijkl'[Math.floor(12 * random() ** 2)])
    const categories = createReferenceColumn('c', kinds(5_000))
    let alarms = 0
    for (let i = 0; i < 1_000; i++) {
      if (numbers.compare(bell(rows)).alarm) alarms++
      if (categories.compare(kinds(rows)).alarm) alarms++
    }
    expect(alarms).toBeLessThanOrEqual(6) // 2 are expected of 2,000
  })

  it('refuses a reference without rows', () => {
    expect(() => createReferenceColumn('n', [])).toThrow('column n has no rows')
  })
})
