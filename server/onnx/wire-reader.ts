/**
 * Protobuf's wire format, the reading half, as far as ONNX files need it. Source: as wire.ts.
 */

/** A field of a message, where it stands in the bytes. */
export interface Field {
  readonly field: number
  /** What was written: bytes of a string, a message or packed numbers; of others the number as it stands. */
  readonly value: Uint8Array
  /** With its key and length. */
  readonly raw: Uint8Array
}

const VARINT = 0
const LENGTH_DELIMITED = 2
/** Bytes of the wire types of fixed length. */
const fixed: Readonly<Record<number, number>> = { 1: 8, 5: 4 }
const utf8 = new TextDecoder()

/** The fields of a message in their order; views, not copies. @throws {RangeError} if the bytes are cut off or no message. */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  for (let at = 0; at < bytes.length; ) {
    const begun = at
    const [key, afterKey] = readVarint(bytes, at)
    const [field, wire] = [Math.floor(key / 8), key % 8]
    let [from, to] = [afterKey, afterKey + (fixed[wire] ?? 0)]
    if (wire === VARINT) to = readVarint(bytes, from)[1]
    else if (wire === LENGTH_DELIMITED) {
      const [length, afterLength] = readVarint(bytes, from)
      ;[from, to] = [afterLength, afterLength + length]
    } else if (fixed[wire] === undefined) throw new RangeError(`wire type ${wire} at byte ${begun} is unknown`)
    if (to > bytes.length) throw new RangeError(`the field at byte ${begun} is cut off`)
    yield { field, value: bytes.subarray(from, to), raw: bytes.subarray(begun, to) }
    at = to
  }
}

export const textOf = ({ value }: Field): string => utf8.decode(value)

/** Numbers of a field, packed or alone. @throws {RangeError} for one that is no safe integer. */
export function varintsOf({ value }: Field): number[] {
  const numbers: number[] = []
  for (let at = 0; at < value.length; ) {
    const [number, next] = readVarint(value, at)
    numbers.push(number)
    at = next
  }
  return numbers
}

function readVarint(bytes: Uint8Array, from: number): readonly [value: number, next: number] {
  let [value, factor] = [0, 1]
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!
    value += (byte % 128) * factor
    if (!Number.isSafeInteger(value)) throw new RangeError(`the number at byte ${from} is too large`)
    if (byte < 128) return [value, at + 1]
    factor *= 128
  }
  throw new RangeError(`the number at byte ${from} is cut off`)
}
