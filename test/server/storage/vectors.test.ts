import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CorruptError } from '../../../server/errors.ts'
import { createRandom } from '../../../server/math/random.ts'
import { dot, normalise } from '../../../server/math/vectors.ts'
import { dequantise, quantise } from '../../../server/storage/vectors.ts'

const vectors = fc
  .record({ dimension: fc.integer({ min: 1, max: 40 }), count: fc.integer({ min: 0, max: 5 }) })
  .chain(({ dimension, count }) => {
    const values = fc.float32Array({
      min: -4,
      max: 4,
      noNaN: true,
      minLength: dimension * count,
      maxLength: dimension * count,
    })
    return fc.record({ dimension: fc.constant(dimension), values })
  })

describe('quantised vectors', () => {
  it('take one byte a component and four a vector', () => {
    expect(quantise(new Float32Array(3 * 384).fill(0.05), 384)).toHaveLength(3 * 388)
  })

  it('come back within half a step of the largest component', () => {
    fc.assert(
      fc.property(vectors, ({ dimension, values }) => {
        const back = dequantise(quantise(values, dimension), dimension)
        expect(back).toHaveLength(values.length)
        for (let v = 0; v < values.length; v += dimension) {
          const original = values.subarray(v, v + dimension)
          const step = Math.max(...original.map(Math.abs)) / 127
          original.forEach((value, i) => {
            expect(Math.abs(value - back[v + i]!)).toBeLessThanOrEqual(step * 0.5001 + 1e-30)
          })
        }
      }),
    )
  })

  it('move the cosine of unit vectors of 384 dimensions by less than 0.01', () => {
    const random = createRandom(7)
    const unit = (): Float32Array =>
      normalise(Float32Array.from({ length: 384 }, () => random() + random() + random() - 1.5))
    for (let i = 0; i < 200; i++) {
      const [a, b] = [unit(), unit()]
      expect(Math.abs(dot(a, b) - dot(dequantise(quantise(a, 384), 384), b))).toBeLessThan(0.01)
    }
  })

  it('are read from the middle of a larger buffer', () => {
    const bytes = quantise(Float32Array.of(1, -0.5, 0.25), 3)
    const padded = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(2)]).subarray(3, 3 + bytes.length)
    expect(dequantise(padded, 3)).toEqual(dequantise(bytes, 3))
  })

  it('are refused where they are no whole number of vectors, or not finite', () => {
    expect(() => quantise(new Float32Array(5), 3)).toThrow(RangeError)
    expect(() => quantise(new Float32Array(0), 0)).toThrow(RangeError)
    expect(() => quantise(Float32Array.of(1, Number.NaN), 2)).toThrow(RangeError)
    expect(() => quantise(Float32Array.of(1, Number.POSITIVE_INFINITY), 2)).toThrow(RangeError)
    expect(() => dequantise(new Uint8Array(8), 3)).toThrow(CorruptError)
  })
})
