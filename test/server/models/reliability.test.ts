import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../server/math/random.ts'
import { calibrate, calibrated } from '../../../server/models/answerable.ts'
import {
  figuresAt,
  never,
  readVerdicts,
  thresholdFor,
  type Verdict,
  writeVerdicts,
} from '../../../server/models/reliability.ts'

const verdict = (probability: number, right: boolean, answerable = true): Verdict => ({
  probability,
  right,
  answerable,
})

/** Answers that are right as often as the square of what is said of them. */
function overconfident(n: number): Verdict[] {
  const random = createRandom(7)
  return Array.from({ length: n }, () => {
    const probability = random()
    return verdict(probability, random() < probability ** 2)
  })
}

describe('the threshold', () => {
  const four = [verdict(0.9, true), verdict(0.8, false), verdict(0.7, true), verdict(0.6, false)]

  it('is the lowest from which on no more than the tolerated share is wrong', () => {
    expect(thresholdFor(four, 0)).toBe(0.9)
    expect(thresholdFor(four, 0.34)).toBe(0.7)
    expect(thresholdFor(four, 0.5)).toBe(0.6)
  })

  it('answers nothing where even the surest answers are wrong more often', () => {
    expect(thresholdFor([verdict(0.9, false), verdict(0.5, true)], 0.2)).toBe(never)
    expect(thresholdFor([], 0.2)).toBe(never)
  })

  it('is above 0, whatever is tolerated: without a text there is no answer', () => {
    expect(thresholdFor([verdict(0.4, true), verdict(0, false)], 1)).toBe(0.4)
  })

  it('keeps equal probabilities together', () => {
    expect(thresholdFor([verdict(0.9, true), verdict(0.9, false)], 0.1)).toBe(never)
  })

  it('falls as more is tolerated, and holds what it promises, on any verdicts', () => {
    const random = createRandom(3)
    for (let round = 0; round < 200; round++) {
      const many = Array.from({ length: 1 + Math.floor(random() * 40) }, () =>
        verdict(Math.round(random() * 10) / 10, random() < 0.6),
      )
      const thresholds = [0, 0.1, 0.3, 1].map((tolerated) => thresholdFor(many, tolerated))
      expect([...thresholds].sort((a, b) => b - a)).toEqual(thresholds)
      const { precision, coverage } = figuresAt(many, thresholds[1]!)
      expect(coverage === 0 || precision! >= 0.9 - 1e-9).toBe(true)
    }
  })
})

describe('calibration', () => {
  it('makes probabilities mean what they say', async () => {
    const verdicts = overconfident(4_000)
    const line = await calibrate(verdicts)
    for (const [low, high] of [
      [0.3, 0.5],
      [0.5, 0.7],
      [0.7, 0.9],
    ] as const) {
      const bin = verdicts.filter(({ probability }) => {
        const p = calibrated(line, probability)
        return p >= low && p < high
      })
      const said = bin.reduce((sum, { probability }) => sum + calibrated(line, probability), 0) / bin.length
      expect(bin.filter(({ right }) => right).length / bin.length).toBeCloseTo(said, 1)
    }
  })
})

describe('a file of verdicts', () => {
  it('is read as it was written', () => {
    const verdicts = overconfident(20)
    expect(readVerdicts(writeVerdicts(verdicts), 'verdicts.json')).toEqual(verdicts)
  })

  it.each(['', '{}', '[{"probability":2,"right":true,"answerable":true}]'])('is refused by name: %s', (text) => {
    expect(() => readVerdicts(new TextEncoder().encode(text), 'a/verdicts.json')).toThrow('a/verdicts.json')
  })
})
