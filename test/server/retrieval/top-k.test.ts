import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createTopK } from '../../../server/retrieval/top-k.ts'

it('keeps what sorting everything would keep, ties by id', () => {
  // Few distinct scores, so that ties are the rule.
  const scores = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 200 })
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 30 }), fc.boolean(), (values, k, backwards) => {
      const all = values.map((score, id) => ({ id, score }))
      const top = createTopK(k)
      for (const { id, score } of backwards ? [...all].reverse() : all) top.offer(id, score)
      const expected = [...all].sort((a, b) => b.score - a.score || a.id - b.id).slice(0, k)
      expect(top.sorted()).toEqual(expected)
      expect(top.floor).toBe(all.length < k ? Number.NEGATIVE_INFINITY : expected.at(-1)!.score)
    }),
  )
})
