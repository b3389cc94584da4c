import { type Features, fitStandard, type Standard, standardise } from './algorithms/features.ts'
import { minimise, type Objective } from './algorithms/lbfgs.ts'
import { toSigmoidErrors, toSoftmaxErrors } from './algorithms/losses.ts'
import { createProducts, type Products } from './algorithms/products.ts'
import { createSparseProducts } from './algorithms/sparse.ts'

export interface TrainingOptions {
  /** Strength of the penalty l2/2 · ‖weights‖² beside the mean loss; the bias is free. scikit-learn's C is 1 / (l2 · rows). */
  readonly l2: number
  /** Bring every dense column to mean 0 and deviation 1 first; mean and deviation become part of the model. Default false. */
  readonly standardise?: boolean
  /**
   * Weight of each class in the loss; `balanced`: rows / (classes · rows of the class); `root`: the square root of that, between
   * what is right most often and what treats all classes alike. Default: all 1.
   */
  readonly classWeights?: 'balanced' | 'root' | readonly number[]
  /** Default 100. */
  readonly maxIterations?: number
  /** Largest part of the gradient at which training stops. Default 1e-5. */
  readonly tolerance?: number
  readonly onIteration?: (iteration: number, loss: number) => void
}

/** Logits = standardised(x) · weights + sparse row · sparseWeights + bias. */
export interface LinearModel {
  /** `multinomial`: one logit a class, softmax over them. `binary`: the sigmoid of each logit by itself. */
  readonly kind: 'multinomial' | 'binary'
  readonly columns: number
  /** Logits: the number of classes; 1 for a plain yes or no. */
  readonly outputs: number
  readonly standard?: Standard
  /** columns × outputs, row-major. */
  readonly weights: Float32Array
  /** Sparse columns × outputs, row-major; empty without a sparse part. */
  readonly sparseWeights: Float32Array
  readonly bias: Float32Array
  readonly iterations: number
  readonly loss: number
}

/**
 * Multinomial logistic (softmax) regression with L2, full batch. Deterministic: it starts from zero and the problem is convex.
 * Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), 4.4.
 * @param labels class per row, 0 to classes − 1.
 * @throws {RangeError} on fewer than two classes, a label out of range, or features that are not finite.
 */
export function trainMultinomial(
  features: Features,
  labels: ArrayLike<number>,
  classes: number,
  options: TrainingOptions,
): Promise<LinearModel> {
  if (classes < 2) throw new RangeError('a classifier needs at least two classes')
  const weights = rowWeights(labels, features.rows, classes, options.classWeights)
  return train({ kind: 'multinomial', features, labels, outputs: classes, weights }, options)
}

/** Logistic regression with L2: the probability of label 1. Otherwise as {@link trainMultinomial}. */
export function trainBinary(
  features: Features,
  labels: ArrayLike<number>,
  options: TrainingOptions,
): Promise<LinearModel> {
  const weights = rowWeights(labels, features.rows, 2, options.classWeights)
  return train({ kind: 'binary', features, labels, outputs: 1, weights }, options)
}

/**
 * One logistic regression a label, all at once (one-vs-rest): a row may have several labels, or none.
 * @param targets rows × outputs, 1 where the row has the label.
 * @throws {RangeError} if the targets do not fit, or features are not finite. Class weights are not read.
 */
export function trainSeveral(
  features: Features,
  targets: Uint8Array,
  outputs: number,
  options: TrainingOptions,
): Promise<LinearModel> {
  if (targets.length !== features.rows * outputs)
    throw new RangeError(`${targets.length} targets for ${features.rows} rows of ${outputs} labels`)
  const weights = new Float32Array(features.rows).fill(1)
  return train({ kind: 'binary', features, labels: targets, outputs, weights }, options)
}

async function train(problem: Omit<Problem, 'l2'>, options: TrainingOptions): Promise<LinearModel> {
  const { kind, features, outputs } = problem
  const standard = options.standardise ? fitStandard(features) : undefined
  const scaled = standard ? standardise(features, standard) : features
  const products = await createProducts(scaled.columns, outputs)
  try {
    const layout = layoutOf(scaled, outputs)
    const objective = createObjective({ ...problem, features: scaled, l2: options.l2 }, layout, products)
    const { point, value, iterations } = await minimise(objective, new Float32Array(layout.size), {
      maxIterations: options.maxIterations ?? 100,
      tolerance: options.tolerance ?? 1e-5,
      ...(options.onIteration && { onIteration: options.onIteration }),
    })
    return {
      kind,
      columns: features.columns,
      outputs,
      ...(standard && { standard }),
      ...split(point, layout),
      iterations,
      loss: value,
    }
  } finally {
    await products.close()
  }
}

/** Logits of every row, rows × outputs. */
export async function logitsOf(model: LinearModel, features: Features): Promise<Float32Array> {
  if (features.columns !== model.columns) {
    throw new RangeError(`the model takes ${model.columns} features, not ${features.columns}`)
  }
  const products = await createProducts(features.columns, model.outputs)
  try {
    const scaled = model.standard ? standardise(features, model.standard) : features
    const logits = await products.forward(scaled, model.weights, model.bias)
    if (scaled.sparse) createSparseProducts(scaled.sparse, model.outputs).addProduct(logits, model.sparseWeights)
    return logits
  } finally {
    await products.close()
  }
}

/** Weight of each row, mean 1. */
function rowWeights(
  labels: ArrayLike<number>,
  rows: number,
  classes: number,
  wanted: TrainingOptions['classWeights'],
): Float32Array {
  if (labels.length !== rows) throw new RangeError(`${labels.length} labels for ${rows} rows`)
  const counts = new Float64Array(classes)
  for (let i = 0; i < rows; i++) {
    const label = labels[i]!
    if (!(Number.isInteger(label) && label >= 0 && label < classes))
      throw new RangeError(`label ${label} of row ${i + 1} is none of ${classes} classes`)
    counts[label] = counts[label]! + 1
  }
  if (counts.filter((count) => count > 0).length < 2) throw new RangeError('all rows have the same label')
  const of = (label: number): number => {
    const even = rows / (classes * counts[label]!)
    if (wanted === 'balanced') return even
    return wanted === 'root' ? Math.sqrt(even) : (wanted?.[label] ?? 1)
  }
  const weights = Float32Array.from({ length: rows }, (_, i) => of(labels[i]!))
  const average = weights.reduce((sum, weight) => sum + weight, 0) / rows
  return weights.map((weight) => weight / average)
}

/** Where each group of parameters lies in the one vector that is optimised. */
interface Layout {
  readonly dense: number
  readonly sparse: number
  readonly size: number
}

function layoutOf({ columns, sparse }: Features, outputs: number): Layout {
  const dense = columns * outputs
  const end = dense + (sparse?.columns ?? 0) * outputs
  return { dense, sparse: end, size: end + outputs }
}

function split(point: Float32Array, { dense, sparse }: Layout) {
  return { weights: point.slice(0, dense), sparseWeights: point.slice(dense, sparse), bias: point.slice(sparse) }
}

interface Problem {
  readonly kind: LinearModel['kind']
  readonly features: Features
  /** Class of each row, or rows × outputs truth values. */
  readonly labels: ArrayLike<number>
  readonly outputs: number
  readonly weights: Float32Array
  readonly l2: number
}

/** Mean cross-entropy plus penalty, and its gradient. The two large products run in ONNX Runtime, the rest is cheap. */
function createObjective(problem: Problem, layout: Layout, products: Products): Objective {
  const { kind, features, labels, outputs, weights, l2 } = problem
  const sparseProducts = features.sparse && createSparseProducts(features.sparse, outputs)
  return async (point) => {
    const [dense, sparse, bias] = [
      point.subarray(0, layout.dense),
      point.subarray(layout.dense, layout.sparse),
      point.subarray(layout.sparse),
    ]
    const logits = await products.forward(features, dense, bias)
    sparseProducts?.addProduct(logits, sparse)
    const errors = kind === 'binary' ? toSigmoidErrors : toSoftmaxErrors
    const loss = errors(logits, labels, weights, outputs)
    const gradient = new Float32Array(layout.size)
    gradient.set(await products.backward(features, logits))
    sparseProducts?.addTranspose(gradient.subarray(layout.dense, layout.sparse), logits)
    addColumnSums(gradient.subarray(layout.sparse), logits)
    const squares = addPenalty(gradient, point, layout.sparse, l2)
    return { value: loss + (l2 / 2) * squares, gradient }
  }
}

// Functions of their own, as the engine compiles loops within an async function badly (40 times slower).

/** target += sum of each column of rows as wide as it. */
function addColumnSums(target: Float32Array, rows: Float32Array): void {
  const width = target.length
  for (let from = 0; from < rows.length; from += width) {
    for (let k = 0; k < width; k++) target[k]! += rows[from + k]!
  }
}

/** Add the gradient of the penalty on the first `count` parameters. @returns the sum of their squares. */
function addPenalty(gradient: Float32Array, point: Float32Array, count: number, l2: number): number {
  let squares = 0
  for (let at = 0; at < count; at++) {
    const weight = point[at]!
    squares += weight * weight
    gradient[at]! += l2 * weight
  }
  return squares
}
