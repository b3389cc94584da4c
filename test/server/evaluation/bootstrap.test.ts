import { describe, expect, it } from 'vitest'
import { withIntervals } from '../../../server/evaluation/bootstrap.ts'
import { createRandom } from '../../../server/math/random.ts'
import { mean } from '../../../server/math/statistics.ts'

const random = createRandom(11)
const coins = (count: number, share: number): number[] => Array.from({ length: count }, () => Number(random() < share))
const share = (sample: readonly number[]) => ({ share: mean(sample) })

describe('bootstrap intervals', () => {
  it('stand beside each figure', () => {
    const result = withIntervals([1, 2, 3, 4], (sample) => ({ mean: mean(sample), highest: Math.max(...sample) }))
    expect(result).toMatchObject({ mean: 2.5, highest: 4 })
    const [low, high] = result.mean_ci
    expect(low).toBeLessThan(2.5)
    expect(high).toBeGreaterThan(2.5)
    expect(result.highest_ci[1]).toBe(4)
  })

  it('are as wide as theory says for a share', () => {
    const [low, high] = withIntervals(coins(400, 0.3), share).share_ci
    const expected = 2 * 1.96 * Math.sqrt((0.3 * 0.7) / 400)
    expect((high - low) / expected).toBeGreaterThan(0.85)
    expect((high - low) / expected).toBeLessThan(1.15)
  })

  it('hold the true value about 95 times in 100', () => {
    let held = 0
    for (let i = 0; i < 200; i++) {
      const [low, high] = withIntervals(coins(100, 0.4), share, { resamples: 300, seed: i }).share_ci
      if (low <= 0.4 && 0.4 <= high) held++
    }
    expect(held).toBeGreaterThan(178)
    expect(held).toBeLessThan(200)
  })

  it('are the same for the same seed, and do not change the items', () => {
    const items = Object.freeze(coins(50, 0.5))
    expect(withIntervals(items, share)).toEqual(withIntervals(items, share))
    expect(withIntervals(items, share, { seed: 2 })).not.toEqual(withIntervals(items, share))
  })

  it('leave out resamples without a value', () => {
    const ratio = (sample: readonly number[]) => ({ ratio: sample.includes(1) ? mean(sample) : Number.NaN })
    const [low] = withIntervals([1, 0, 0], ratio).ratio_ci
    expect(low).toBeCloseTo(1 / 3)
    expect(withIntervals([], share).share_ci).toEqual([0, 0])
  })
})
