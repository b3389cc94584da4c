import { logisticLoss } from '../../math/logistic.ts'
import { createRandom } from '../../math/random.ts'
import type { Binned } from './binning.ts'
import { type Ensemble, weightedMean } from './ensemble.ts'
import { growTree, type Tree, type TreeOptions, treeValues } from './histogram-tree.ts'

/** `logistic`: targets 0 and 1, scores are logits. `squared`: scores are values. */
export type BoostingLoss = 'logistic' | 'squared'

export interface BoostingOptions {
  readonly loss: BoostingLoss
  /** Most trees. */
  readonly trees: number
  /** Share of each tree's values that is added. */
  readonly rate: number
  readonly maxLeaves: number
  readonly maxDepth: number
  readonly minHessian: number
  readonly l2: number
  /** Shares of rows and of features that a tree learns from. */
  readonly rowShare: number
  readonly featureShare: number
  /** Trees without gain on the watched rows after which it stops. */
  readonly patience: number
  readonly monotone?: Int8Array
  readonly onTree?: (done: number) => void
}

/** Rows that are not learnt from, to stop early by. */
export interface Watched {
  readonly columns: readonly Float32Array[]
  readonly targets: Float64Array
  /** Default 1. */
  readonly weights?: Float64Array | undefined
}

/** What boosting learns from. */
export interface BoostingRows {
  readonly binned: Binned
  readonly columns: readonly Float32Array[]
  readonly targets: Float64Array
  /** Default 1. */
  readonly weights?: Float64Array | undefined
}

/**
 * Gradient boosting of second order on histograms. Sources: Friedman, Greedy Function Approximation (2001) and Stochastic
 * Gradient Boosting (2002); Chen & Guestrin, XGBoost (2016).
 * @returns the trees up to the one with the least loss on the watched rows; all without such rows.
 */
export function fitBoosting(rows: BoostingRows, seed: number, options: BoostingOptions, watched?: Watched): Ensemble {
  const { binned, columns, targets, weights } = rows
  const random = createRandom(seed)
  const prior = weightedMean(targets, weights)
  const base = Math.fround(options.loss === 'logistic' ? Math.log(prior / (1 - prior)) : prior)
  const scores = new Float64Array(targets.length).fill(base)
  const seen = watched && new Float64Array(watched.targets.length).fill(base)
  const trees: Tree[] = []
  let [best, least] = [0, watched && seen ? lossOf(options.loss, seen, watched) : 0]
  for (let i = 1; i <= options.trees; i++) {
    const derivatives = derivativesOf(options.loss, scores, targets, weights)
    const tree = growTree(
      binned,
      derivatives,
      sample(binned.rows, options.rowShare, random),
      growing(binned, random, options),
    )
    const shrunk = { ...tree, value: tree.value.map((value) => Math.fround(options.rate * value)) }
    treeValues(shrunk, columns, scores)
    trees.push(shrunk)
    options.onTree?.(i)
    if (!watched || !seen) continue
    treeValues(shrunk, watched.columns, seen)
    const loss = lossOf(options.loss, seen, watched)
    if (loss < least) [best, least] = [i, loss]
    else if (i - best >= options.patience) break
  }
  // One tree at least: an ensemble of none is no ONNX node.
  return { base, trees: watched ? trees.slice(0, Math.max(1, best)) : trees }
}

function growing(binned: Binned, random: () => number, options: BoostingOptions): TreeOptions {
  const { maxLeaves, maxDepth, minHessian, l2, monotone, featureShare } = options
  const features = sample(binned.features, featureShare, random)
  return { features, random, maxLeaves, maxDepth, minHessian, l2, ...(monotone && { monotone }) }
}

/** A share of the numbers from 0 on, ascending, without repeats; at least one. */
function sample(count: number, share: number, random: () => number): Uint32Array {
  const all = Uint32Array.from({ length: count }, (_, i) => i)
  if (share >= 1) return all
  const wanted = Math.max(1, Math.round(share * count))
  for (let i = 0; i < wanted; i++) {
    const j = i + Math.floor(random() * (count - i))
    ;[all[i], all[j]] = [all[j]!, all[i]!]
  }
  return all.subarray(0, wanted).sort()
}

function derivativesOf(
  loss: BoostingLoss,
  scores: Float64Array,
  targets: Float64Array,
  weights: Float64Array | undefined,
) {
  const [gradient, hessian] = [new Float64Array(scores.length), new Float64Array(scores.length)]
  for (let row = 0; row < scores.length; row++) {
    const weight = weights?.[row] ?? 1
    const value = loss === 'logistic' ? 1 / (1 + Math.exp(-scores[row]!)) : scores[row]!
    gradient[row] = weight * (value - targets[row]!)
    hessian[row] = weight * (loss === 'logistic' ? Math.max(1e-6, value * (1 - value)) : 1)
  }
  return { gradient, hessian }
}

/** Weighted mean of the log loss, or of half the squared error. */
function lossOf(loss: BoostingLoss, scores: Float64Array, { targets, weights }: Watched): number {
  let [sum, total] = [0, 0]
  for (let row = 0; row < scores.length; row++) {
    const [score, target, weight] = [scores[row]!, targets[row]!, weights?.[row] ?? 1]
    sum += weight * (loss === 'squared' ? (score - target) ** 2 / 2 : logisticLoss(score, target))
    total += weight
  }
  return sum / total
}
