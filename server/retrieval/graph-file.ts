import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CorruptError, messageOf } from '../errors.ts'

export interface GraphShape {
  readonly dimension: number
  /** Vectors in the graph. */
  readonly count: number
  /** Links per node. */
  readonly m: number
}

// hnswlib's file (0.8, 64 bits, little-endian): six sizes of 8 bytes (start of level 0 = 0, capacity, count, bytes per node,
// offset of the label, offset of the vector), highest level and entry point of 4 bytes each, three sizes (m, links on level 0, m),
// a float64 and another size; then the nodes; then per node the bytes of its upper links (4 bytes) and those links.
const headerBytes = 96

/**
 * Compare an hnswlib file with what it should hold, before native code opens it or a manifest vouches for it: hnswlib neither
 * notices another dimension when it loads, nor a full disk when it writes.
 * @throws {CorruptError} in one line.
 */
export function verifyGraphFile(path: string, { dimension, count, m }: GraphShape): void {
  const damaged = (what: string) => new CorruptError(`${path} ${what}: rebuild the index`)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    throw damaged(`cannot be read (${messageOf(cause)})`)
  }
  try {
    const header = Buffer.alloc(headerBytes)
    if (readSync(file, header, 0, headerBytes, 0) < headerBytes) throw damaged('is cut off')
    const size = (at: number): number => Number(header.readBigUInt64LE(at))
    const [offsetData, nodeBytes] = [4 * (2 * m + 1), 4 * (2 * m + 1) + 4 * dimension + 8]
    if (size(0) !== 0 || size(56) !== m || size(64) !== 2 * m || size(72) !== m)
      throw damaged(`is no graph of ${m} links a node`)
    if (size(40) !== offsetData || size(32) !== nodeBytes - 8 || size(24) !== nodeBytes) {
      throw damaged(`does not hold vectors of ${dimension} dimensions`)
    }
    if (size(16) !== count || size(8) < count) throw damaged(`does not hold ${count} vectors`)
    const upper = headerBytes + count * nodeBytes
    const rest = fstatSync(file).size - upper
    if (rest < 0 || !linksFit(file, upper, rest, count)) throw damaged('is cut off')
  } finally {
    closeSync(file)
  }
}

/** Whether the lengths of all upper links add up to the end of the file. */
function linksFit(file: number, start: number, length: number, count: number): boolean {
  const bytes = Buffer.alloc(length)
  if (readSync(file, bytes, 0, length, start) < length) return false
  let at = 0
  for (let node = 0; node < count; node++) {
    if (at + 4 > length) return false
    at += 4 + bytes.readUInt32LE(at)
  }
  return at === length
}
