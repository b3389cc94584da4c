import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CorruptError, messageOf } from '../errors.ts'
import type { FileWriter } from './file-writer.ts'
import type { PassageRecord } from './types.ts'

/**
 * `passages.bin`: one entry per row, then the table of where they start. An entry is its record (UTF-8 JSON), a float32 scale
 * per unit, an int8 vector per unit. Table: per row and once for the end a float64 offset; per row a uint32 length of the JSON.
 */
export interface PassageFile {
  record(row: number): PassageRecord
  /** Unit vectors, row-major units × dimension: within 0.005 of what was stored, per number at most half a scale. */
  unitVectors(row: number): Float32Array
  close(): void
}

const highest = 127

/** Appends entries to `file`; `finish` adds the table. */
export function createPassageWriter(file: FileWriter, dimension: number) {
  const offsets: number[] = [0]
  const lengths: number[] = []

  return {
    /** @throws {RangeError} unless `unitVectors` holds finite numbers, `dimension` for each of the record's units. */
    add(record: PassageRecord, unitVectors: Float32Array): void {
      const expected = record.units.length * dimension
      if (unitVectors.length !== expected) {
        throw new RangeError(`passage ${record.id} has ${unitVectors.length} numbers for its units, not ${expected}`)
      }
      const json = Buffer.from(JSON.stringify(record))
      file.append(json)
      file.append(quantise(unitVectors, record.units.length, dimension))
      lengths.push(json.length)
      offsets.push(file.position)
    },
    finish(): void {
      file.append(new Uint8Array(Float64Array.from(offsets).buffer))
      file.append(new Uint8Array(Uint32Array.from(lengths).buffer))
    },
  }
}

/** Scales (float32 per unit), then int8 rows. */
function quantise(vectors: Float32Array, units: number, dimension: number): Uint8Array {
  const bytes = new Uint8Array(units * (4 + dimension))
  const scales = new Float32Array(bytes.buffer, 0, units)
  const rows = new Int8Array(bytes.buffer, 4 * units)
  for (let unit = 0; unit < units; unit++) {
    const vector = vectors.subarray(unit * dimension, (unit + 1) * dimension)
    let largest = 0
    for (const value of vector) largest = Math.max(largest, Math.abs(value))
    if (!Number.isFinite(largest)) throw new RangeError('a unit vector holds numbers that are not finite')
    scales[unit] = largest / highest
    if (largest === 0) continue
    for (let i = 0; i < dimension; i++) rows[unit * dimension + i] = Math.round((vector[i]! / largest) * highest)
  }
  return bytes
}

/**
 * Open a file whose checksum was verified; entries are read when asked for, so that 100,000 passages cost 12 bytes each.
 * @throws {CorruptError} if the table does not fit the file.
 */
export function openPassageFile(path: string, rows: number, dimension: number): PassageFile {
  const file = openSync(path, 'r')
  const damaged = (cause?: unknown) => new CorruptError(`${path} is damaged: rebuild the index`, { cause })
  const read = (at: number, length: number): Buffer => {
    const bytes = Buffer.allocUnsafeSlow(length)
    if (readSync(file, bytes, 0, length, at) !== length) throw damaged()
    return bytes
  }
  try {
    const tableBytes = 8 * (rows + 1) + 4 * rows
    const tableStart = fstatSync(file).size - tableBytes
    if (tableStart < 0) throw damaged()
    const table = read(tableStart, tableBytes)
    const offsets = new Float64Array(table.buffer, 0, rows + 1)
    const lengths = new Uint32Array(table.buffer, 8 * (rows + 1), rows)
    if (offsets[0] !== 0 || offsets[rows] !== tableStart) throw damaged()

    return {
      record(row) {
        const json = read(offsets[row]!, lengths[row]!).toString()
        try {
          // The writer put exactly a PassageRecord there, and the checksum was verified at open.
          return JSON.parse(json) as PassageRecord
        } catch (cause) {
          throw damaged(messageOf(cause))
        }
      },
      unitVectors(row) {
        const start = offsets[row]! + lengths[row]!
        return dequantise(read(start, offsets[row + 1]! - start), dimension)
      },
      close: () => closeSync(file),
    }
  } catch (reason) {
    closeSync(file)
    throw reason
  }
}

function dequantise(bytes: Buffer, dimension: number): Float32Array {
  const units = bytes.length / (4 + dimension)
  const scales = new Float32Array(bytes.buffer, bytes.byteOffset, units)
  const rows = new Int8Array(bytes.buffer, bytes.byteOffset + 4 * units)
  const vectors = new Float32Array(units * dimension)
  for (let unit = 0; unit < units; unit++) {
    const scale = scales[unit]!
    for (let i = unit * dimension; i < (unit + 1) * dimension; i++) vectors[i] = rows[i]! * scale
  }
  return vectors
}
