import { softplus } from '../../math/logistic.ts'

export type Activation = 'relu' | 'sigmoid' | 'tanh'

/** outputs = activation(inputs · weights + bias). */
export interface Layer {
  readonly inputs: number
  readonly outputs: number
  /** Inputs × outputs, row-major. */
  readonly weights: Float32Array
  readonly bias: Float32Array
  readonly activation: Activation | 'linear'
}

/** `logistic`: binary cross-entropy of a logit. `focal`: Lin et al., Focal Loss (2017), γ = 2. `squared`: half the squared error. */
export type NetworkLoss = 'logistic' | 'focal' | 'squared'

/** Values between layers, and derivatives of the loss by them and by the parameters; room for a batch of rows. */
export interface NetworkState {
  /** Inputs, then the outputs of each layer, rows × width. */
  readonly values: readonly Float64Array[]
  /** By what each layer puts out. */
  readonly errors: readonly Float64Array[]
  readonly gradients: readonly { readonly weights: Float64Array; readonly bias: Float64Array }[]
  /** What dropout multiplied each hidden output by. */
  readonly masks: readonly Float64Array[]
}

export interface Dropout {
  /** Of the hidden units, 0 to below 1. */
  readonly share: number
  readonly random: () => number
}

export function createState(layers: readonly Layer[], rows: number): NetworkState {
  const widths = layers.map(({ outputs }) => outputs)
  return {
    values: [layers[0]!.inputs, ...widths].map((width) => new Float64Array(rows * width)),
    errors: widths.map((width) => new Float64Array(rows * width)),
    gradients: layers.map(({ weights, bias }) => ({
      weights: new Float64Array(weights.length),
      bias: new Float64Array(bias.length),
    })),
    masks: widths.map((width) => new Float64Array(rows * width).fill(1)),
  }
}

/** Run the layers over the rows in `state.values[0]`. */
export function forward(layers: readonly Layer[], state: NetworkState, rows: number, dropout?: Dropout): void {
  layers.forEach((layer, i) => {
    const [from, to] = [state.values[i]!, state.values[i + 1]!]
    multiply(layer, from, to, rows)
    const size = rows * layer.outputs
    if (layer.activation !== 'linear') activate(layer.activation, to, size)
    if (layer.activation !== 'linear' && dropout && dropout.share > 0) drop(state.masks[i]!, to, size, dropout)
  })
}

/** Derivatives of the loss by every parameter, from those by the last outputs in `state.errors`. */
export function backward(layers: readonly Layer[], state: NetworkState, rows: number): void {
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i]!
    const errors = state.errors[i]!
    const size = rows * layer.outputs
    if (layer.activation !== 'linear') deactivate(layer.activation, state.values[i + 1]!, errors, state.masks[i]!, size)
    addProducts(layer, state.values[i]!, errors, state.gradients[i]!, rows)
    if (i > 0) multiplyBack(layer, errors, state.errors[i - 1]!, rows)
  }
}

function multiply({ inputs, outputs, weights, bias }: Layer, from: Float64Array, to: Float64Array, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const base = row * outputs
    for (let j = 0; j < outputs; j++) to[base + j] = bias[j]!
    for (let k = 0; k < inputs; k++) {
      const value = from[row * inputs + k]!
      if (value === 0) continue // most of a one-hot part, half of what a ReLU puts out
      const at = k * outputs
      for (let j = 0; j < outputs; j++) to[base + j]! += value * weights[at + j]!
    }
  }
}

function activate(kind: Activation, values: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    const value = values[i]!
    if (kind === 'relu') values[i] = value > 0 ? value : 0
    else values[i] = kind === 'tanh' ? Math.tanh(value) : 1 / (1 + Math.exp(-value))
  }
}

/** What is kept grows, so that the sum is as without. */
function drop(mask: Float64Array, values: Float64Array, size: number, { share, random }: Dropout): void {
  const kept = 1 / (1 - share)
  for (let i = 0; i < size; i++) {
    mask[i] = random() < share ? 0 : kept
    values[i]! *= mask[i]!
  }
}

/** Errors by what went into the activation; `values` is what came out of it, times the mask. */
function deactivate(
  kind: Activation,
  values: Float64Array,
  errors: Float64Array,
  mask: Float64Array,
  size: number,
): void {
  for (let i = 0; i < size; i++) {
    const kept = mask[i]!
    const value = kept === 0 ? 0 : values[i]! / kept
    const slope = kind === 'relu' ? Number(value > 0) : kind === 'tanh' ? 1 - value * value : value * (1 - value)
    errors[i]! *= kept * slope
  }
}

function addProducts(
  { inputs, outputs }: Layer,
  from: Float64Array,
  errors: Float64Array,
  gradient: { readonly weights: Float64Array; readonly bias: Float64Array },
  rows: number,
): void {
  const { weights, bias } = gradient
  weights.fill(0)
  bias.fill(0)
  for (let row = 0; row < rows; row++) {
    const base = row * outputs
    for (let j = 0; j < outputs; j++) bias[j]! += errors[base + j]!
    for (let k = 0; k < inputs; k++) {
      const value = from[row * inputs + k]!
      if (value === 0) continue
      const at = k * outputs
      for (let j = 0; j < outputs; j++) weights[at + j]! += value * errors[base + j]!
    }
  }
}

function multiplyBack(
  { inputs, outputs, weights }: Layer,
  errors: Float64Array,
  into: Float64Array,
  rows: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0
      for (let j = 0; j < outputs; j++) sum += weights[k * outputs + j]! * errors[row * outputs + j]!
      into[row * inputs + k] = sum
    }
  }
}

const focus = 2
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value))

/** Loss of one output. @param target 0 or 1 but for `squared`. */
export function lossOf(loss: NetworkLoss, output: number, target: number): number {
  if (loss === 'squared') return (output - target) ** 2 / 2
  // The logit of the true class, whose probability is its sigmoid.
  const truth = (2 * target - 1) * output
  return loss === 'logistic' ? softplus(-truth) : (1 - sigmoid(truth)) ** focus * softplus(-truth)
}

/** Derivative of {@link lossOf} by the output. */
export function slopeOf(loss: NetworkLoss, output: number, target: number): number {
  if (loss === 'squared') return output - target
  if (loss === 'logistic') return sigmoid(output) - target
  const sign = 2 * target - 1
  const probability = sigmoid(sign * output)
  const rest = 1 - probability
  return -sign * rest ** focus * (focus * probability * softplus(-sign * output) + rest)
}
