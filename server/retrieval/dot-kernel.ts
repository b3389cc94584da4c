/**
 * Dot products of one query with many rows, sixteen numbers at a time: a WebAssembly module of one function, assembled here,
 * as JavaScript has no vector instructions. Measured on 1,000 × 384: 0.03 ms, against 0.21 ms of the best plain loop, so that
 * a scan of 10,000 vectors takes no longer than a graph search of them. Plain 128-bit operations, no relaxed ones: every
 * machine computes the same bits.
 *
 * ```wat
 * (func (export "multiply") (param $at i32) (param $query i32) (param $rows i32) (param $stride i32) (param $out i32)
 *   (local $end i32) (local $q i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
 *   ;; for each of $rows > 0: a, b, c, d = 0; q = query; end = at + stride
 *   ;;   until at = end: a += at[0..4] · q[0..4] … d += at[12..16] · q[12..16]; at, q += 64 bytes
 *   ;;   a = (a + b) + (c + d); out[0] = (a0 + a1) + (a2 + a3); out += 4 bytes)
 * ```
 */
export type DotKernel = (at: number, query: number, rows: number, stride: number, out: number) => void

const [AT, QUERY, ROWS, STRIDE, OUT, END, Q, A, B, C, D] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const [I32, V128] = [0x7f, 0x7b]
const [LOOP, ELSE_NOTHING, END_BLOCK, CONTINUE] = [0x03, 0x40, 0x0b, [0x0d, 0]]
const [I32_ADD, I32_SUB, I32_NE, F32_ADD] = [0x6a, 0x6b, 0x47, 0x92]
const [V128_LOAD, V128_CONST, F32X4_LANE, F32X4_ADD, F32X4_MUL] = [0, 12, 31, 228, 230]

type Code = readonly number[]
const get = (local: number): Code => [0x20, local]
const set = (local: number): Code => [0x21, local]
const tee = (local: number): Code => [0x22, local]
/** Signed LEB128 of a small number, always in two bytes. */
const constant = (value: number): Code => [0x41, (value & 0x7f) | 0x80, value >> 7]
/** Unsigned LEB128. */
const leb = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)])
const simd = (code: number): Code => [0xfd, ...leb(code)]
const load = (offset: number): Code => [...simd(V128_LOAD), 2, offset]
const advance = (local: number, by: number): Code => [...get(local), ...constant(by), I32_ADD, ...set(local)]

const clear = (sum: number): Code => [...simd(V128_CONST), ...new Array<number>(16).fill(0), ...set(sum)]
const accumulate = (sum: number, offset: number): Code => [
  ...get(sum),
  ...[...get(AT), ...load(offset), ...get(Q), ...load(offset), ...simd(F32X4_MUL)],
  ...[...simd(F32X4_ADD), ...set(sum)],
]
const lane = (i: number): Code => [...get(A), ...simd(F32X4_LANE), i]
const sums = [A, B, C, D]

const innerLoop: Code = [
  ...[LOOP, ELSE_NOTHING],
  ...sums.flatMap((sum, i) => accumulate(sum, 16 * i)),
  ...advance(Q, 64),
  ...advance(AT, 64),
  ...[...get(AT), ...get(END), I32_NE, ...CONTINUE],
  END_BLOCK,
]
const total: Code = [
  ...[
    ...get(A),
    ...get(B),
    ...simd(F32X4_ADD),
    ...get(C),
    ...get(D),
    ...simd(F32X4_ADD),
    ...simd(F32X4_ADD),
    ...set(A),
  ],
  ...[...lane(0), ...lane(1), F32_ADD, ...lane(2), ...lane(3), F32_ADD, F32_ADD],
]
const body: Code = [
  ...[LOOP, ELSE_NOTHING],
  ...sums.flatMap(clear),
  ...[...get(QUERY), ...set(Q), ...get(AT), ...get(STRIDE), I32_ADD, ...set(END)],
  ...innerLoop,
  ...[...get(OUT), ...total, 0x38, 2, 0], // f32.store
  ...advance(OUT, 4),
  ...[...get(ROWS), ...constant(1), I32_SUB, ...tee(ROWS), ...CONTINUE],
  ...[END_BLOCK, END_BLOCK],
]

const section = (id: number, content: Code): Code => [id, ...leb(content.length), ...content]
const text = (value: string): Code => [value.length, ...Buffer.from(value)]
const code: Code = [2, 2, I32, 4, V128, ...body]
const bytes = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
  ...section(2, [1, ...text('env'), ...text('memory'), 2, 0, 1]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...text('multiply'), 0, 0]),
  ...section(10, [1, ...leb(code.length), ...code]),
])

let compiled: WebAssembly.Module | undefined

/**
 * The kernel on one memory; all arguments are byte offsets there but `rows`, which is at least 1.
 * `stride` (bytes per row) is a multiple of 64.
 */
export function createDotKernel(memory: WebAssembly.Memory): DotKernel {
  compiled ??= new WebAssembly.Module(bytes)
  // The module above exports exactly this function.
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports.multiply as DotKernel
}
