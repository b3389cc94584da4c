import { describe, expect, it } from 'vitest'
import { countedIn, levelBins, movedFrom, numberBins } from '../../../server/evaluation/stability.ts'
import { createRandom } from '../../../server/math/random.ts'

const draw = (count: number, seed: number, shift = 0): Float32Array => {
  const random = createRandom(seed)
  return Float32Array.from({ length: count }, () => (random() < 0.6 ? 0 : random() + shift))
}

describe('how far a column has moved', () => {
  const bins = numberBins(draw(5_000, 1))

  it('counts every row once, a frequent value and missing ones by themselves', () => {
    expect(bins.counts.reduce((sum, count) => sum + count, 0)).toBe(5_000)
    expect(bins.counts[0]).toBe(0)
    expect(Math.max(...bins.counts)).toBe(draw(5_000, 1).filter((value) => value === 0).length)
    expect(countedIn(bins, [Number.NaN, Number.NaN, 0])[0]).toBe(2)
  })

  it('is nothing for the same rows, little for rows like them, and much for others', () => {
    expect(movedFrom(bins, bins.counts)).toMatchObject({ psi: 0, reading: 'stable' })
    expect(movedFrom(bins, countedIn(bins, draw(2_000, 2))).reading).toBe('stable')
    const moved = movedFrom(bins, countedIn(bins, draw(2_000, 2, 0.5)))
    expect([moved.psi > 0.25, moved.reading]).toEqual([true, 'moved'])
  })

  it('reads an index between the bounds as a small move, and one that chance gives as none', () => {
    const even = { kind: 'number' as const, cuts: [{ at: 0, closed: false }], counts: [0, 5_000, 5_000] }
    // (0.65 − 0.5) ln 1.3 + (0.35 − 0.5) ln 0.7
    const little = movedFrom(even, [0, 6_500, 3_500])
    expect(little.psi).toBeCloseTo(0.15 * Math.log(1.3) - 0.15 * Math.log(0.7), 12)
    expect(little.reading).toBe('stable')
    expect(movedFrom(even, [0, 7_000, 3_000]).reading).toBe('moved a little')
    expect(movedFrom(even, [0, 14, 6]).reading).toBe('stable')
  })

  it('tells levels that training had not', () => {
    const regions = levelBins({ north: 0.5, south: 0.5 }, 1_000)
    expect(regions).toEqual({ kind: 'category', levels: ['north', 'south'], counts: [0, 500, 500] })
    expect(countedIn(regions, ['south', 'moon', 'moon'])).toEqual([2, 0, 1])
    expect(movedFrom(regions, [400, 300, 300]).reading).toBe('moved')
  })
})
