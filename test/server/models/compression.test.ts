import { gzipSync } from 'node:zlib'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../server/math/random.ts'
import { compressModel } from '../../../server/models/compression.ts'
import { writeHead } from '../../../server/models/head-graph.ts'
import type { LinearModel } from '../../../server/models/training.ts'

const [columns, terms, outputs] = [32, 500, 7]
const random = createRandom(3)
const numbers = (n: number) => Float32Array.from({ length: n }, () => random() * 2 - 1)

/** A linear model with random weights, with n-grams or without. */
const model = (withTerms: boolean): LinearModel => ({
  ...{ kind: 'multinomial', columns, outputs, weights: numbers(columns * outputs), bias: numbers(outputs) },
  ...{ sparseWeights: withTerms ? numbers(terms * outputs) : new Float32Array(), iterations: 1, loss: 0 },
})
const file = (withTerms: boolean) => writeHead(model(withTerms), { slope: 1, offset: 0 })

async function logits(bytes: Uint8Array, withTerms: boolean): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 })
  const row = Float32Array.from({ length: columns }, (_, i) => Math.sin(i))
  const sparse = {
    terms: new Tensor('int32', Int32Array.of(3, 77, 499), [3]),
    weights: new Tensor('float32', Float32Array.of(0.5, 0.3, 0.8), [1, 3]),
  }
  const results = await session.run({ features: new Tensor('float32', row, [1, columns]), ...(withTerms && sparse) })
  await session.release()
  return results.logits!.data as Float32Array // the graph declares them as float32
}
const apart = (a: Float32Array, b: Float32Array): number => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))

describe.each([
  ['with n-grams', true],
  ['without n-grams', false],
])('a classifier %s', (_, withTerms) => {
  it('in 8 bits takes a quarter of the weights, and says nearly the same', async () => {
    const full = file(withTerms)
    const small = compressModel(full, { method: 'int8' })
    const weights = 4 * outputs * (columns + (withTerms ? terms : 0))
    expect(full.length - small.length).toBeGreaterThan(0.7 * weights - 1_000)
    const [before, after] = [await logits(full, withTerms), await logits(small, withTerms)]
    const distance = apart(before, after)
    // Half a step of a weight is 1/126, of an input 1/255: over 32 products of numbers below 1 hardly more than this.
    expect(distance).toBeLessThan(0.1)
    expect(distance).toBeGreaterThan(0)
    // As it comes from the disk: anywhere in a larger buffer.
    const read = Buffer.concat([Buffer.alloc(1), full]).subarray(1)
    expect(compressModel(read, { method: 'int8' })).toEqual(small)
  })

  it('that is pruned has fewer weights and compresses better', async () => {
    const full = file(withTerms)
    const pruned = compressModel(full, { method: 'prune', share: 0.8 })
    expect(pruned.length).toBe(full.length)
    expect(gzipSync(pruned).length).toBeLessThan(0.5 * gzipSync(full).length)
    expect(apart(await logits(full, withTerms), await logits(pruned, withTerms))).toBeGreaterThan(0)
    const slightly = compressModel(full, { method: 'prune', share: 0.02 })
    expect(apart(await logits(full, withTerms), await logits(slightly, withTerms))).toBeLessThan(0.1)
  })
})

describe('a compression', () => {
  it('of a share that is none, or of weights that are small already, is refused', () => {
    for (const share of [0, 1, Number.NaN])
      expect(() => compressModel(file(true), { method: 'prune', share })).toThrow(RangeError)
    const small = compressModel(file(true), { method: 'int8' })
    expect(() => compressModel(small, { method: 'prune', share: 0.5 })).toThrow(/small already/)
  })
})
