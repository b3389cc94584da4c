import { createDotKernel } from './dot-kernel.ts'

/** Vectors as rows of one memory, to be multiplied all at once. */
export interface VectorMatrix {
  readonly dimension: number
  /** Rows there is room for; all zero at first. */
  readonly capacity: number
  setRow(row: number, vector: Float32Array): void
  /** A view of one row. */
  row(row: number): Float32Array
  /**
   * Dot products of `query` with the first `rows` rows: cosines, if all have length 1. The same array each time.
   * Sums are float32: for unit vectors within 1e-6 of the true value.
   */
  multiply(query: Float32Array, rows: number): Float32Array
}

/** The kernel takes sixteen numbers a step: rows are padded with zeros. */
const step = 16
const pageBytes = 65_536

/** @throws {RangeError} if there is no memory for it (a 32-bit memory ends at 4 GiB). */
export function createVectorMatrix(dimension: number, capacity: number): VectorMatrix {
  const stride = Math.ceil(dimension / step) * step
  const queryAt = 4 * stride * capacity
  const scoresAt = queryAt + 4 * stride
  const memory = new WebAssembly.Memory({ initial: Math.ceil((scoresAt + 4 * capacity) / pageBytes) })
  const kernel = createDotKernel(memory)
  const rowsView = new Float32Array(memory.buffer, 0, stride * capacity)
  const queryView = new Float32Array(memory.buffer, queryAt, dimension)
  const scores = new Float32Array(memory.buffer, scoresAt, capacity)

  return {
    dimension,
    capacity,
    setRow(row, vector) {
      if (!(row < capacity) || vector.length !== dimension)
        throw new RangeError(`no room for ${vector.length} numbers in row ${row}`)
      rowsView.set(vector, row * stride)
    },
    row: (row) => rowsView.subarray(row * stride, row * stride + dimension),
    multiply(query, rows) {
      if (rows > capacity || query.length !== dimension)
        throw new RangeError(`no product of ${query.length} numbers with ${rows} rows`)
      queryView.set(query)
      if (rows > 0) kernel(0, queryAt, rows, 4 * stride, scoresAt)
      return scores
    },
  }
}
