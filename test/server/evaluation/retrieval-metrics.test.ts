import { describe, expect, it } from 'vitest'
import { meanFigures, scoreQuestions, scoreRanking } from '../../../server/evaluation/retrieval-metrics.ts'

const judged = (list: Record<string, number>): Map<string, number> => new Map(Object.entries(list))
const ranked = (digits: string): string[] => [...digits].map((digit) => `d${digit}`)

describe('figures of a ranking', () => {
  it('are all 1 when the relevant documents come first, the most relevant first', () => {
    expect(scoreRanking(['a', 'b', 'c'], judged({ a: 2, b: 1, c: 0 }))).toEqual({
      'ndcg@10': 1,
      'mrr@10': 1,
      'hit@1': 1,
      'hit@5': 1,
      'hit@10': 1,
      'recall@10': 1,
    })
  })

  it('follow gain 2^relevance − 1 and discount log2(rank + 1)', () => {
    const { 'ndcg@10': ndcg } = scoreRanking(['x', 'b', 'a'], judged({ a: 2, b: 1 }))
    expect(ndcg).toBeCloseTo((1 / Math.log2(3) + 3 / 2) / (3 + 1 / Math.log2(3)), 12)
  })

  it('end at rank ten, of different documents', () => {
    const nine = ranked('123456789')
    expect(scoreRanking([...nine, 'a'], judged({ a: 1 }))).toMatchObject({ 'hit@10': 1, 'hit@5': 0, 'mrr@10': 0.1 })
    expect(scoreRanking([...nine, 'x', 'a'], judged({ a: 1 }))).toMatchObject({
      'hit@10': 0,
      'mrr@10': 0,
      'ndcg@10': 0,
    })
    expect(scoreRanking([...nine, 'd1', 'd2', 'a'], judged({ a: 1 }))).toMatchObject({ 'hit@10': 1 })
  })
})

// Judgements and rankings made at random; the figures are those of a scorer written independently, in Python.
describe('figures of a run', () => {
  const judgements = new Map([
    ['q0', judged({ d4: 1, d8: 0, d7: 1, d0: 1 })],
    ['q1', judged({ d2: 1, d0: 0 })],
    ['q2', judged({ d5: 1, d2: 1, d4: 0 })],
    ['q3', judged({ d0: 1, d6: 0, d8: 2, d5: 2 })],
    ['q4', judged({ d1: 1, d4: 0, d6: 0, d3: 1 })],
    ['q5', judged({ d1: 0, d2: 0 })],
    ['q6', judged({ d2: 2, d5: 1, d0: 2, d4: 1 })],
    ['q7', judged({ d8: 1, d7: 1, d2: 0 })],
  ])
  const run = new Map([
    ['q0', ranked('15736813036426')],
    ['q1', ranked('33224538323640')],
    ['q2', ranked('05145475277204')],
    ['q4', ranked('85254814542124')],
    ['q5', ranked('54762007532261')],
    ['q6', ranked('72877574476216')],
    ['q7', ranked('88851504584744')],
    ['q9', ['d1']],
  ])

  it('are means over questions that have an answer; one without a ranking counts 0', () => {
    const questions = scoreQuestions(run, judgements)
    expect([...questions.keys()]).toEqual(['q0', 'q1', 'q2', 'q3', 'q4', 'q6', 'q7'])
    const figures = meanFigures(questions.values())
    const expected = {
      'mrr@10': 0.433333,
      'hit@1': 0.142857,
      'hit@5': 0.857143,
      'hit@10': 0.857143,
      'recall@10': 0.75,
      'ndcg@10': 0.47278,
    }
    for (const [metric, value] of Object.entries(expected)) {
      expect(figures[metric as keyof typeof figures], metric).toBeCloseTo(value, 6)
    }
  })

  it('of nothing are not numbers', () => {
    expect(meanFigures([])['mrr@10']).toBeNaN()
  })
})
