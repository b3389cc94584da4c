import { describe, expect, it } from 'vitest'
import type { Applicant, Scorer } from '../../../server/credit/applicant.ts'
import { counterfactualOf, type Way } from '../../../server/credit/counterfactual.ts'
import { shapleyValues } from '../../../server/credit/shapley.ts'
import { createRandom } from '../../../server/math/random.ts'

const scorer =
  (of: (row: readonly number[]) => number): Scorer =>
  async (rows) =>
    Float64Array.from(rows, (row) => of(row as readonly number[]))
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

describe('Shapley values', () => {
  it('are those that are known: of a sum its parts, of a product an even share', async () => {
    const linear = await shapleyValues(
      [3, 5, 7],
      [1, 1, 7],
      scorer(([a = 0, b = 0, c = 0]) => 2 * a - b + c),
    )
    expect([...linear]).toEqual([4, -4, 0])
    const product = await shapleyValues(
      [2, 3],
      [0, 0],
      scorer(([a = 0, b = 0]) => a * b),
    )
    expect([...product]).toEqual([3, 3])
  })

  it.each([4, 10, 14])(
    'of %i columns add up to the difference, and give nothing to a column that sways nothing',
    async (d) => {
      const random = createRandom(d)
      const weights = Array.from({ length: d }, () => random() - 0.5)
      const score = scorer((row) =>
        Math.sin(row.slice(1).reduce((total, value, i) => total + value * weights[i + 1]!, 0)),
      )
      const applicant: Applicant = weights.map((_, i) => i + 1)
      const reference: Applicant = weights.map(() => 0)
      const values = await shapleyValues(applicant, reference, score)
      const [own, usual] = await score([applicant, reference])
      expect(sum(values)).toBeCloseTo(own! - usual!, 10)
      expect(values[0]).toBe(0)
      expect(await shapleyValues(applicant, reference, score)).toEqual(values)
    },
  )

  it('know a missing number from one that is there', async () => {
    const score = scorer(([a = 0]) => (Number.isNaN(a) ? 1 : 0))
    expect([...(await shapleyValues([Number.NaN], [0], score))]).toEqual([1])
    expect([...(await shapleyValues([Number.NaN], [Number.NaN], score))]).toEqual([0])
  })
})

describe('a counterfactual', () => {
  const down = (column: number, from: number, price: number): Way => ({ column, from, step: -1, steps: from, price })
  const score = scorer(([a = 0, b = 0]) => a + 2 * b)

  it('is the cheapest change of one column that is enough', async () => {
    const ways = [down(0, 8, 1), down(1, 5, 3)]
    // From 8 + 10 to below 15: four steps of the first at 4, or two of the second at 6.
    expect(await counterfactualOf([8, 5], { limit: 15, ways }, score)).toEqual({
      changes: [{ column: 0, from: 8, to: 4 }],
      logit: 14,
    })
  })

  it('is one of two columns where one is not enough, and none where two are not', async () => {
    const ways = [down(0, 8, 1), down(1, 5, 1)]
    const found = await counterfactualOf([8, 5], { limit: 5, ways }, score)
    expect(found?.changes.map(({ column }) => column).toSorted()).toEqual([0, 1])
    expect(found?.logit).toBeLessThan(5)
    expect(await counterfactualOf([8, 5], { limit: 0, ways }, score)).toBeUndefined()
    expect(await counterfactualOf([8, 5], { limit: 15, ways: [] }, score)).toBeUndefined()
  })

  it.each([1, 39, 40, 41, 79, 200, 12_345])(
    'reaches the end of a way of %i steps, and goes no step too far',
    async (from) => {
      const alone = scorer(([a = 0]) => a)
      const ways = [down(0, from, 1)]
      const to = async (limit: number) => (await counterfactualOf([from], { limit, ways }, alone))?.changes[0]?.to
      expect(await to(1), 'only 0 is enough').toBe(0)
      expect(await to(from), 'one step is enough').toBe(from - 1)
      expect(await to(0), 'nothing is enough').toBeUndefined()
    },
  )

  it('of two columns has no step too many in either', async () => {
    const ways = [down(0, 500, 1), down(1, 300, 1)]
    const both = scorer(([a = 0, b = 0]) => Math.max(a - 123, b - 77))
    const found = await counterfactualOf([500, 300], { limit: 1, ways }, both)
    expect(found?.changes.map(({ column, to }) => [column, to])).toEqual(
      expect.arrayContaining([
        [0, 123],
        [1, 77],
      ]),
    )
  })
})
