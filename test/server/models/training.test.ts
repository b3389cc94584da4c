import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../server/math/random.ts'
import { type Features, stackRows, stackSparse } from '../../../server/models/algorithms/features.ts'
import { writeHead } from '../../../server/models/head-graph.ts'
import { type LinearModel, logitsOf, trainBinary, trainMultinomial } from '../../../server/models/training.ts'

const random = createRandom(5)
const classes = 3
const labels = Array.from({ length: 240 }, (_, i) => i % classes)
/** Three noisy clusters in four dimensions, the last dimension of another scale, and two sparse columns. */
const rows = labels.map((label) => [
  (label === 0 ? 1 : 0) + random(),
  (label === 1 ? 1 : 0) + random(),
  random(),
  5_000 + 900 * random(),
])
const dense = stackRows(rows)
const sparse = stackSparse(
  labels
    .map((label) => ({
      ids: Uint32Array.from(label === 2 && random() < 0.7 ? [0, 1] : random() < 0.5 ? [1] : []),
      values: Float32Array.of(0.8, 0.6),
    }))
    .map(({ ids, values }) => ({ ids, values: values.subarray(0, ids.length) })),
  2,
)
const both: Features = { ...dense, sparse }
const strict = { l2: 0.01, standardise: true, tolerance: 1e-6, maxIterations: 500 }

const softmax = (row: readonly number[]) => {
  const powers = row.map(Math.exp)
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}
const rowsOf = (values: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) =>
    Array.from({ length: width }, (_, k) => values[i * width + k]!),
  )

/** The loss by its formula: mean cross-entropy + l2/2 · ‖weights‖². */
async function lossOf(model: LinearModel, features: Features, l2: number): Promise<number> {
  const logits = rowsOf(await logitsOf(model, features), model.outputs)
  const entropy = logits.reduce((sum, row, i) => sum - Math.log(softmax(row)[labels[i]!]!), 0) / labels.length
  const squares = [...model.weights, ...model.sparseWeights].reduce((sum, weight) => sum + weight * weight, 0)
  return entropy + (l2 / 2) * squares
}

describe('softmax regression', () => {
  it('minimises the loss of its formula: no step in any direction goes lower', async () => {
    const model = await trainMultinomial(both, labels, classes, strict)
    const least = await lossOf(model, both, strict.l2)
    expect(model.loss).toBeCloseTo(least, 4)
    for (const part of ['weights', 'sparseWeights', 'bias'] as const) {
      for (let i = 0; i < model[part].length; i++) {
        for (const step of [-0.1, 0.1]) {
          const moved = model[part].slice()
          moved[i]! += step
          expect(await lossOf({ ...model, [part]: moved }, both, strict.l2)).toBeGreaterThan(least)
        }
      }
    }
  })

  it('gives the same numbers twice', async () => {
    const model = await trainMultinomial(both, labels, classes, strict)
    expect(await trainMultinomial(both, labels, classes, strict)).toEqual(model)
  })

  it('with two classes says what the binary one says at half the penalty', async () => {
    const two = labels.map((label) => (label === 2 ? 1 : 0))
    const binary = await logitsOf(await trainBinary(both, two, { ...strict, l2: 0.01 }), both)
    const pair = rowsOf(await logitsOf(await trainMultinomial(both, two, 2, { ...strict, l2: 0.02 }), both), 2)
    pair.forEach(([no, yes], i) => {
      expect(yes! - no!).toBeCloseTo(binary[i]!, 1)
    })
  })

  it('weighs a rare class as much as a frequent one when balanced', async () => {
    const rare = labels.map((label, i) => (label === 2 && i % 4 === 0 ? 1 : 0))
    const recall = async (classWeights?: 'balanced') => {
      const model = await trainBinary(dense, rare, { ...strict, ...(classWeights && { classWeights }) })
      const logits = await logitsOf(model, dense)
      return rare.filter((label, i) => label === 1 && logits[i]! > 0).length
    }
    expect(await recall('balanced')).toBeGreaterThan(await recall())
  })

  it.each([
    [[0, 0, 0], 2, /same label/],
    [[0, 1, 2], 2, /label 2 of row 3/],
    [[0, 1], 2, /2 labels for 3 rows/],
    [[0, 1, 0], 1, /two classes/],
  ] as const)('refuses labels %j of %i classes', async (given, count, message) => {
    const three = stackRows([[1], [2], [3]])
    await expect(async () => trainMultinomial(three, given, count, strict)).rejects.toThrow(message)
  })

  it('refuses features that are not finite or not of one width', () => {
    expect(() => stackRows([[1, Number.NaN]])).toThrow(/row 1 holds NaN/)
    expect(() => stackRows([[1], [1, 2]])).toThrow(/row 2 has 2 features/)
    expect(() => stackRows([])).toThrow(RangeError)
  })
})

describe('a head as an ONNX file', () => {
  it('gives the probabilities of its model, standardising and calibration inside', async () => {
    const model = await trainMultinomial(dense, labels, classes, strict)
    const session = await InferenceSession.create(writeHead(model, { slope: 0.5, offset: 0 }))
    const { probabilities } = await session.run({ features: new Tensor('float32', dense.dense, [dense.rows, 4]) })
    const expected = rowsOf(await logitsOf(model, dense), classes).map((row) => softmax(row.map((logit) => logit / 2)))
    rowsOf(probabilities!.data as Float32Array, classes).forEach((row, i) => {
      row.forEach((p, k) => {
        expect(p).toBeCloseTo(expected[i]![k]!, 4)
      })
    })
    await session.release()
  })

  it('takes the sparse part as a list of terms', async () => {
    const model = await trainMultinomial(both, labels, classes, strict)
    const session = await InferenceSession.create(writeHead(model, { slope: 1, offset: 0 }))
    const expected = rowsOf(await logitsOf(model, both), classes)
    for (const row of [0, 1, 2, 3, 4, 5]) {
      const terms = sparse.ids.slice(sparse.offsets[row], sparse.offsets[row + 1])
      const weights = sparse.values.slice(sparse.offsets[row], sparse.offsets[row + 1])
      const none = terms.length === 0
      const { logits } = await session.run({
        features: new Tensor('float32', dense.dense.slice(row * 4, row * 4 + 4), [1, 4]),
        terms: new Tensor('int32', none ? Int32Array.of(0) : Int32Array.from(terms), [terms.length || 1]),
        weights: new Tensor('float32', none ? Float32Array.of(0) : weights, [1, weights.length || 1]),
      })
      Array.from(logits!.data as Float32Array).forEach((logit, k) => {
        expect(logit).toBeCloseTo(expected[row]![k]!, 3)
      })
    }
    await session.release()
  })

  it('is a sigmoid for a binary model', async () => {
    const model = await trainBinary(
      dense,
      labels.map((label) => (label === 0 ? 1 : 0)),
      strict,
    )
    const session = await InferenceSession.create(writeHead(model, { slope: 2, offset: -1 }))
    const { probabilities } = await session.run({ features: new Tensor('float32', dense.dense, [dense.rows, 4]) })
    const logits = await logitsOf(model, dense)
    Array.from(probabilities!.data as Float32Array).forEach((p, i) => {
      expect(p).toBeCloseTo(1 / (1 + Math.exp(1 - 2 * logits[i]!)), 4)
    })
    await session.release()
  })
})
