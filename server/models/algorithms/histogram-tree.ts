import type { Binned } from './binning.ts'
import {
  type Bounds,
  bestSplit,
  bounded,
  boundsOf,
  type Split,
  type SplitOptions,
  type Sums,
  width,
} from './split-search.ts'

/** A binary tree as parallel lists; node 0 is the root. */
export interface Tree {
  /** Feature that a node splits; −1 at a leaf. */
  readonly feature: readonly number[]
  /** A row goes left if its value is not above. */
  readonly threshold: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  /** Of leaves. */
  readonly value: readonly number[]
}

export interface TreeOptions extends SplitOptions {
  /** Infinite: as many as the rest allows. */
  readonly maxLeaves: number
  readonly maxDepth: number
  /** Features tried: all of these, or so many of them drawn anew at each node. */
  readonly features: Uint32Array
  readonly tried?: number
  readonly random: () => number
}

/** First and second derivative of the loss of each row. */
export interface Derivatives {
  readonly gradient: Float64Array
  readonly hessian: Float64Array
}

/** A node that may still be split: rows `from` to `to` of the order. */
interface Open extends Sums, Bounds {
  readonly node: number
  readonly from: number
  readonly to: number
  readonly depth: number
  readonly histogram: Float64Array | undefined
  readonly split: Split | undefined
}

/**
 * Grow a tree best leaf first by histograms of derivatives; a sibling's histogram is the parent's less the other's.
 * Sources: Chen & Guestrin, XGBoost (2016), equations 6 and 7; Ke et al., LightGBM (2017). Monotone constraints as in XGBoost:
 * children of a constrained split are bounded by the mean of their values.
 * @param order rows to learn from; they are put in the order of the leaves.
 */
export function growTree(binned: Binned, derivatives: Derivatives, order: Uint32Array, options: TreeOptions): Tree {
  const tree = {
    feature: [-1],
    threshold: [0],
    left: [0],
    right: [0],
    value: [0],
  }
  const work = createWork(binned, derivatives, order, options)
  const open: Open[] = [rootOf(work)]
  let leaves = 1
  const done: Open[] = []
  while (open.length > 0) {
    // Without a limit every node is divided that can be, and the order does not matter.
    const best = Number.isFinite(options.maxLeaves) ? takeBest(open) : open.pop()!
    const { split } = best
    if (!split || leaves === options.maxLeaves) {
      done.push(best)
      continue
    }
    leaves++
    const left = addNode(tree)
    const right = addNode(tree)
    tree.feature[best.node] = split.feature
    tree.threshold[best.node] = binned.cuts[split.feature]![split.bin]!
    tree.left[best.node] = left
    tree.right[best.node] = right
    open.push(...divide(work, best, split, left, right))
  }
  for (const leaf of done) tree.value[leaf.node] = Math.fround(bounded(leaf, leaf.gradient, leaf.hessian, options.l2))
  return tree
}

type Lists = Record<keyof Tree, number[]>

function addNode({ feature, threshold, left, right, value }: Lists): number {
  threshold.push(0)
  left.push(0)
  right.push(0)
  value.push(0)
  return feature.push(-1) - 1
}

/** The open node with the largest gain, the first of equals; it is removed. */
function takeBest(open: Open[]): Open {
  let at = 0
  for (let i = 1; i < open.length; i++) if ((open[i]!.split?.gain ?? 0) > (open[at]!.split?.gain ?? 0)) at = i
  const best = open[at]!
  open[at] = open[open.length - 1]!
  open.pop()
  return best
}

/** What growing works with. */
interface Work {
  readonly binned: Binned
  readonly derivatives: Derivatives
  readonly order: Uint32Array
  readonly options: TreeOptions
  /** Derivatives in the order of a node's rows, side by side in memory. */
  readonly ordered: Derivatives
  readonly spare: Uint32Array
  /** Histograms to use again. */
  readonly pool: Float64Array[]
  /** The one of all nodes where each has features of its own: nothing could be subtracted from it. */
  readonly shared: Float64Array | undefined
}

function createWork(binned: Binned, derivatives: Derivatives, order: Uint32Array, options: TreeOptions): Work {
  const { features, tried = features.length } = options
  return {
    ...{ binned, derivatives, order, options, pool: [] },
    ordered: { gradient: new Float64Array(order.length), hessian: new Float64Array(order.length) },
    spare: new Uint32Array(order.length),
    shared: tried < features.length ? new Float64Array(binned.features * width) : undefined,
  }
}

function histogramOf(work: Work, from: number, to: number, chosen: Uint32Array): Float64Array {
  const { binned, derivatives, ordered, order } = work
  const histogram = work.shared ?? work.pool.pop() ?? new Float64Array(binned.features * width)
  for (let i = from; i < to; i++) {
    ordered.gradient[i] = derivatives.gradient[order[i]!]!
    ordered.hessian[i] = derivatives.hessian[order[i]!]!
  }
  for (const feature of chosen) fillHistogram(histogram, binned, feature, order, ordered, from, to)
  return histogram
}

/** @param known histogram of the node, if there is one. */
function opened(work: Work, place: Omit<Open, 'histogram' | 'split'>, known?: Float64Array): Open {
  const { binned, options, pool, shared } = work
  const { features, tried = features.length, random, maxDepth, minHessian } = options
  const mayDivide = place.depth < maxDepth && place.hessian >= 2 * minHessian
  const chosen = shared && mayDivide ? draw(features, tried, random) : features
  const histogram = known ?? (mayDivide ? histogramOf(work, place.from, place.to, chosen) : undefined)
  const split = histogram && mayDivide ? bestSplit(histogram, binned, chosen, place, options) : undefined
  if (histogram && !split && !shared) pool.push(histogram)
  return { ...place, split, histogram: split && !shared ? histogram : undefined }
}

function rootOf(work: Work): Open {
  const { order, derivatives } = work
  const bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const place = { node: 0, from: 0, to: order.length, depth: 0 }
  return opened(work, { ...place, ...bounds, ...sumsOf(derivatives, order, 0, order.length) })
}

function sumsOf({ gradient, hessian }: Derivatives, order: Uint32Array, from: number, to: number): Sums {
  let [g, h] = [0, 0]
  for (let i = from; i < to; i++) {
    g += gradient[order[i]!]!
    h += hessian[order[i]!]!
  }
  return { gradient: g, hessian: h }
}

/** Open the children of a node. @param left @param right their numbers. */
function divide(work: Work, node: Open, { feature, bin }: Split, left: number, right: number): [Open, Open] {
  const { binned, derivatives, order, spare, options } = work
  const column = binned.bins.subarray(feature * binned.rows, (feature + 1) * binned.rows)
  const middle = partition(order, spare, column, bin, node.from, node.to)
  const sums = [sumsOf(derivatives, order, node.from, middle), sumsOf(derivatives, order, middle, node.to)] as const
  const bounds = boundsOf(node, ...sums, options.monotone?.[feature] ?? 0, options.l2)
  const depth = node.depth + 1
  const one = { node: left, from: node.from, to: middle, depth, ...sums[0], ...bounds[0] }
  const two = { node: right, from: middle, to: node.to, depth, ...sums[1], ...bounds[1] }
  if (!node.histogram) return [opened(work, one), opened(work, two)]
  // The smaller child is counted, the larger one is what is left of the parent.
  const [small, large] = one.to - one.from <= two.to - two.from ? [one, two] : [two, one]
  const counted = histogramOf(work, small.from, small.to, options.features)
  subtract(node.histogram, counted, binned, options.features)
  const [first, second] = [opened(work, small, counted), opened(work, large, node.histogram)]
  return small === one ? [first, second] : [second, first]
}

/** A part of the features, without repeats, in the order in which they are drawn. */
function draw(features: Uint32Array, count: number, random: () => number): Uint32Array {
  const copy = features.slice()
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (copy.length - i))
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy.subarray(0, count)
}

function fillHistogram(
  histogram: Float64Array,
  { bins, rows, cuts }: Binned,
  feature: number,
  order: Uint32Array,
  { gradient, hessian }: Derivatives,
  from: number,
  to: number,
): void {
  const [base, column] = [feature * width, feature * rows]
  histogram.fill(0, base, base + 2 * (cuts[feature]!.length + 1))
  for (let i = from; i < to; i++) {
    const at = base + 2 * bins[column + order[i]!]!
    histogram[at]! += gradient[i]!
    histogram[at + 1]! += hessian[i]!
  }
}

function subtract(whole: Float64Array, part: Float64Array, { cuts }: Binned, features: Uint32Array): void {
  for (const feature of features) {
    const end = feature * width + 2 * (cuts[feature]!.length + 1)
    for (let at = feature * width; at < end; at++) whole[at]! -= part[at]!
  }
}

/** Rows up to the bin before the others, each in their order. @returns where the others begin. */
function partition(
  order: Uint32Array,
  spare: Uint32Array,
  column: Uint8Array,
  bin: number,
  from: number,
  to: number,
): number {
  let [left, right] = [from, 0]
  for (let i = from; i < to; i++) {
    const row = order[i]!
    if (column[row]! <= bin) order[left++] = row
    else spare[right++] = row
  }
  order.set(spare.subarray(0, right), left)
  return left
}

/** Value of each row. @param columns features, a value a row each. */
export function treeValues(
  { feature, threshold, left, right, value }: Tree,
  columns: readonly Float32Array[],
  into: Float64Array,
): void {
  for (let row = 0; row < into.length; row++) {
    let node = 0
    for (let split = feature[0]!; split >= 0; split = feature[node]!)
      node = columns[split]![row]! <= threshold[node]! ? left[node]! : right[node]!
    into[row]! += value[node]!
  }
}
