import { type Binned, maxBins } from './binning.ts'

/** Sums of the first and second derivatives of the loss. */
export interface Sums {
  readonly gradient: number
  readonly hessian: number
}

/** Where the value of a node has to lie. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

export interface Split {
  /** How much it lowers the loss. */
  readonly gain: number
  readonly feature: number
  /** Rows of this bin and below go left. */
  readonly bin: number
}

export interface SplitOptions {
  /** Least sum of second derivatives in a leaf; with ones, of rows. Above 0. */
  readonly minHessian: number
  /** Penalty l2/2 · value² of a leaf. */
  readonly l2: number
  /** Per feature 1, −1 or 0: the value of the tree never falls, never rises, or may do either as it grows. */
  readonly monotone?: Int8Array
}

/** Numbers that the histogram of a feature takes: a sum of gradients and one of hessians a bin. */
export const width = 2 * (maxBins + 1)
const leastGain = 1e-9

/** The value that a node has as a leaf. */
export const bounded = ({ low, high }: Bounds, gradient: number, hessian: number, l2: number): number =>
  Math.min(high, Math.max(low, -gradient / (hessian + l2)))

/** What a node of this value lowers the loss by. */
const scoreOf = (gradient: number, hessian: number, l2: number, value: number): number =>
  -(2 * gradient * value + (hessian + l2) * value * value)

/** Where the values of two children have to lie. Source: XGBoost's monotone constraints: the mean of both parts them. */
export function boundsOf(node: Bounds, left: Sums, right: Sums, sign: number, l2: number): readonly [Bounds, Bounds] {
  const { low, high } = node
  if (sign === 0)
    return [
      { low, high },
      { low, high },
    ]
  const middle = (bounded(node, left.gradient, left.hessian, l2) + bounded(node, right.gradient, right.hessian, l2)) / 2
  const [under, over] = [
    { low, high: middle },
    { low: middle, high },
  ]
  return sign > 0 ? [under, over] : [over, under]
}

/**
 * The split of a node that lowers the loss most; undefined if none does.
 * Source: Chen & Guestrin, XGBoost (2016), equation 7.
 */
export function bestSplit(
  histogram: Float64Array,
  { cuts }: Binned,
  chosen: Uint32Array,
  node: Sums & Bounds,
  { minHessian, l2, monotone }: SplitOptions,
): Split | undefined {
  const whole = scoreOf(node.gradient, node.hessian, l2, bounded(node, node.gradient, node.hessian, l2))
  let best: Split | undefined
  for (const feature of chosen) {
    const sign = monotone?.[feature] ?? 0
    let [g, h] = [0, 0]
    for (let bin = 0; bin < cuts[feature]!.length; bin++) {
      g += histogram[feature * width + 2 * bin]!
      h += histogram[feature * width + 2 * bin + 1]!
      const [otherG, otherH] = [node.gradient - g, node.hessian - h]
      if (h < minHessian) continue
      if (otherH < minHessian) break
      const [left, right] = [bounded(node, g, h, l2), bounded(node, otherG, otherH, l2)]
      if (sign * (right - left) < 0) continue
      const gain = scoreOf(g, h, l2, left) + scoreOf(otherG, otherH, l2, right) - whole
      if (gain > leastGain && gain > (best?.gain ?? 0)) best = { gain, feature, bin }
    }
  }
  return best
}
