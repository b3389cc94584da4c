import { describe, expect, it } from 'vitest'
import { aucInterval, f1Interval, mcnemarExact, wilsonInterval } from '../../../server/evaluation/proportions.ts'

describe('the interval of a share', () => {
  it.each([
    // Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i of %i is what the literature has', (right, n, low, high) => {
    const interval = wilsonInterval(right / n, n)
    expect(interval[0]).toBeCloseTo(low, 4)
    expect(interval[1]).toBeCloseTo(high, 4)
  })

  it('is refused for what is no share', () => {
    for (const [share, n] of [
      [1.1, 10],
      [Number.NaN, 10],
      [0.5, 0],
    ] as const)
      expect(() => wilsonInterval(share, n)).toThrow(RangeError)
  })
})

describe('the interval of an area under the curve', () => {
  it.each([
    // Without any order in the scores: Mann and Whitney's variance of the rank sum, (p + q + 1) / 12pq.
    [0.5, 40, 60, Math.sqrt(101 / (12 * 40 * 60))],
    // By hand: Q1 = 0.6, Q2 = 9/14; 0.1875 + 199 · 0.0375 + 299 · 9/112, over 200 · 300.
    [0.75, 200, 300, Math.sqrt((0.1875 + 199 * 0.0375 + 299 * (9 / 112)) / 60_000)],
  ])('of %f, %i positives and %i negatives spreads as it should', (auc, positives, negatives, error) => {
    const [low, high] = aucInterval(auc, positives, negatives)
    expect((high - low) / 2).toBeCloseTo(1.959963984540054 * error, 12)
    expect((high + low) / 2).toBeCloseTo(auc, 12)
  })

  it('is refused without a class, or for what is no area', () => {
    for (const [auc, positives] of [
      [0.8, 0],
      [1.1, 5],
    ] as const)
      expect(() => aucInterval(auc, positives, 5)).toThrow(RangeError)
  })
})

describe('the interval of an F1 score', () => {
  it('is that of the share of right pairs', () => {
    // 60 right, 20 missed, 20 wrongly said.
    const [low, high] = wilsonInterval(0.6, 100)
    const [from, to] = f1Interval(0.75, 100)
    expect(from / (2 - from)).toBeCloseTo(low, 12)
    expect(to / (2 - to)).toBeCloseTo(high, 12)
  })
})

describe('McNemar’s exact test', () => {
  it.each([
    // Twice the sum of binomial terms, by hand: 2·(1)/2^5; 2·(1+8)/2^8; 2·(1+10+45)/2^10.
    [0, 5, 2 / 32],
    [1, 7, 18 / 256],
    [8, 2, 112 / 1024],
    [3, 3, 1],
    [0, 0, 1],
  ])('of %i against %i', (first, second, p) => {
    expect(mcnemarExact(first, second)).toBeCloseTo(p, 12)
    expect(mcnemarExact(second, first)).toBe(mcnemarExact(first, second))
  })

  it('holds for more disagreements than doubles have powers of two', () => {
    expect(mcnemarExact(1_000, 1_000)).toBe(1)
    expect(mcnemarExact(950, 1_050)).toBeGreaterThan(0.02) // about 2·Φ(−99/√2000) = 0.0268
    expect(mcnemarExact(950, 1_050)).toBeLessThan(0.03)
    expect(mcnemarExact(0, 2_000)).toBe(0)
  })

  it('refuses what is no count', () => {
    for (const count of [-1, 0.5, Number.NaN]) expect(() => mcnemarExact(count, 1)).toThrow(RangeError)
  })
})
