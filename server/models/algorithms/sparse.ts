import type { SparseRows } from './features.ts'

/** target += sparse · weights: rows × outputs. */
export function addSparseProduct(
  target: Float32Array,
  { offsets, ids, values }: SparseRows,
  weights: Float32Array,
  outputs: number,
): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    const to = row * outputs
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const from = ids[entry]! * outputs
      const value = values[entry]!
      for (let k = 0; k < outputs; k++) target[to + k]! += value * weights[from + k]!
    }
  }
}

/** target += sparseᵀ · errors: sparse columns × outputs. */
export function addSparseTranspose(
  target: Float32Array,
  { offsets, ids, values }: SparseRows,
  errors: Float32Array,
  outputs: number,
): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    const from = row * outputs
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
      const to = ids[entry]! * outputs
      const value = values[entry]!
      for (let k = 0; k < outputs; k++) target[to + k]! += value * errors[from + k]!
    }
  }
}
