import { stackRows } from './features.ts'
import { createProducts } from './products.ts'

/** Labelled unit vectors. */
export interface Known {
  readonly vectors: readonly Float32Array[]
  /** Class of each, 0 to classes − 1. */
  readonly labels: readonly number[]
}

/** How close vectors are to known ones. */
export interface Nearness {
  /** Mean cosine to the {@link nearestTexts} most similar of all, per vector; 0 if nothing is known. */
  readonly mean: Float32Array
  /** Cosine to the most similar of each class, vectors × classes; −1 for a class without any. */
  readonly best: Float32Array
}

/** Known texts that a similarity is the mean over. */
export const nearestTexts = 3
/** The cosine to a class of which nothing is known. */
export const farthest = -1

/** Rows at a time: all cosines of two large sets at once would take gigabytes. */
const block = 256

/** Compare unit vectors with known ones. @throws {RangeError} if the dimensions differ. */
export async function nearness(known: Known, classes: number, vectors: readonly Float32Array[]): Promise<Nearness> {
  const mean = new Float32Array(vectors.length)
  const best = new Float32Array(vectors.length * classes).fill(farthest)
  if (known.vectors.length === 0) return { mean, best }
  const { dense, rows, columns } = stackRows(known.vectors)
  const transposed = transpose(dense, rows, columns)
  const bias = new Float32Array(rows)
  const products = await createProducts(columns, rows)
  try {
    for (let from = 0; from < vectors.length; from += block) {
      const part = stackRows(vectors.slice(from, from + block))
      const cosines = await products.forward(part, transposed, bias)
      for (let i = 0; i < part.rows; i++) {
        const row = cosines.subarray(i * rows, (i + 1) * rows)
        mean[from + i] = meanOfHighest(row)
        keepBest(best.subarray((from + i) * classes, (from + i + 1) * classes), row, known.labels)
      }
    }
  } finally {
    await products.close()
  }
  return { mean, best }
}

function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(matrix.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = matrix[i * columns + j]!
  return turned
}

function keepBest(best: Float32Array, cosines: Float32Array, labels: readonly number[]): void {
  for (let j = 0; j < cosines.length; j++) {
    const label = labels[j]!
    if (cosines[j]! > best[label]!) best[label] = cosines[j]!
  }
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
