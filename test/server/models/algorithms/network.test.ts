import { describe, expect, it } from 'vitest'
import { createRandom, gaussian } from '../../../../server/math/random.ts'
import {
  backward,
  createState,
  forward,
  type Layer,
  lossOf,
  type NetworkLoss,
  slopeOf,
} from '../../../../server/models/algorithms/network.ts'
import {
  fitPerceptron,
  type PerceptronOptions,
  perceptronScores,
} from '../../../../server/models/algorithms/perceptron.ts'

const losses: readonly NetworkLoss[] = ['logistic', 'focal', 'squared']
const rows = 5

function createLayers(activation: Layer['activation'], random: () => number): Layer[] {
  const layer = (inputs: number, outputs: number, kind: Layer['activation']): Layer => ({
    ...{ inputs, outputs, activation: kind },
    weights: Float32Array.from({ length: inputs * outputs }, () => gaussian(random)),
    bias: Float32Array.from({ length: outputs }, () => gaussian(random)),
  })
  return [layer(4, 6, activation), layer(6, 3, activation), layer(3, 1, 'linear')]
}

/** Mean loss of a batch; the state is left for {@link backward}. */
function lossAt(layers: readonly Layer[], inputs: Float64Array, targets: readonly number[], loss: NetworkLoss) {
  const state = createState(layers, rows)
  state.values[0]!.set(inputs)
  forward(layers, state, rows)
  const outputs = state.values.at(-1)!
  targets.forEach((target, i) => {
    state.errors.at(-1)![i] = slopeOf(loss, outputs[i]!, target) / rows
  })
  return { state, loss: targets.reduce((sum, target, i) => sum + lossOf(loss, outputs[i]!, target), 0) / rows }
}

describe('a network', () => {
  it.each(['relu', 'sigmoid', 'tanh'] as const)(
    'has the gradient that finite differences have, with %s',
    (activation) => {
      for (const loss of losses) {
        const random = createRandom(5)
        const layers = createLayers(activation, random)
        const inputs = Float64Array.from({ length: rows * 4 }, () => gaussian(random))
        const targets = [0, 1, 1, 0, 1]
        const { state } = lossAt(layers, inputs, targets, loss)
        backward(layers, state, rows)
        for (const [i, layer] of layers.entries()) {
          for (const part of ['weights', 'bias'] as const) {
            layer[part].forEach((value, at) => {
              const losses = [1e-3, -1e-3].map((step) => {
                layer[part][at] = value + step
                const there = layer[part][at]!
                return { there, loss: lossAt(layers, inputs, targets, loss).loss }
              })
              layer[part][at] = value
              const slope = (losses[0]!.loss - losses[1]!.loss) / (losses[0]!.there - losses[1]!.there)
              expect(state.gradients[i]![part][at], `${loss} ${part} ${i}.${at}`).toBeCloseTo(slope, 4)
            })
          }
        }
      }
    },
  )

  it('has the losses of their formulas', () => {
    const probability = 1 / (1 + Math.exp(-0.7))
    expect(lossOf('logistic', 0.7, 1)).toBeCloseTo(-Math.log(probability), 12)
    expect(lossOf('focal', 0.7, 0)).toBeCloseTo(-(probability ** 2) * Math.log(1 - probability), 12)
    expect(lossOf('squared', 0.7, 0.2)).toBeCloseTo(0.125, 12)
  })
})

describe('a perceptron', () => {
  const options: PerceptronOptions = {
    ...{ loss: 'logistic', hidden: [8], activation: 'relu', epochs: 60, batch: 16, rate: 0.02, schedule: 'cosine' },
    ...{ dropout: 0, l2: 0 },
  }
  const random = createRandom(3)
  const values = Float32Array.from({ length: 400 }, () => gaussian(random))
  // Exclusive or: no line parts it.
  const targets = Float64Array.from({ length: 200 }, (_, i) => Number(values[2 * i]! > 0 !== values[2 * i + 1]! > 0))
  const samples = { values, columns: 2, targets }
  const accuracyOf = (layers: readonly Layer[]) =>
    perceptronScores(layers, samples).filter((score, i) => score > 0 === (targets[i] === 1)).length / targets.length

  it('learns what no line can, and the same again from the same seed', () => {
    const layers = fitPerceptron(samples, 1, options)
    expect(accuracyOf(layers)).toBeGreaterThan(0.95)
    expect(fitPerceptron(samples, 1, options)).toEqual(layers)
    expect(fitPerceptron(samples, 2, options)).not.toEqual(layers)
  })

  it('leaves units out and shrinks weights', () => {
    const norm = (layers: readonly Layer[]) => layers[0]!.weights.reduce((sum, weight) => sum + weight * weight, 0)
    const plain = fitPerceptron(samples, 1, options)
    expect(norm(fitPerceptron(samples, 1, { ...options, l2: 0.1 }))).toBeLessThan(norm(plain) / 2)
    expect(fitPerceptron(samples, 1, { ...options, dropout: 0.3 })).not.toEqual(plain)
  })

  it('keeps the epoch that did best on the watched rows', () => {
    const noise = Float64Array.from({ length: 200 }, () => Number(random() < 0.5))
    const watched = { ...samples, targets: noise.map((value) => 1 - value) }
    const lossOn = (layers: readonly Layer[]) =>
      perceptronScores(layers, watched).reduce(
        (sum, score, i) => sum + lossOf('logistic', score, watched.targets[i]!),
        0,
      )
    const learnt = { ...samples, targets: noise }
    const free = fitPerceptron(learnt, 1, { ...options, epochs: 20 })
    expect(lossOn(fitPerceptron(learnt, 1, { ...options, epochs: 20 }, watched))).toBeLessThan(lossOn(free))
  })

  it('counts the watched rows by their weights', () => {
    // Of each pair one row is told as it is learnt, the other the opposite.
    const told = samples.targets.map((target, row) => (row % 2 === 0 ? target : 1 - target))
    const accuracyBy = (like: number, unlike: number): number => {
      const weights = told.map((_, row) => (row % 2 === 0 ? like : unlike))
      return accuracyOf(fitPerceptron(samples, 1, options, { ...samples, targets: told, weights }))
    }
    expect(accuracyBy(1, 0.01)).toBeGreaterThan(0.95)
    expect(accuracyBy(0.01, 1)).toBeLessThan(0.7)
  })
})
