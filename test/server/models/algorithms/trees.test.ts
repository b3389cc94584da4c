import { describe, expect, it } from 'vitest'
import { createRandom, gaussian } from '../../../../server/math/random.ts'
import { binFeatures } from '../../../../server/models/algorithms/binning.ts'
import { type BoostingOptions, fitBoosting } from '../../../../server/models/algorithms/boosting.ts'
import { type Ensemble, ensembleScores } from '../../../../server/models/algorithms/ensemble.ts'
import { fitForest } from '../../../../server/models/algorithms/forest.ts'
import { growTree, treeValues } from '../../../../server/models/algorithms/histogram-tree.ts'

const random = createRandom(11)
const rows = 400
const columns = [0, 1, 2].map(() => Float32Array.from({ length: rows }, () => gaussian(random)))
/** A step, a slope and noise. */
const targets = Float64Array.from(
  { length: rows },
  (_, i) => (columns[0]![i]! > 0.3 ? 2 : 0) + 0.5 * columns[1]![i]! + 0.3 * gaussian(random),
)
const classes = targets.map((target) => Number(target > 1))
const all = Uint32Array.of(0, 1, 2)
const order = () => Uint32Array.from({ length: rows }, (_, i) => i)
const squares = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}
const boosting: BoostingOptions = {
  ...{ loss: 'squared', trees: 60, rate: 0.1, maxLeaves: 8, maxDepth: 6, minHessian: 5, l2: 1 },
  ...{ rowShare: 0.7, featureShare: 1, patience: 10 },
}
const learnt = { binned: binFeatures(columns), columns, targets }
const errorOf = (ensemble: Ensemble) =>
  ensembleScores(ensemble, columns, rows).reduce((sum, score, i) => sum + (score - targets[i]!) ** 2, 0) / rows

describe('bins', () => {
  it('put a value on the side of a cut where the tree sees it', () => {
    const values = Float32Array.of(3, 1, 2, 2, 1e30, -5, 1 + 2 ** -23)
    const { bins, cuts } = binFeatures([values])
    for (const [bin, cut] of cuts[0]!.entries())
      expect(Array.from(bins, (one) => one <= bin)).toEqual(Array.from(values, (value) => value <= cut))
    expect(new Set(bins).size).toBe(6)
  })

  it('are as many as asked for at most, and about even', () => {
    const { bins, cuts } = binFeatures([columns[0]!], 16)
    expect(cuts[0]!.length).toBeLessThanOrEqual(15)
    const counts = [...new Set(bins)].map((bin) => bins.filter((one) => one === bin).length)
    expect(Math.max(...counts)).toBeLessThan(2 * (rows / 16))
  })
})

describe('a tree', () => {
  const derivatives = { gradient: targets.map((target) => -target), hessian: new Float64Array(rows).fill(1) }
  const options = { maxDepth: 20, minHessian: 1, l2: 0, features: all, random: createRandom(1) }

  it('makes the split that lowers the squared error most, as trying all of them finds it', () => {
    const tree = growTree(binFeatures(columns), derivatives, order(), { ...options, maxLeaves: 2 })
    const errorAt = (feature: number, cut: number): number =>
      [true, false].reduce((sum, left) => {
        const side = [...targets].filter((_, i) => columns[feature]![i]! <= cut === left)
        return side.length === 0 ? Number.POSITIVE_INFINITY : sum + squares(side)
      }, 0)
    const { cuts } = binFeatures(columns)
    const least = Math.min(...cuts.flatMap((one, feature) => [...one].map((cut) => errorAt(feature, cut))))
    expect(errorAt(tree.feature[0]!, tree.threshold[0]!)).toBeCloseTo(least, 8)
    const values = new Float64Array(rows)
    treeValues(tree, columns, values)
    const left = [...targets].filter((_, i) => columns[tree.feature[0]!]![i]! <= tree.threshold[0]!)
    const mean = left.reduce((sum, value) => sum + value, 0) / left.length
    expect(tree.value[tree.left[0]!]).toBeCloseTo(mean, 5)
  })

  it('is the same whether histograms are counted or subtracted', () => {
    const whole = growTree(binFeatures(columns), derivatives, order(), { ...options, maxLeaves: 12 })
    // Two of three features drawn at each node: each histogram is counted.
    const sampled = growTree(binFeatures([...columns, columns[2]!]), derivatives, order(), {
      ...{ ...options, maxLeaves: 12, features: Uint32Array.of(0, 1, 2, 3), tried: 3 },
      random: () => 0, // draws the first three, in their order
    })
    expect(sampled.threshold).toEqual(whole.threshold)
    expect(sampled.value).toEqual(whole.value)
  })

  it('keeps leaves as large, and as deep, as it is told', () => {
    const tree = growTree(binFeatures(columns), derivatives, order(), {
      ...options,
      maxLeaves: Infinity,
      minHessian: 40,
    })
    const values = new Float64Array(rows)
    treeValues(tree, columns, values)
    const sizes = [...new Set(values)].map((value) => values.filter((one) => one === value).length)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(40)
    const shallow = growTree(binFeatures(columns), derivatives, order(), {
      ...options,
      maxLeaves: Infinity,
      maxDepth: 2,
    })
    expect(shallow.feature.filter((feature) => feature < 0)).toHaveLength(4)
  })
})

describe('boosting', () => {
  it('learns numbers better with more trees, and the same from the same seed', () => {
    const ensemble = fitBoosting(learnt, 1, boosting)
    expect(errorOf(ensemble)).toBeLessThan(0.15)
    expect(errorOf(ensemble)).toBeLessThan(errorOf(fitBoosting(learnt, 1, { ...boosting, trees: 10 })))
    expect(fitBoosting(learnt, 1, boosting)).toEqual(ensemble)
    expect(fitBoosting(learnt, 2, boosting)).not.toEqual(ensemble)
  })

  it('learns classes as logits', () => {
    const ensemble = fitBoosting({ ...learnt, targets: classes }, 1, { ...boosting, loss: 'logistic', minHessian: 1 })
    const right = ensembleScores(ensemble, columns, rows).filter((score, i) => score > 0 === (classes[i] === 1)).length
    expect(right / rows).toBeGreaterThan(0.93)
  })

  it('stops where the watched rows are told no better', () => {
    const noise = targets.map(() => gaussian(random))
    const ensemble = fitBoosting({ ...learnt, targets: noise }, 1, boosting, { columns, targets: noise.toReversed() })
    expect(ensemble.trees.length).toBeLessThan(boosting.trees)
  })

  it('counts the watched rows by their weights when it stops', () => {
    // One half of the watched rows is as those that are learnt from, the other the opposite.
    const isLike = (row: number): boolean => row % 2 === 0
    const told = classes.map((one, row) => (isLike(row) ? one : 1 - one))
    const treesBy = (like: number, unlike: number): number => {
      const weights = Float64Array.from(told, (_, row) => (isLike(row) ? like : unlike))
      const learning = { ...learnt, targets: classes }
      return fitBoosting(learning, 1, { ...boosting, loss: 'logistic' }, { columns, targets: told, weights }).trees
        .length
    }
    expect(treesBy(1, 0.01)).toBeGreaterThan(10)
    expect(treesBy(0.01, 1)).toBe(1)
  })

  it('never falls along a feature that may only raise, and does without the constraint', () => {
    // The truth falls in the middle, so that only the constraint can keep the prediction from it.
    const bent = targets.map((target, i) => target - (Math.abs(columns[2]![i]!) < 0.5 ? 1.5 : 0))
    const falls = (monotone?: Int8Array): number => {
      const ensemble = fitBoosting({ ...learnt, targets: bent }, 1, { ...boosting, ...(monotone && { monotone }) })
      const grid = Float32Array.from({ length: 101 }, (_, i) => (i - 50) / 20)
      let worst = 0
      for (let row = 0; row < 20; row++) {
        const line = [columns[0]!, columns[1]!].map((values) => grid.map(() => values[row]!))
        const scores = ensembleScores(ensemble, [...line, grid], grid.length)
        for (let i = 1; i < grid.length; i++) worst = Math.max(worst, scores[i - 1]! - scores[i]!)
      }
      return worst
    }
    expect(falls(Int8Array.of(0, 0, 1))).toBeLessThanOrEqual(1e-12)
    expect(falls()).toBeGreaterThan(0.3)
  })
})

describe('a forest', () => {
  const options = { trees: 30, minLeaf: 5, l2: 1, tried: 0.6, maxDepth: 12, bootstrap: true }

  it('gives shares of classes, better than one of its trees on other rows', () => {
    const [known, others] = [columns.map((one) => one.subarray(0, 200)), columns.map((one) => one.subarray(200))]
    const truth = [classes.subarray(0, 200), classes.subarray(200)] as const
    const brier = (trees: number): number => {
      const forest = fitForest(binFeatures(known), truth[0], undefined, 1, { ...options, trees })
      const shares = ensembleScores(forest, others, 200)
      for (const share of shares) expect(share).toBeGreaterThan(-1e-6)
      for (const share of shares) expect(share).toBeLessThan(1 + 1e-6)
      return shares.reduce((sum, share, i) => sum + (share - truth[1][i]!) ** 2, 0) / 200
    }
    expect(brier(30)).toBeLessThan(brier(1))
  })

  it('learns numbers, weighs rows, and is the same from the same seed', () => {
    const forest = fitForest(binFeatures(columns), targets, undefined, 1, options)
    expect(errorOf(forest)).toBeLessThan(0.25)
    expect(fitForest(binFeatures(columns), targets, undefined, 1, options)).toEqual(forest)
    const weights = Float64Array.from(classes, (one) => (one === 1 ? 9 : 1))
    const weighed = fitForest(binFeatures(columns), classes, weights, 1, options)
    const mean = (ensemble: Ensemble) => ensembleScores(ensemble, columns, rows).reduce((a, b) => a + b, 0) / rows
    expect(mean(weighed)).toBeGreaterThan(mean(fitForest(binFeatures(columns), classes, undefined, 1, options)))
  })
})
