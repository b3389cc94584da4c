import { describe, expect, it } from 'vitest'
import {
  calibrated,
  chooseCalibration,
  fitIsotonic,
  fitPlatt,
  type ScoreCalibration,
} from '../../../server/evaluation/score-calibration.ts'
import { createRandom, gaussian } from '../../../server/math/random.ts'

const rows = 4_000
const scores = (() => {
  const random = createRandom(2)
  return Array.from({ length: rows }, () => 2 * gaussian(random))
})()
/** Classes whose log-odds are a function of the score. */
function drawn(logitOf: (score: number) => number): number[] {
  const random = createRandom(3)
  return scores.map((score) => Number(random() < 1 / (1 + Math.exp(-logitOf(score)))))
}
const part = scores.map((_, row) => row % 5)
const chosen = (positive: readonly number[]) => chooseCalibration({ scores, positive }, part, 5)

describe('calibrating a score', () => {
  it('finds the line that the classes were drawn by', () => {
    const platt = fitPlatt({ scores, positive: drawn((score) => 0.5 * score - 1) })
    expect(platt.kind).toBe('platt')
    expect(calibrated(platt, 0)).toBeCloseTo(-1, 0)
    expect(calibrated(platt, 2) - calibrated(platt, 0)).toBeCloseTo(1, 0)
  })

  it('leaves scores that say the opposite as they are: the order is kept whatever comes', () => {
    expect(fitPlatt({ scores, positive: drawn((score) => -score) })).toEqual({ kind: 'none' })
  })

  it('pools what would fall, and always rises', () => {
    const bent = (score: number): number => (score < 0 ? -3 : score < 1 ? 2 : 1.5)
    const curve = fitIsotonic({ scores, positive: drawn(bent) })
    const grid = Array.from({ length: 200 }, (_, i) => (i - 100) / 10)
    const logits = grid.map((score) => calibrated(curve, score))
    for (let i = 1; i < grid.length; i++) expect(logits[i]!).toBeGreaterThan(logits[i - 1]!)
    expect(calibrated(curve, -1)).toBeCloseTo(-3, 0)
  })

  it('takes rows of one score for one point, and scores that float32 cannot tell apart for one score', () => {
    // In the last two the second is a unit of float64 above the first; their mean can be rounded to below it.
    const levels = [-1.7, -0.3, 0.1, 0.1 + 2 ** -54, 1.3, 1.3 + 2 ** -52]
    const random = createRandom(5)
    const tied = Array.from({ length: 5_000 }, () => levels[Math.floor(levels.length * random())]!)
    const positive = tied.map((score) => Number(random() < 1 / (1 + Math.exp(-score))))
    const curve = fitIsotonic({ scores: tied, positive })
    const points = curve.kind === 'isotonic' ? curve.scores : []
    expect(points).toEqual([-1.7, -0.3, 0.1, 1.3].map(Math.fround))
    for (const score of levels) {
      const same = tied.flatMap((one, row) => (Math.fround(one) === Math.fround(score) ? [positive[row]!] : []))
      const share = same.reduce((sum, one) => sum + one, 0) / same.length
      expect(1 / (1 + Math.exp(-calibrated(curve, score)))).toBeCloseTo(share, 2)
    }
  })

  it('goes through its points, and on beyond them', () => {
    const curve: ScoreCalibration = { kind: 'isotonic', scores: [0, 1, 3], logits: [-2, 0, 1] }
    expect([-1, 0, 0.5, 1, 2, 3, 5].map((score) => calibrated(curve, score))).toEqual([-3, -2, -1, 0, 0.5, 1, 3])
  })

  it('chooses nothing, a line or a curve by what the classes say', () => {
    expect(chosen(drawn((score) => 3 * score + 1)).calibration.kind).toBe('platt')
    expect(chosen(drawn((score) => Math.sign(score) * 2)).calibration.kind).toBe('isotonic')
    // A few rows of each class are no curve.
    const few = chooseCalibration({ scores: scores.slice(0, 60), positive: drawn((s) => s).slice(0, 60) }, part, 5)
    expect(few.calibration.kind).not.toBe('isotonic')
  })

  it('gives each row the logit of a fit without it', () => {
    const positive = drawn((score) => 3 * score + 1)
    const { logits } = chosen(positive)
    const others = scores.flatMap((_, row) => (part[row] === 0 ? [] : [row]))
    const own = fitPlatt({ scores: others.map((row) => scores[row]!), positive: others.map((row) => positive[row]!) })
    expect(logits[0]).toBeCloseTo(calibrated(own, scores[0]!), 10)
  })
})
