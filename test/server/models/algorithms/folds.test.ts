import { describe, expect, it } from 'vitest'
import { stratifiedFolds } from '../../../../server/models/algorithms/folds.ts'

const labels = Array.from({ length: 103 }, (_, i) => (i < 60 ? 0 : i < 95 ? 1 : 2))

describe('folds', () => {
  it('hold every label in its share', () => {
    const folds = stratifiedFolds(labels, 5, 1)
    for (let fold = 0; fold < 5; fold++) {
      const inside = labels.filter((_, row) => folds[row] === fold)
      expect(inside.filter((label) => label === 0).length).toBe(12)
      expect(inside.filter((label) => label === 1).length).toBe(7)
      expect([1, 2]).toContain(inside.filter((label) => label === 2).length)
    }
  })

  it('are the same for the same seed, and others for another', () => {
    expect(stratifiedFolds(labels, 5, 1)).toEqual(stratifiedFolds(labels, 5, 1))
    expect(stratifiedFolds(labels, 5, 1)).not.toEqual(stratifiedFolds(labels, 5, 2))
  })

  it('spread labels of one row over all folds', () => {
    expect(new Set(stratifiedFolds([0, 1, 2, 3, 4], 5, 3)).size).toBe(5)
  })
})
