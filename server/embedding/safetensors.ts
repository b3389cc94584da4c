import { z } from 'zod'
import { ModelError, messageOf } from '../errors.ts'

/** Named weights, as views into the file's bytes where the alignment allows it. */
export interface Weights {
  readonly names: readonly string[]
  /**
   * One float32 tensor, row-major.
   * @throws {ModelError} if it is not there, of another type or of another shape.
   */
  float32(name: string, shape: readonly number[]): Float32Array
}

interface Entry {
  readonly type: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

const LENGTH_BYTES = 8
/** Headers of real models are some ten kilobytes; the format's own readers stop at 100 MB. */
const MAX_HEADER_BYTES = 16 * 2 ** 20
const BYTES_PER_ELEMENT: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
}

const whole = z.int().nonnegative()
const headerEntry = z.object({ dtype: z.string(), shape: z.array(whole), data_offsets: z.tuple([whole, whole]) })
const header = z.record(z.string(), z.unknown())

/**
 * Read a .safetensors file. Nothing in it is trusted: header length, types, shapes and offsets are checked first.
 * Source: https://github.com/huggingface/safetensors#format
 * @param file its name, for error messages.
 * @throws {ModelError} if it is not a well-formed file.
 */
export function readSafetensors(bytes: Uint8Array, file: string): Weights {
  const { text, dataStart } = headerText(bytes, file)
  const entries = readEntries(text, bytes.length - dataStart, file)
  return {
    names: [...entries.keys()],
    float32(name, shape) {
      const entry = entries.get(name)
      if (!entry) throw new ModelError(`${file}: the tensor ${name} is missing; is it another model?`)
      if (entry.type !== 'F32' || entry.shape.join() !== shape.join()) {
        throw new ModelError(`${file}: ${name} is ${entry.type} [${entry.shape}], expected F32 [${shape}]`)
      }
      return floatView(bytes, dataStart + entry.begin, dataStart + entry.end)
    },
  }
}

function headerText(bytes: Uint8Array, file: string): { text: string; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) throw new ModelError(`${file}: cut off after ${bytes.length} bytes`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - LENGTH_BYTES))) {
    throw new ModelError(`${file}: a header of ${length} bytes does not fit; the file is cut off or not safetensors`)
  }
  const dataStart = LENGTH_BYTES + Number(length)
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart)),
      dataStart,
    }
  } catch (cause) {
    throw new ModelError(`${file}: the header is not UTF-8`, { cause })
  }
}

function readEntries(text: string, dataBytes: number, file: string): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const [name, value] of Object.entries(parseHeader(text, file))) {
    if (name === '__metadata__') continue
    const parsed = headerEntry.safeParse(value)
    if (!parsed.success) throw new ModelError(`${file}: the header's entry ${name} is malformed`)
    const {
      dtype,
      shape,
      data_offsets: [begin, end],
    } = parsed.data
    const size = shape.reduce((product, dim) => product * dim, BYTES_PER_ELEMENT[dtype] ?? Number.NaN)
    // One comparison for all: an unknown type gives NaN, an overflow Infinity, and neither equals a difference of offsets.
    if (end - begin !== size || end > dataBytes) {
      throw new ModelError(`${file}: ${name} (${dtype} [${shape}]) does not lie within the file at ${begin} to ${end}`)
    }
    entries.set(name, { type: dtype, shape, begin, end })
  }
  return entries
}

function parseHeader(text: string, file: string): Record<string, unknown> {
  try {
    return header.parse(JSON.parse(text))
  } catch (cause) {
    throw new ModelError(`${file}: the header is not a JSON object (${messageOf(cause)})`, { cause })
  }
}

function floatView(bytes: Uint8Array, begin: number, end: number): Float32Array {
  const aligned = (bytes.byteOffset + begin) % Float32Array.BYTES_PER_ELEMENT === 0
  const from = aligned ? bytes.subarray(begin, end) : bytes.slice(begin, end)
  return new Float32Array(from.buffer, from.byteOffset, from.byteLength / Float32Array.BYTES_PER_ELEMENT)
}
