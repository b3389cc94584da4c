import { createRandom, gaussian, shuffle } from '../../math/random.ts'
import { createAdam } from './adam.ts'
import {
  type Activation,
  backward,
  createState,
  forward,
  type Layer,
  lossOf,
  type NetworkLoss,
  slopeOf,
} from './network.ts'

export interface PerceptronOptions {
  readonly loss: NetworkLoss
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[]
  readonly activation: Activation
  readonly epochs: number
  readonly batch: number
  /** Learning rate at the start, and what becomes of it: `cosine` lets it fall to 0 by the end. */
  readonly rate: number
  readonly schedule: 'constant' | 'cosine'
  /** Share of the hidden units that is left out of each step. */
  readonly dropout: number
  /** Strength of the penalty l2/2 · ‖weights‖²; biases are free. */
  readonly l2: number
  readonly onEpoch?: (epoch: number, loss: number) => void
}

/** Rows × columns, row-major, with a target a row. */
export interface Samples {
  readonly values: Float32Array
  readonly columns: number
  readonly targets: Float64Array
  /** Of rows; default 1. */
  readonly weights?: Float64Array | undefined
}

/**
 * A multilayer perceptron with one output, by mini-batches and Adam, from weights by He et al., Delving Deep into Rectifiers
 * (2015), or for other activations Glorot & Bengio (2010). Dropout as in Srivastava et al. (2014). The same seed gives the
 * same weights.
 * @param watched rows that are not learnt from: the weights of the epoch with the least loss on them are kept.
 * @returns the layers, the last one linear.
 */
export function fitPerceptron(samples: Samples, seed: number, options: PerceptronOptions, watched?: Samples): Layer[] {
  const random = createRandom(seed)
  const layers = createLayers([samples.columns, ...options.hidden, 1], options.activation, random)
  const step = createStep(layers, options)
  const order = Uint32Array.from(samples.targets, (_, row) => row)
  const steps = options.epochs * Math.ceil(order.length / options.batch)
  let [taken, least] = [0, Number.POSITIVE_INFINITY]
  let best = copyOf(layers)
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    shuffle(order, random)
    let sum = 0
    for (let from = 0; from < order.length; from += options.batch) {
      const rate =
        options.schedule === 'cosine' ? (options.rate / 2) * (1 + Math.cos((Math.PI * taken) / steps)) : options.rate
      const rows = order.subarray(from, Math.min(order.length, from + options.batch))
      sum += rows.length * step(samples, rows, rate, random)
      taken++
    }
    options.onEpoch?.(epoch, sum / order.length)
    const loss = watched ? meanLoss(layers, watched, options) : 0
    if (watched && loss >= least) continue
    least = loss
    best = copyOf(layers)
  }
  return best
}

const copyOf = (layers: readonly Layer[]): Layer[] =>
  layers.map((layer) => ({ ...layer, weights: layer.weights.slice(), bias: layer.bias.slice() }))

function createLayers(widths: readonly number[], activation: Activation, random: () => number): Layer[] {
  return widths.slice(1).map((outputs, i) => {
    const inputs = widths[i]!
    const deviation = Math.sqrt(activation === 'relu' ? 2 / inputs : 2 / (inputs + outputs))
    const isLast = i === widths.length - 2
    return {
      ...{ inputs, outputs, activation: isLast ? 'linear' : activation },
      weights: Float32Array.from({ length: inputs * outputs }, () => deviation * gaussian(random)),
      bias: new Float32Array(outputs),
    }
  })
}

/** @returns a step on some rows; it returns their mean loss. */
function createStep(layers: Layer[], options: PerceptronOptions) {
  const state = createState(layers, options.batch)
  const update = layers.map(({ weights, bias }) => [createAdam(weights, options.l2), createAdam(bias, 0)] as const)
  return (samples: Samples, rows: Uint32Array, rate: number, random: () => number): number => {
    gather(samples, rows, state.values[0]!)
    forward(layers, state, rows.length, { share: options.dropout, random })
    const outputs = state.values.at(-1)!
    const errors = state.errors.at(-1)!
    let loss = 0
    rows.forEach((row, i) => {
      const weight = (samples.weights?.[row] ?? 1) / rows.length
      loss += weight * lossOf(options.loss, outputs[i]!, samples.targets[row]!)
      errors[i] = weight * slopeOf(options.loss, outputs[i]!, samples.targets[row]!)
    })
    backward(layers, state, rows.length)
    update.forEach(([weights, bias], i) => {
      weights(state.gradients[i]!.weights, rate)
      bias(state.gradients[i]!.bias, rate)
    })
    return loss
  }
}

function gather({ values, columns }: Samples, rows: Uint32Array, into: Float64Array): void {
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * columns
    for (let j = 0; j < columns; j++) into[i * columns + j] = values[from + j]!
  }
}

/** Weighted. */
function meanLoss(layers: readonly Layer[], samples: Samples, { loss }: PerceptronOptions): number {
  const outputs = perceptronScores(layers, samples)
  let [sum, total] = [0, 0]
  for (let row = 0; row < outputs.length; row++) {
    const weight = samples.weights?.[row] ?? 1
    sum += weight * lossOf(loss, outputs[row]!, samples.targets[row]!)
    total += weight
  }
  return sum / total
}

const scoredAtOnce = 256

/** Output of each row, without dropout. */
export function perceptronScores(
  layers: readonly Layer[],
  { values, columns }: Pick<Samples, 'values' | 'columns'>,
): Float64Array {
  const count = values.length / columns
  const state = createState(layers, scoredAtOnce)
  const scores = new Float64Array(count)
  for (let from = 0; from < count; from += scoredAtOnce) {
    const rows = Math.min(scoredAtOnce, count - from)
    state.values[0]!.set(values.subarray(from * columns, (from + rows) * columns))
    forward(layers, state, rows)
    scores.set(state.values.at(-1)!.subarray(0, rows), from)
  }
  return scores
}
