import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVectorMatrix } from '../../../server/retrieval/vector-matrix.ts'
import { unitVectors } from '../../support/vectors.ts'

describe('a matrix of vectors', () => {
  it('multiplies as plain arithmetic does, for every dimension and number of rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        (dimension, rows, seed) => {
          const matrix = createVectorMatrix(dimension, rows)
          const [query, ...vectors] = unitVectors(rows + 1, dimension, seed)
          vectors.forEach((vector, row) => {
            matrix.setRow(row, vector)
          })
          const products = matrix.multiply(query!, rows)
          vectors.forEach((vector, row) => {
            const exact = vector.reduce((sum, value, i) => sum + value * query![i]!, 0)
            expect(products[row]).toBeCloseTo(exact, 6)
            expect(matrix.row(row)).toEqual(vector)
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('multiplies only the rows asked for', () => {
    const matrix = createVectorMatrix(4, 3)
    for (let row = 0; row < 3; row++) matrix.setRow(row, Float32Array.of(row + 1, 0, 0, 0))
    expect([...matrix.multiply(Float32Array.of(1, 0, 0, 0), 2)]).toEqual([1, 2, 0])
    expect([...matrix.multiply(Float32Array.of(2, 0, 0, 0), 0)]).toEqual([1, 2, 0])
  })

  it('refuses rows and lengths that it has no room for', () => {
    const matrix = createVectorMatrix(4, 2)
    expect(() => matrix.setRow(2, new Float32Array(4))).toThrow(RangeError)
    expect(() => matrix.setRow(-1, new Float32Array(4))).toThrow(RangeError)
    expect(() => matrix.setRow(0, new Float32Array(3))).toThrow(RangeError)
    expect(() => matrix.multiply(new Float32Array(4), 3)).toThrow(RangeError)
    expect(() => matrix.multiply(new Float32Array(5), 1)).toThrow(RangeError)
  })

  it('can be empty', () => {
    expect(createVectorMatrix(4, 0).multiply(new Float32Array(4), 0)).toHaveLength(0)
  })
})
