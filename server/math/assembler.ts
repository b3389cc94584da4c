/**
 * WebAssembly modules assembled in the source, for the few loops that need vector instructions, which JavaScript has not.
 * Source: https://webassembly.github.io/spec/core/binary/. Plain 128-bit operations, no relaxed ones: every machine computes
 * the same bits.
 */

export type Code = readonly number[]

const [I32, V128] = [0x7f, 0x7b]
const [I32_ADD, I32_SUB, I32_NE, I32_EQZ] = [0x6a, 0x6b, 0x47, 0x45]
const [V128_LOAD, V128_STORE, V128_CONST, F32X4_SPLAT, F32X4_LANE, F32X4_ADD, F32X4_MUL] = [0, 11, 12, 19, 31, 228, 230]
const NOTHING = 0x40

/** Unsigned LEB128. */
const leb = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)])
const simd = (code: number): Code => [0xfd, ...leb(code)]

export const get = (local: number): Code => [0x20, local]
export const set = (local: number): Code => [0x21, local]
/** Signed LEB128 of a small number, always in two bytes. */
const constant = (value: number): Code => [0x41, (value & 0x7f) | 0x80, value >> 7]
export const advance = (local: number, by: number): Code => [...get(local), ...constant(by), I32_ADD, ...set(local)]
export const sum = (left: Code, right: Code): Code => [...left, ...right, I32_ADD]
/** Four bytes at an address. */
export const loadInteger = (address: Code): Code => [...address, 0x28, 2, 0]
export const loadFloat = (address: Code): Code => [...address, 0x2a, 2, 0]
export const storeFloat = (address: Code, value: Code): Code => [...address, ...value, 0x38, 2, 0]
export const addFloats = (left: Code, right: Code): Code => [...left, ...right, 0x92]

/** Four floats at an address and an offset below 128. */
export const load = (address: Code, offset: number): Code => [...address, ...simd(V128_LOAD), 2, offset]
export const store = (address: Code, offset: number, value: Code): Code => [
  ...[...address, ...value],
  ...[...simd(V128_STORE), 2, offset],
]
export const add = (left: Code, right: Code): Code => [...left, ...right, ...simd(F32X4_ADD)]
export const multiply = (left: Code, right: Code): Code => [...left, ...right, ...simd(F32X4_MUL)]
export const splat = (value: Code): Code => [...value, ...simd(F32X4_SPLAT)]
export const lane = (value: Code, i: number): Code => [...value, ...simd(F32X4_LANE), i]
export const zeros: Code = [...simd(V128_CONST), ...new Array<number>(16).fill(0)]

/** Again until two addresses are equal. */
export const until = (left: Code, right: Code, body: Code): Code => [
  ...[0x03, NOTHING, ...body],
  ...[...left, ...right, I32_NE, 0x0d, 0, 0x0b],
]
/** As often as a local says, which is 0 afterwards; not at all if it is 0. */
export const times = (local: number, body: Code): Code => [
  ...[0x02, NOTHING, ...get(local), I32_EQZ, 0x0d, 0],
  ...[0x03, NOTHING, ...body],
  ...[...get(local), ...constant(1), I32_SUB, 0x22, local, 0x0d, 0, 0x0b, 0x0b],
]

/** A function over one memory: its parameters are whole numbers, as are its first locals; the rest are vectors of four floats. */
export interface Kernel {
  readonly parameters: number
  readonly integers: number
  readonly vectors: number
  readonly body: Code
}

const section = (id: number, content: Code): Code => [id, ...leb(content.length), ...content]
const text = (value: string): Code => [value.length, ...Buffer.from(value)]

/** Compile kernels into one module; each becomes an export of its name. */
export function compileKernels(kernels: Readonly<Record<string, Kernel>>): WebAssembly.Module {
  const all = Object.entries(kernels)
  const list = (items: readonly Code[]): Code => [...leb(items.length), ...items.flat()]
  const codes = all.map(([, { integers, vectors, body }]): Code => {
    const code = [2, integers, I32, vectors, V128, ...body, 0x0b]
    return [...leb(code.length), ...code]
  })
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, list(all.map(([, { parameters }]) => [0x60, parameters, ...new Array(parameters).fill(I32), 0]))),
      ...section(2, [1, ...text('env'), ...text('memory'), 2, 0, 1]),
      ...section(3, list(all.map((_, i) => [i]))),
      ...section(7, list(all.map(([name], i) => [...text(name), 0, i]))),
      ...section(10, list(codes)),
    ]),
  )
}
