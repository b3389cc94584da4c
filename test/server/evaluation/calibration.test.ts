import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fitTemperature,
  logLoss,
  reliabilityBins,
  riskCoverage,
  softmax,
} from '../../../server/evaluation/calibration.ts'
import { createRandom } from '../../../server/math/random.ts'

describe('softmax', () => {
  it('sums to 1 and keeps the order, also for huge logits', () => {
    const logits = fc.array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(logits, fc.double({ min: 0.1, max: 10, noNaN: true }), (row, temperature) => {
        const probabilities = softmax(row, temperature)
        expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9)
        expect(probabilities.indexOf(Math.max(...probabilities))).toBe(row.indexOf(Math.max(...row)))
      }),
    )
  })

  it('is less sure at a higher temperature', () => {
    expect([...softmax([0, Math.log(3)])]).toEqual([expect.closeTo(0.25), expect.closeTo(0.75)])
    expect(softmax([0, Math.log(3)], 2)[1]).toBeCloseTo(Math.sqrt(3) / (1 + Math.sqrt(3)))
  })
})

describe('temperature scaling', () => {
  /** Labels drawn from the probabilities that the logits give, so 1 is the right temperature. */
  const random = createRandom(4)
  const logits = Array.from({ length: 4_000 }, () => Array.from({ length: 5 }, () => 6 * random() - 3))
  const labels = logits.map((row) => {
    const at = random()
    let sum = 0
    return softmax(row).findIndex((probability) => {
      sum += probability
      return at < sum
    })
  })

  it('finds by how much logits are too sure or not sure enough', () => {
    for (const factor of [0.3, 1, 4]) {
      const scaled = logits.map((row) => row.map((logit) => factor * logit))
      expect(fitTemperature(scaled, labels) / factor).toBeCloseTo(1, 1)
    }
  })

  it('gives the least loss', () => {
    const best = fitTemperature(logits, labels)
    const least = logLoss(logits, labels, best)
    for (const other of [0.5, 0.9, 1.1, 2]) expect(logLoss(logits, labels, best * other)).toBeGreaterThan(least)
  })

  it('stays within bounds where all is right or all is wrong', () => {
    expect(fitTemperature([[9, 0]], [0])).toBeCloseTo(0.05, 3)
    expect(fitTemperature([[9, 0]], [1])).toBeCloseTo(20, 3)
  })

  it('refuses what cannot be fitted', () => {
    expect(() => fitTemperature([], [])).toThrow(RangeError)
    expect(() => fitTemperature([[1, 2]], [2])).toThrow(RangeError)
    expect(() => fitTemperature([[1, 2]], [])).toThrow(RangeError)
    expect(() => fitTemperature([[1, Number.NaN]], [0])).toThrow(RangeError)
  })

  it('takes logits of Float32Array and survives large ones', () => {
    expect(logLoss([Float32Array.of(1_000, 0)], [1])).toBeCloseTo(1_000)
    expect(logLoss([Float32Array.of(0, 0)], [1])).toBeCloseTo(Math.LN2)
  })
})

describe('reliability bins', () => {
  it('hold confidences above their lower and up to their upper end', () => {
    const bins = reliabilityBins([0, 0.5, 0.51, 1], [false, true, true, true], 2)
    expect(bins).toEqual([
      { low: 0, high: 0.5, count: 2, confidence: 0.25, accuracy: 0.5 },
      { low: 0.5, high: 1, count: 2, confidence: 0.755, accuracy: 1 },
    ])
  })

  it('may be empty', () => {
    expect(reliabilityBins([], [], 3).map(({ count, confidence, accuracy }) => [count, confidence, accuracy])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('refuse what is no probability', () => {
    for (const wrong of [-0.1, 1.1, Number.NaN]) expect(() => reliabilityBins([wrong], [true])).toThrow(RangeError)
    expect(() => reliabilityBins([0.5], [])).toThrow(RangeError)
  })
})

describe('risk and coverage', () => {
  it('has a point per confidence, the surest first', () => {
    expect(riskCoverage([0.5, 0.9, 0.5, 0.7], [false, true, true, true])).toEqual([
      { threshold: 0.9, coverage: 0.25, risk: 0 },
      { threshold: 0.7, coverage: 0.5, risk: 0 },
      { threshold: 0.5, coverage: 1, risk: 0.25 },
    ])
    expect(riskCoverage([], [])).toEqual([])
    expect(() => riskCoverage([0.5], [])).toThrow(RangeError)
  })
})
