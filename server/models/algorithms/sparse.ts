import {
  add,
  advance,
  type Code,
  compileKernels,
  get,
  load,
  loadFloat,
  loadInteger,
  multiply,
  set,
  splat,
  store,
  sum,
  times,
  until,
} from '../../math/assembler.ts'
import type { SparseRows } from './features.ts'

/** The two products of sparse rows with a matrix, each added to what is there. Matrices are row-major. */
export interface SparseProducts {
  /** target += sparse · weights. @param target rows × outputs. @param weights columns × outputs. */
  addProduct(target: Float32Array, weights: Float32Array): void
  /** target += sparseᵀ · errors. @param target columns × outputs. @param errors rows × outputs. */
  addTranspose(target: Float32Array, errors: Float32Array): void
}

/** Arguments are byte offsets but `rows`; `stride` is the bytes of a row of both matrices. */
type Kernel = (
  counts: number,
  rows: number,
  places: number,
  values: number,
  table: number,
  dense: number,
  stride: number,
) => void

const [COUNTS, ROWS, PLACES, VALUES, TABLE, DENSE, STRIDE] = [0, 1, 2, 3, 4, 5, 6]
const [ENTRIES, TO, FROM, END, FACTOR] = [7, 8, 9, 10, 11]
/** Floats that the loop takes at once: rows of matrices are padded to a multiple. */
const step = 8
const pageBytes = 65_536

const accumulate = (offset: number): Code =>
  store(get(TO), offset, add(load(get(TO), offset), multiply(get(FACTOR), load(get(FROM), offset))))

/** For each entry of each row: to += value · from, where one is the entry's row of the table and the other the dense row. */
const kernel = (to: Code, from: Code) => ({
  parameters: 7,
  integers: 4,
  vectors: 1,
  body: times(ROWS, [
    ...[...loadInteger(get(COUNTS)), ...set(ENTRIES)],
    ...times(ENTRIES, [
      ...[...splat(loadFloat(get(VALUES))), ...set(FACTOR)],
      ...[...to, ...set(TO), ...from, ...set(FROM), ...sum(get(TO), get(STRIDE)), ...set(END)],
      ...until(get(TO), get(END), [...accumulate(0), ...accumulate(16), ...advance(TO, 32), ...advance(FROM, 32)]),
      ...[...advance(PLACES, 4), ...advance(VALUES, 4)],
    ]),
    ...advance(COUNTS, 4),
    ...[...sum(get(DENSE), get(STRIDE)), ...set(DENSE)],
  ]),
})
const tableRow = sum(get(TABLE), loadInteger(get(PLACES)))

let compiled: WebAssembly.Module | undefined

/**
 * Products of one sparse matrix with many dense ones of `outputs` columns, some ten times faster than a plain loop.
 * @throws {RangeError} if there is no memory for it (a 32-bit memory ends at 4 GiB).
 */
export function createSparseProducts({ columns, offsets, ids, values }: SparseRows, outputs: number): SparseProducts {
  const [rows, width] = [offsets.length - 1, Math.ceil(outputs / step) * step]
  let bytes = 0
  const place = (floats: number): number => {
    const at = bytes
    bytes += Math.ceil(floats / 4) * 16 // vectors are read fastest at multiples of 16
    return at
  }
  const [counts, places, weights] = [place(rows), place(ids.length), place(ids.length)]
  const [table, dense] = [place(columns * width), place(rows * width)]
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) })
  new Uint32Array(memory.buffer, counts, rows).set(offsets.subarray(1).map((end, row) => end - offsets[row]!))
  new Uint32Array(memory.buffer, places, ids.length).set(ids.map((id) => 4 * width * id))
  new Float32Array(memory.buffer, weights, ids.length).set(values)
  const tableView = new Float32Array(memory.buffer, table, columns * width)
  const denseView = new Float32Array(memory.buffer, dense, rows * width)

  compiled ??= compileKernels({ product: kernel(get(DENSE), tableRow), transpose: kernel(tableRow, get(DENSE)) })
  // The module above exports exactly these functions.
  const kernels = new WebAssembly.Instance(compiled, { env: { memory } }).exports as Record<
    'product' | 'transpose',
    Kernel
  >
  const run = (which: Kernel): void => which(counts, rows, places, weights, table, dense, 4 * width)

  return {
    addProduct(target, matrix) {
      pad(tableView, matrix, width, outputs)
      pad(denseView, target, width, outputs)
      run(kernels.product)
      unpad(target, denseView, width, outputs)
    },
    addTranspose(target, errors) {
      pad(denseView, errors, width, outputs)
      pad(tableView, target, width, outputs)
      run(kernels.transpose)
      unpad(target, tableView, width, outputs)
    },
  }
}

function pad(to: Float32Array, from: Float32Array, width: number, outputs: number): void {
  for (let row = 0, at = 0; at < from.length; row++, at += outputs) {
    for (let k = 0; k < outputs; k++) to[row * width + k] = from[at + k]!
  }
}

function unpad(to: Float32Array, from: Float32Array, width: number, outputs: number): void {
  for (let row = 0, at = 0; at < to.length; row++, at += outputs) {
    for (let k = 0; k < outputs; k++) to[at + k] = from[row * width + k]!
  }
}
