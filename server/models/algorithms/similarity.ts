import { stackRows } from './features.ts'
import { createProducts } from './products.ts'

/** Known texts that a similarity is the mean over. */
export const nearestTexts = 3

/** Rows at a time: all cosines of two large sets at once would take gigabytes. */
const block = 256

/**
 * Mean cosine of each vector to the {@link nearestTexts} most similar of `known`; unit vectors. 0 if nothing is known.
 * @throws {RangeError} if the dimensions differ.
 */
export async function similarities(
  known: readonly Float32Array[],
  vectors: readonly Float32Array[],
): Promise<Float32Array> {
  const result = new Float32Array(vectors.length)
  if (known.length === 0) return result
  const { dense, rows, columns } = stackRows(known)
  const transposed = new Float32Array(dense.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) transposed[j * rows + i] = dense[i * columns + j]!
  const bias = new Float32Array(rows)
  const products = await createProducts(columns, rows)
  try {
    for (let from = 0; from < vectors.length; from += block) {
      const part = stackRows(vectors.slice(from, from + block))
      const cosines = await products.forward(part, transposed, bias)
      for (let i = 0; i < part.rows; i++) result[from + i] = meanOfHighest(cosines.subarray(i * rows, (i + 1) * rows))
    }
  } finally {
    await products.close()
  }
  return result
}

function meanOfHighest(values: Float32Array): number {
  const highest = new Float64Array(Math.min(nearestTexts, values.length)).fill(Number.NEGATIVE_INFINITY)
  const last = highest.length - 1
  for (const value of values) {
    if (value <= highest[last]!) continue
    let at = last
    for (; at > 0 && highest[at - 1]! < value; at--) highest[at] = highest[at - 1]!
    highest[at] = value
  }
  return highest.reduce((sum, value) => sum + value, 0) / highest.length
}
