import { describe, expect, it } from 'vitest'
import { compareRuns } from '../../../server/evaluation/compare-runs.ts'
import type { RetrievalFigures } from '../../../server/evaluation/retrieval-metrics.ts'

const all = (value: number): RetrievalFigures => ({
  ...{ 'ndcg@10': value, 'mrr@10': value, 'hit@1': value, 'hit@5': value, 'hit@10': value, 'recall@10': value },
})
const run = (values: Readonly<Record<string, number>>) =>
  new Map(Object.entries(values).map(([id, value]) => [id, all(value)]))

describe('two runs', () => {
  it('are compared over the queries they share, with an interval of the change', () => {
    const found = compareRuns(run({ a: 0, b: 0.5, c: 1, gone: 1 }), run({ a: 1, b: 0.5, c: 0.25, fresh: 0 }))!
    expect(found.n).toBe(3)
    const [{ metric, before, after, interval }] = found.changes as [(typeof found.changes)[number]]
    expect([metric, before, after]).toEqual(['ndcg@10', 0.5, (1 + 0.5 + 0.25) / 3])
    expect(interval[0]).toBeLessThan(after - before)
    expect(interval[1]).toBeGreaterThan(after - before)
    expect([found.lost.map(({ id }) => id), found.won.map(({ id }) => id)]).toEqual([['c'], ['a']])
  })

  it('have no change beyond chance when they are the same', () => {
    const found = compareRuns(run({ a: 0, b: 1 }), run({ a: 0, b: 1 }))!
    expect(found.changes.map(({ interval }) => interval)).toEqual(Array(6).fill([0, 0]))
  })

  it('of other queries cannot be compared', () => {
    expect(compareRuns(run({ a: 1 }), run({ b: 1 }))).toBeUndefined()
  })
})
