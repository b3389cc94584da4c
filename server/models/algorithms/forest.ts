import { createRandom } from '../../math/random.ts'
import type { Binned } from './binning.ts'
import { type Ensemble, weightedMean } from './ensemble.ts'
import { growTree, type Tree, type TreeOptions } from './histogram-tree.ts'

export interface ForestOptions {
  readonly trees: number
  /** Least rows of a leaf. */
  readonly minLeaf: number
  /** Rows that a leaf is drawn towards the mean of all by. */
  readonly l2: number
  /** Share of the features that is tried at each node. */
  readonly tried: number
  readonly maxDepth: number
  /** False: each tree learns from all rows; then one is a plain decision tree. */
  readonly bootstrap: boolean
  readonly monotone?: Int8Array
  readonly onTree?: (done: number) => void
}

/**
 * A random forest that gives the mean of its trees; with targets of 0 and 1 that is a probability, as variance is then half
 * of Gini's impurity. Sources: Breiman, Random Forests (2001); Breiman et al., Classification and Regression Trees (1984).
 * @param weights of rows; default 1.
 */
export function fitForest(
  binned: Binned,
  targets: Float64Array,
  weights: Float64Array | undefined,
  seed: number,
  options: ForestOptions,
): Ensemble {
  const random = createRandom(seed)
  const base = weightedMean(targets, weights)
  const features = Uint32Array.from({ length: binned.features }, (_, feature) => feature)
  const growing: TreeOptions = {
    ...{ features, random, maxLeaves: Number.POSITIVE_INFINITY, maxDepth: options.maxDepth },
    ...{ minHessian: options.minLeaf, l2: options.l2, tried: Math.max(1, Math.round(options.tried * features.length)) },
    ...(options.monotone && { monotone: options.monotone }),
  }
  const trees: Tree[] = []
  for (let i = 0; i < options.trees; i++) {
    const hessian = options.bootstrap ? drawn(binned.rows, random) : new Float64Array(binned.rows).fill(1)
    const order = Uint32Array.from(rowsOf(hessian))
    if (weights) for (let row = 0; row < hessian.length; row++) hessian[row]! *= weights[row]!
    const gradient = hessian.map((weight, row) => weight * (base - targets[row]!))
    const tree = growTree(binned, { gradient, hessian }, order, growing)
    trees.push({ ...tree, value: tree.value.map((value) => Math.fround(value / options.trees)) })
    options.onTree?.(i + 1)
  }
  return { base, trees }
}

/** How often each row is drawn when as many are drawn as there are, with replacement. */
function drawn(rows: number, random: () => number): Float64Array {
  const counts = new Float64Array(rows)
  for (let i = 0; i < rows; i++) counts[Math.floor(random() * rows)]!++
  return counts
}

function* rowsOf(counts: Float64Array): Generator<number> {
  for (let row = 0; row < counts.length; row++) if (counts[row]! > 0) yield row
}
