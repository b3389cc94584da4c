import {
  add,
  addFloats,
  advance,
  type Code,
  compileKernels,
  get,
  lane,
  load,
  loadFloat,
  multiply,
  set,
  splat,
  store,
  storeFloat,
  until,
  zeros,
} from './assembler.ts'

/** Long vectors in one memory, for optimisers: some four times faster than plain loops over arrays. */
export interface VectorSpace {
  /** A new vector of zeros. @throws {RangeError} if all are taken. */
  create(): Float32Array
  /** Sum of products; partial sums are float32, their sum is not. Both vectors are of this space. */
  inner(a: Float32Array, b: Float32Array): number
  /** target += factor · other; both vectors are of this space. */
  addScaled(target: Float32Array, other: Float32Array, factor: number): void
}

const [A, B, END, OUT] = [0, 1, 2, 3]
const [S, T, U, V] = [4, 5, 6, 7]
const sums = [S, T, U, V]
const total = add(add(get(S), get(T)), add(get(U), get(V)))
const lanes = (i: number, j: number): Code => addFloats(lane(get(S), i), lane(get(S), j))
const steps: Code = [...advance(A, 64), ...advance(B, 64)]

const inner = [
  ...sums.flatMap((one) => [...zeros, ...set(one)]),
  ...until(get(A), get(END), [
    ...sums.flatMap((one, i) => [...add(get(one), multiply(load(get(A), 16 * i), load(get(B), 16 * i))), ...set(one)]),
    ...steps,
  ]),
  ...[...total, ...set(S)],
  ...storeFloat(get(OUT), addFloats(lanes(0, 1), lanes(2, 3))),
]
/** The factor stands where the result of {@link inner} would. */
const addScaled = [
  ...[...splat(loadFloat(get(OUT))), ...set(S)],
  ...until(get(A), get(END), [
    ...sums.flatMap((_, i) => store(get(A), 16 * i, add(load(get(A), 16 * i), multiply(get(S), load(get(B), 16 * i))))),
    ...steps,
  ]),
]

/** Bytes that a loop takes at once, and bytes whose products are summed in float32. */
const [stepBytes, partBytes, pageBytes] = [64, 32_768, 65_536]

type Kernel = (a: number, b: number, end: number, out: number) => void
let compiled: WebAssembly.Module | undefined

/** @param size of a vector, at least 1. @param count how many there will be. @throws {RangeError} beyond 4 GiB. */
export function createVectorSpace(size: number, count: number): VectorSpace {
  const bytes = Math.ceil((4 * size) / stepBytes) * stepBytes
  // The numbers that kernels take and give stand before the vectors.
  const memory = new WebAssembly.Memory({ initial: Math.ceil((stepBytes + bytes * count) / pageBytes) })
  const cell = new Float32Array(memory.buffer, 0, 1)
  compiled ??= compileKernels({
    inner: { parameters: 4, integers: 0, vectors: 4, body: inner },
    addScaled: { parameters: 4, integers: 0, vectors: 4, body: addScaled },
  })
  // The module above exports exactly these functions.
  const kernels = new WebAssembly.Instance(compiled, { env: { memory } }).exports as Record<
    'inner' | 'addScaled',
    Kernel
  >
  let taken = 0
  return {
    create() {
      if (taken === count) throw new RangeError(`all ${count} vectors are taken`)
      return new Float32Array(memory.buffer, stepBytes + bytes * taken++, size)
    },
    inner({ byteOffset: a }, { byteOffset: b }) {
      let sum = 0
      for (let from = 0; from < bytes; from += partBytes) {
        kernels.inner(a + from, b + from, a + Math.min(bytes, from + partBytes), 0)
        sum += cell[0]!
      }
      return sum
    },
    addScaled({ byteOffset: a }, { byteOffset: b }, factor) {
      cell[0] = factor
      kernels.addScaled(a, b, a + bytes, 0)
    },
  }
}
