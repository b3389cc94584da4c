import { describe, expect, it } from 'vitest'
import { auroc, expectedCalibrationError } from '../../../server/evaluation/classification-metrics.ts'
import { measured, scoreMeasure, valueMeasure, withCountedIntervals } from '../../../server/evaluation/score-metrics.ts'
import { createRandom } from '../../../server/math/random.ts'

const random = createRandom(4)
// Two decimals, so that some are equal.
const probabilities = Array.from({ length: 300 }, () => Math.round(100 * random()) / 100)
const positive = probabilities.map((probability) => Number(random() < probability ** 2))

describe('figures of a probability', () => {
  it('are those of their definitions', () => {
    const figures = measured(scoreMeasure(probabilities, positive), 300)
    expect(figures.auc).toBeCloseTo(auroc(probabilities, positive.map(Boolean)), 12)
    expect(figures.ece).toBeCloseTo(expectedCalibrationError(probabilities, positive.map(Boolean), 10), 12)
    const errors = probabilities.map((probability, i) => (probability - positive[i]!) ** 2)
    expect(figures.brier).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / 300, 12)
    expect(figures.majority).toBeCloseTo(1 - positive.reduce((a, b) => a + b, 0) / 300, 12)
    // Largest gap between the two distribution functions, at every value.
    const below = (one: number, at: number) => {
      const own = probabilities.filter((_, i) => positive[i] === one)
      return own.filter((probability) => probability <= at).length / own.length
    }
    const gaps = probabilities.map((at) => Math.abs(below(0, at) - below(1, at)))
    expect(figures.ks).toBeCloseTo(Math.max(...gaps), 12)
  })

  it('are known for a few rows', () => {
    const { accuracy, logLoss, auc, ks } = measured(scoreMeasure([0.9, 0.8, 0.3, 0.2], [1, 0, 1, 0]), 4)
    expect([accuracy, auc, ks]).toEqual([0.5, 0.75, 0.5])
    expect(logLoss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.2) + Math.log(0.3) + Math.log(0.8)) / 4, 12)
  })

  it('stay finite for a probability of 0 that was wrong', () => {
    expect(measured(scoreMeasure([0, 1], [1, 0]), 2).logLoss).toBeLessThan(40)
  })

  it('count a row twice as two rows', () => {
    const twice = scoreMeasure([...probabilities, probabilities[7]!], [...positive, positive[7]!])
    const counts = new Float64Array(300).fill(1)
    counts[7] = 2
    const counted = scoreMeasure(probabilities, positive)(counts)
    for (const [name, value] of Object.entries(measured(twice, 301)))
      expect(counted[name as keyof typeof counted], name).toBeCloseTo(value, 12)
  })
})

describe('figures of numbers', () => {
  it('are those of their definitions', () => {
    const { r2, mse, mae } = measured(valueMeasure([1, 2, 4], [1, 3, 5]), 3)
    expect(mse).toBeCloseTo(2 / 3, 12)
    expect(mae).toBeCloseTo(2 / 3, 12)
    expect(r2).toBeCloseTo(1 - 2 / 8, 12)
  })
})

describe('intervals by counts', () => {
  it('hold the figure, and are the same again', () => {
    const figures = withCountedIntervals(scoreMeasure(probabilities, positive), 300, { resamples: 200 })
    for (const name of ['auc', 'brier', 'ks'] as const) {
      const [low, high] = figures[`${name}_ci`]
      expect(low, name).toBeLessThan(figures[name])
      expect(high, name).toBeGreaterThan(figures[name])
    }
    expect(withCountedIntervals(scoreMeasure(probabilities, positive), 300, { resamples: 200 })).toEqual(figures)
  })
})
