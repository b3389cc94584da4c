import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../server/math/random.ts'
import { stackSparse } from '../../../../server/models/algorithms/features.ts'
import { createSparseProducts } from '../../../../server/models/algorithms/sparse.ts'

const random = createRandom(4)
const numbers = (count: number) => Float32Array.from({ length: count }, () => random() - 0.5)
const columns = 30
/** Rows of any length; the third is empty. */
const rows = [5, 1, 0, 30, 7].map((size) => ({
  ids: Uint32Array.from({ length: size }, (_, i) => (i * 7 + size) % columns),
  values: numbers(size),
}))
const sparse = stackSparse(rows, columns)
const dense = rows.map(({ ids, values }) => {
  const row = new Float32Array(columns)
  ids.forEach((id, i) => {
    row[id]! += values[i]!
  })
  return row
})

describe.each([1, 3, 8, 77])('products of sparse rows with matrices of %i columns', (outputs) => {
  const products = createSparseProducts(sparse, outputs)

  it('are those of the same rows written out, added to what was there', () => {
    const [target, weights] = [numbers(rows.length * outputs), numbers(columns * outputs)]
    const wanted = target.map((value, at) => {
      const [row, k] = [Math.floor(at / outputs), at % outputs]
      return dense[row]!.reduce((sum, x, column) => sum + x * weights[column * outputs + k]!, value)
    })
    products.addProduct(target, weights)
    for (const [at, value] of target.entries()) expect(value).toBeCloseTo(wanted[at]!, 5)
  })

  it('are transposed alike', () => {
    const [target, errors] = [numbers(columns * outputs), numbers(rows.length * outputs)]
    const wanted = target.map((value, at) => {
      const [column, k] = [Math.floor(at / outputs), at % outputs]
      return dense.reduce((sum, row, i) => sum + row[column]! * errors[i * outputs + k]!, value)
    })
    products.addTranspose(target, errors)
    for (const [at, value] of target.entries()) expect(value).toBeCloseTo(wanted[at]!, 5)
  })
})
