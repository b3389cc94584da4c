import { describe, expect, it } from 'vitest'
import { isDrift } from '../../../server/evaluation/drift.ts'
import { isRaised, mixDrift } from '../../../server/evaluation/score-drift.ts'
import { createRandom } from '../../../server/math/random.ts'

const counts = (mix: Record<string, number>) => new Map(Object.entries(mix))

describe('drift of a mix', () => {
  it('is Σ (q − p) ln(q / p), with what the reference has not met as one bin', () => {
    const drift = mixDrift(counts({ a: 800, b: 200 }), counts({ a: 500, b: 400, c: 60, d: 40 }))
    const term = (p: number, q: number): number => (q - p) * Math.log(q / p)
    expect(drift?.psi).toBeCloseTo(term(0.8, 0.5) + term(0.2, 0.4) + term(0.0005, 0.1), 12)
  })

  it('of the same mix is 0, and there is none of too few rows', () => {
    expect(mixDrift(counts({ a: 80, b: 20 }), counts({ a: 400, b: 100 }))?.psi).toBeCloseTo(0, 12)
    expect(mixDrift(counts({ a: 80 }), counts({ a: 50 }))).toEqual({ psi: 0, chance: 0 })
    const few = [mixDrift(counts({}), counts({ a: 100 })), mixDrift(counts({ a: 100 }), counts({}))]
    expect([...few, mixDrift(counts({ a: 9 }), counts({ a: 9 }))]).toEqual([undefined, undefined, undefined])
  })

  it('takes rare labels together with strange ones', () => {
    const drift = mixDrift(counts({ a: 100, b: 90, c: 9, d: 8 }), counts({ a: 100, b: 90, d: 10, e: 7 }))
    expect(drift?.psi).toBeCloseTo(0, 12) // of a, b and all others
  })

  it('of few rows may be large by chance', () => {
    const few = mixDrift(counts({ a: 15, b: 15 }), counts({ a: 8, b: 22 }))!
    expect(few.psi).toBeGreaterThan(0.2)
    expect(few.chance).toBeGreaterThan(few.psi)
  })

  it.each([
    [4, 100],
    [76, 100],
    [76, 700],
  ])('of %i equal labels and %i rows on either side hardly ever alarms without drift', (labels, rows) => {
    const random = createRandom(labels + rows)
    const draw = () => {
      const mix = new Map<string, number>()
      for (let i = 0; i < rows; i++) {
        const label = String(Math.floor(random() * labels))
        mix.set(label, (mix.get(label) ?? 0) + 1)
      }
      return mix
    }
    const windows = Array.from({ length: 300 }, () => mixDrift(draw(), draw()))
    expect(windows.filter((drift) => drift && isDrift(drift)).length).toBeLessThanOrEqual(6)
  })
})

describe('an alarm', () => {
  const windows = (...psis: number[]) => psis.map((psi) => ({ psi, chance: 0.05 }))
  it.each([
    ['one window above is not enough', [0.3], false],
    ['two in a row raise it', [0.3, 0.26], true],
    ['two with a gap do not', [0.3, 0.2, 0.3], false],
    ['between the bounds it stays', [0.3, 0.3, 0.2, 0.2, 0.2], true],
    ['one window below does not clear it', [0.3, 0.3, 0.05], true],
    ['nor do two with a gap', [0.3, 0.3, 0.05, 0.15, 0.05], true],
    ['two in a row clear it', [0.3, 0.3, 0.05, 0.09], false],
    ['and two raise it again', [0.3, 0.3, 0.05, 0.05, 0.3, 0.4], true],
    ['without windows there is none', [], false],
  ])('%s', (_, psis, raised) => {
    expect(isRaised(windows(...psis))).toBe(raised)
  })

  it('is not raised by what chance gives, and cleared by it', () => {
    expect(isRaised([0.4, 0.4].map((psi) => ({ psi, chance: 0.5 })))).toBe(false)
    const quiet = [0.2, 0.2].map((psi) => ({ psi, chance: 0.5 }))
    expect(isRaised([...windows(0.3, 0.3), ...quiet])).toBe(false)
  })
})
