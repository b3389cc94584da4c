import { type Features, fitStandard, type Standard, standardise } from './algorithms/features.ts'
import { minimise, type Objective } from './algorithms/lbfgs.ts'
import { toSigmoidErrors, toSoftmaxErrors } from './algorithms/losses.ts'
import { createProducts, type Products } from './algorithms/products.ts'
import { addSparseProduct, addSparseTranspose } from './algorithms/sparse.ts'

export interface TrainingOptions {
  /** Strength of the penalty l2/2 · ‖weights‖² beside the mean loss; the bias is free. scikit-learn's C is 1 / (l2 · rows). */
  readonly l2: number
  /** Bring every dense column to mean 0 and deviation 1 first; mean and deviation become part of the model. Default false. */
  readonly standardise?: boolean
  /** Weight of each class in the loss; `balanced`: rows / (classes · rows of the class). Default: all 1. */
  readonly classWeights?: 'balanced' | readonly number[]
  /** Default 100. */
  readonly maxIterations?: number
  /** Largest part of the gradient at which training stops. Default 1e-5. */
  readonly tolerance?: number
  readonly onIteration?: (iteration: number, loss: number) => void
}

/** Logits = standardised(x) · weights + sparse row · sparseWeights + bias. */
export interface LinearModel {
  /** `multinomial`: one logit a class, softmax over them. `binary`: one logit, sigmoid of it. */
  readonly kind: 'multinomial' | 'binary'
  readonly columns: number
  /** Logits: the number of classes, or 1. */
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
  return train('multinomial', features, labels, classes, options)
}

/** Logistic regression with L2: the probability of label 1. Otherwise as {@link trainMultinomial}. */
export function trainBinary(
  features: Features,
  labels: ArrayLike<number>,
  options: TrainingOptions,
): Promise<LinearModel> {
  return train('binary', features, labels, 2, options)
}

async function train(
  kind: LinearModel['kind'],
  features: Features,
  labels: ArrayLike<number>,
  classes: number,
  options: TrainingOptions,
): Promise<LinearModel> {
  const outputs = kind === 'binary' ? 1 : classes
  const standard = options.standardise ? fitStandard(features) : undefined
  const scaled = standard ? standardise(features, standard) : features
  const weights = rowWeights(labels, features.rows, classes, options.classWeights)
  const products = await createProducts(scaled.columns, outputs)
  try {
    const layout = layoutOf(scaled, outputs)
    const objective = createObjective({ features: scaled, labels, outputs, weights, l2: options.l2 }, layout, products)
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
    if (scaled.sparse) addSparseProduct(logits, scaled.sparse, model.sparseWeights, model.outputs)
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
  const of = (label: number) => (wanted === 'balanced' ? rows / (classes * counts[label]!) : (wanted?.[label] ?? 1))
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
  readonly features: Features
  readonly labels: ArrayLike<number>
  readonly outputs: number
  readonly weights: Float32Array
  readonly l2: number
}

/** Mean cross-entropy plus penalty, and its gradient. The two large products run in ONNX Runtime, the rest is cheap. */
function createObjective(problem: Problem, layout: Layout, products: Products): Objective {
  const { features, labels, outputs, weights, l2 } = problem
  return async (point) => {
    const [dense, sparse, bias] = [
      point.subarray(0, layout.dense),
      point.subarray(layout.dense, layout.sparse),
      point.subarray(layout.sparse),
    ]
    const logits = await products.forward(features, dense, bias)
    if (features.sparse) addSparseProduct(logits, features.sparse, sparse, outputs)
    const loss =
      outputs === 1 ? toSigmoidErrors(logits, labels, weights) : toSoftmaxErrors(logits, labels, weights, outputs)
    const gradient = new Float32Array(layout.size)
    gradient.set(await products.backward(features, logits))
    if (features.sparse)
      addSparseTranspose(gradient.subarray(layout.dense, layout.sparse), features.sparse, logits, outputs)
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
