import { describe, expect, it } from 'vitest'
import { groupFairness } from '../../../server/evaluation/fairness.ts'

/** Rows of one kind. */
interface Kind {
  readonly group: number
  readonly count: number
  readonly probability: number
  readonly positive: 0 | 1
  readonly approved: 0 | 1
}
const rowsOf = (groups: readonly string[], kinds: readonly Kind[]) => {
  const all = kinds.flatMap((kind) => Array<Kind>(kind.count).fill(kind))
  return {
    groups,
    codes: all.map(({ group }) => group),
    probabilities: all.map(({ probability }) => probability),
    positive: all.map(({ positive }) => positive),
    approved: all.map(({ approved }) => approved),
  }
}
const kind = (group: number, count: number, probability: number, positive: 0 | 1, approved: 0 | 1): Kind => ({
  ...{ group, count, probability, positive, approved },
})
// a: 160 of 200 approved, 150 of the 180 who paid. b: 90 of 200, 80 of 160. c: six rows.
const rows = rowsOf(
  ['a', 'b', 'c'],
  [
    ...[kind(0, 150, 0.1, 0, 1), kind(0, 10, 0.1, 1, 1), kind(0, 30, 0.3, 0, 0), kind(0, 10, 0.3, 1, 0)],
    ...[kind(1, 80, 0.1, 0, 1), kind(1, 10, 0.1, 1, 1), kind(1, 80, 0.3, 0, 0), kind(1, 30, 0.3, 1, 0)],
    ...[kind(2, 6, 0.3, 0, 0)],
  ],
)
const quick = { resamples: 200 }

describe('what decisions do to groups', () => {
  it('is told beside the group that is approved most often', () => {
    const report = groupFairness(rows, undefined, quick)
    expect(report?.reference).toBe('a')
    const [a, b, c] = report?.groups ?? []
    expect(a).toMatchObject({ n: 200, positives: 20, approvalRate: 0.8, approvalRatio: 1, equalOpportunity: 0 })
    expect(a).toMatchObject({ approvalRatio_ci: [1, 1], fourFifths: 'kept', small: false })
    expect(b).toMatchObject({ n: 200, positives: 40, approvalRate: 0.45, approvalRatio: 0.5625, fourFifths: 'broken' })
    expect(b?.equalOpportunity).toBeCloseTo(0.5 - 150 / 180, 12)
    // 16 + 12 expected of a, 20 failed; the bins are off by 160 · 0.1 − 10 and 40 · 0.3 − 10.
    expect(a?.calibration).toBeCloseTo((16 + 12 - 20) / 200, 12)
    expect(a?.ece).toBeCloseTo((6 + 2) / 200, 12)
    expect(c).toMatchObject({ n: 6, small: true, approvalRate: 0, approvalRatio_ci: [0, 0], fourFifths: 'not certain' })
  })

  it('is as sure as its rows are many', () => {
    const width = (report: ReturnType<typeof groupFairness>): number => {
      const [low, high] = report?.groups[1]?.approvalRate_ci ?? [0, 0]
      return high - low
    }
    const many = rowsOf(
      ['a', 'b'],
      [0, 1].flatMap((group) => [kind(group, 800, 0.1, 0, 1), kind(group, 800, 0.3, 1, 0)]),
    )
    const few = rowsOf(
      ['a', 'b'],
      [0, 1].flatMap((group) => [kind(group, 50, 0.1, 0, 1), kind(group, 50, 0.3, 1, 0)]),
    )
    // 2 · 1.96 · √(¼ / n): 0.049 of 1,600 rows, 0.196 of a hundred.
    expect(width(groupFairness(many, undefined, quick))).toBeCloseTo(0.049, 1)
    expect(width(groupFairness(few, undefined, quick))).toBeGreaterThan(0.15)
    expect(groupFairness(few, undefined, quick)).toEqual(groupFairness(few, undefined, quick))
  })

  it('is not told where there is nothing to divide by, nor beside a group that is none', () => {
    const nobody = rowsOf(['a', 'b'], [kind(0, 90, 0.5, 1, 0), kind(1, 20, 0.1, 0, 1)])
    expect(groupFairness(nobody, undefined, quick)).toBeUndefined()
    const [a] = groupFairness(nobody, 'b', quick)?.groups ?? []
    expect(a).toMatchObject({ equalOpportunity: null, equalOpportunity_ci: null, approvalRatio: 0 })
    expect(() => groupFairness(rows, 'z', quick)).toThrow(RangeError)
  })
})
