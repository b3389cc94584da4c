import { describe, expect, it } from 'vitest'
import { mean } from '../../../../server/math/statistics.ts'
import { choose, type Tried } from '../../../../server/models/tabular/selection.ts'

const tried = (method: string, folds: readonly number[], name = method): Tried => ({
  candidate: { name, method, fit: () => Promise.reject(new Error('is not fitted here')) },
  score: { ...{ name, method, figure: 'auc', mean: mean(folds), sd: 0, train: 1, gap: 0, seconds: 0 }, folds },
  ...{ scores: new Float64Array(), known: [] },
})
const best = tried('blend', [0.8, 0.9, 0.7])

describe('choosing a candidate', () => {
  it('takes the highest mean where that is the rule', () => {
    expect(choose([tried('logistic', [0.8, 0.89, 0.7]), best], 'best')).toBe(best)
  })

  it('takes the simplest that is as good but for chance, fold by fold', () => {
    // Worse in every fold by nearly the same: no chance, though folds differ far more than the two do.
    const worse = tried('logistic', [0.79, 0.889, 0.69])
    expect(choose([worse, best], '1se')).toBe(best)
    const alike = tried('boosting', [0.81, 0.89, 0.695])
    expect(choose([worse, alike, best], '1se')).toBe(alike)
  })

  it('takes the best of a method, not the one that is near as it is unsteady', () => {
    const steady = tried('boosting', [0.799, 0.899, 0.699], 'steady')
    const unsteady = tried('boosting', [0.83, 0.88, 0.685], 'unsteady')
    expect(choose([steady, unsteady, best], '1se')).toBe(steady)
  })
})
