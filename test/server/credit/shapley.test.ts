import { describe, expect, it } from 'vitest'
import type { Applicant, Scorer } from '../../../server/credit/applicant.ts'
import { counterfactualOf } from '../../../server/credit/counterfactual.ts'
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
  const down = (from: number) => Array.from({ length: from }, (_, i) => from - i - 1)
  const score = scorer(([a = 0, b = 0]) => a + 2 * b)

  it('is the cheapest change of one column that is enough', async () => {
    const ways = [
      { column: 0, values: down(8), price: 1 },
      { column: 1, values: down(5), price: 3 },
    ]
    // From 8 + 10 to below 15: four steps of the first at 4, or two of the second at 6.
    expect(await counterfactualOf([8, 5], { limit: 15, ways }, score)).toEqual({
      changes: [{ column: 0, from: 8, to: 4 }],
      logit: 14,
    })
  })

  it('is one of two columns where one is not enough, and none where two are not', async () => {
    const ways = [
      { column: 0, values: down(8), price: 1 },
      { column: 1, values: down(5), price: 1 },
    ]
    const found = await counterfactualOf([8, 5], { limit: 5, ways }, score)
    expect(found?.changes.map(({ column }) => column).toSorted()).toEqual([0, 1])
    expect(found?.logit).toBeLessThan(5)
    expect(await counterfactualOf([8, 5], { limit: 0, ways }, score)).toBeUndefined()
    expect(await counterfactualOf([8, 5], { limit: 15, ways: [] }, score)).toBeUndefined()
  })
})
