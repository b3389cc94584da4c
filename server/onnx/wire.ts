/**
 * Protobuf's wire format, the writing half: fields in the order they are written, so the same calls give the same bytes.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

/** A message under construction. Long runs of bytes are kept by reference and copied once, by {@link join}. */
export interface Message {
  readonly parts: Uint8Array[]
  length: number
}

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED32 = 5
const utf8 = new TextEncoder()

export function createMessage(): Message {
  return { parts: [], length: 0 }
}

/** @param value a safe integer; negative ones take ten bytes (two's complement of 64 bits), as the format wants it. */
export function writeVarint(message: Message, field: number, value: number): void {
  const bytes = key(field, VARINT)
  pushVarint(bytes, value)
  push(message, Uint8Array.from(bytes))
}

export function writeFloat(message: Message, field: number, value: number): void {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  push(message, Uint8Array.from(key(field, FIXED32)))
  push(message, bytes)
}

/** @param data bytes, or a finished message that becomes a field of this one. */
export function writeBytes(message: Message, field: number, data: Uint8Array | Message): void {
  const head = key(field, LENGTH_DELIMITED)
  pushVarint(head, data.length)
  push(message, Uint8Array.from(head))
  for (const part of 'parts' in data ? data.parts : [data]) push(message, part)
}

export function writeText(message: Message, field: number, text: string): void {
  writeBytes(message, field, utf8.encode(text))
}

/** A repeated integer field in its packed form, which every reader of the format accepts. */
export function writePackedVarints(message: Message, field: number, values: readonly number[]): void {
  const bytes: number[] = []
  for (const value of values) pushVarint(bytes, value)
  writeBytes(message, field, Uint8Array.from(bytes))
}

/** The message as one run of bytes. */
export function join(message: Message): Uint8Array {
  const whole = new Uint8Array(message.length)
  let offset = 0
  for (const part of message.parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

function push(message: Message, part: Uint8Array): void {
  message.parts.push(part)
  message.length += part.length
}

function key(field: number, wireType: number): number[] {
  const bytes: number[] = []
  pushVarint(bytes, field * 8 + wireType)
  return bytes
}

/** @throws {RangeError} unless `value` is a safe integer. */
function pushVarint(bytes: number[], value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number that fits an ONNX integer`)
  if (value < 0) {
    // Rare (an axis of −1), so the slow 64-bit arithmetic is good enough here.
    for (let rest = BigInt.asUintN(64, BigInt(value)); rest > 0n; rest >>= 7n) {
      bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
    }
    return
  }
  let rest = value
  // Division instead of shifts: a shift would cut the value to 32 bits.
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
}
