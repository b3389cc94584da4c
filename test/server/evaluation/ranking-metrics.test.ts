import { expect, it } from 'vitest'
import { rankingFigures, ratingFigures } from '../../../server/evaluation/ranking-metrics.ts'

it('figures of rankings are those of their definitions', () => {
  const offers = [
    { places: [0, 2], relevant: 3, top: [4, 5, 6], novelty: 2, diversity: 0.5 },
    { places: [11], relevant: 1, top: [4, 7], novelty: 4, diversity: 1 },
  ]
  const gain = (1 + 1 / 2) / (1 + 1 / Math.log2(3) + 1 / 2)
  expect(rankingFigures(offers, 8)).toEqual({
    ...{ 'ndcg@10': gain / 2, 'recall@10': 1 / 3, 'precision@10': 0.1, 'map@10': (1 + 2 / 3) / 3 / 2 },
    ...{ 'mrr@10': 0.5, 'hit@1': 0.5, 'hit@3': 0.5, coverage: 0.5, novelty: 3, diversity: 0.75 },
  })
})

it('figures of ratings are root mean square and mean absolute error', () => {
  expect(ratingFigures([3, -4])).toEqual({ rmse: Math.sqrt(12.5), mae: 3.5 })
})
