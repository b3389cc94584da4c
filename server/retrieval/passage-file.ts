import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CorruptError, messageOf } from '../errors.ts'
import { dotAt } from '../math/vectors.ts'
import type { FileWriter } from './file-writer.ts'
import type { PassageReading, PassageRecord } from './types.ts'

/**
 * `passages.bin`: one entry per row, then the table of where they start. An entry is its record (UTF-8 JSON), a float32 scale
 * per unit, an int8 vector per unit; with a second encoder the same of its vectors. Table: per row and once for the end a float64 offset; per row a uint32 length of the JSON.
 */
export interface PassageFile {
  /**
   * The entry beside some vectors of one encoder (`space` 0 or 1): each number of a unit's vector is known to half a scale, a cosine to about 0.005.
   * @throws {RangeError} for a vector of another dimension.
   */
  read(row: number, vectors: readonly Float32Array[], space?: number): PassageReading
  /** The first encoder's vectors of the row's units, units × dimension, as exactly as the file has them. */
  unitVectors(row: number): Float32Array
  close(): void
}

const highest = 127

/** Appends entries to `file`; `finish` adds the table. @param dimensions of the encoders' vectors, one or two. */
export function createPassageWriter(file: FileWriter, dimensions: readonly number[]) {
  const offsets: number[] = [0]
  const lengths: number[] = []

  return {
    /** @throws {RangeError} unless each of `unitVectors` holds finite numbers, its dimension for each of the record's units. */
    add(record: PassageRecord, unitVectors: readonly Float32Array[]): void {
      dimensions.forEach((dimension, space) => {
        const [expected, found] = [record.units.length * dimension, unitVectors[space]?.length ?? 0]
        if (found !== expected)
          throw new RangeError(`passage ${record.id} has ${found} numbers for its units, not ${expected}`)
      })
      const json = Buffer.from(JSON.stringify(record))
      file.append(json)
      for (const [space, dimension] of dimensions.entries())
        file.append(quantise(unitVectors[space]!, record.units.length, dimension))
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
export function openPassageFile(path: string, rows: number, dimensions: readonly number[]): PassageFile {
  const file = openSync(path, 'r')
  const unitBytes = dimensions.reduce((sum, dimension) => sum + 4 + dimension, 0)
  const damaged = (cause?: unknown) => new CorruptError(`${path} is damaged: rebuild the index`, { cause })
  const fill = (bytes: Buffer, at: number, length: number): Buffer => {
    if (readSync(file, bytes, 0, length, at) !== length) throw damaged()
    return bytes
  }
  try {
    const tableBytes = 8 * (rows + 1) + 4 * rows
    const tableStart = fstatSync(file).size - tableBytes
    if (tableStart < 0) throw damaged()
    const table = fill(Buffer.allocUnsafeSlow(tableBytes), tableStart, tableBytes)
    const offsets = new Float64Array(table.buffer, 0, rows + 1)
    const lengths = new Uint32Array(table.buffer, 8 * (rows + 1), rows)
    if (offsets[0] !== 0 || offsets[rows] !== tableStart) throw damaged()

    const largest = lengths.reduce((most, _, row) => Math.max(most, offsets[row + 1]! - offsets[row]!), 0)
    // One for all reads: an entry is turned into its reading before the next is read.
    const entry = Buffer.allocUnsafeSlow(largest)
    const numbers = new Int8Array(entry.buffer)
    const load = (row: number): { jsonBytes: number; units: number } => {
      const [start, jsonBytes] = [offsets[row]!, lengths[row]!]
      const bytes = offsets[row + 1]! - start
      fill(entry, start, bytes)
      return { jsonBytes, units: (bytes - jsonBytes) / unitBytes }
    }

    return {
      read(row, vectors, space = 0) {
        const dimension = dimensions[space]
        const odd = vectors.find(({ length }) => length !== dimension)
        if (dimension === undefined || odd) throw new RangeError(`a vector of ${odd?.length} numbers, not ${dimension}`)
        const { jsonBytes, units } = load(row)
        const json = entry.toString('utf8', 0, jsonBytes)
        try {
          // The writer put exactly a PassageRecord there, and the checksum was verified at open.
          const record = JSON.parse(json) as PassageRecord
          const at = jsonBytes + (space === 0 ? 0 : units * (4 + dimensions[0]!))
          return { record, unitProducts: vectors.map((vector) => productsIn(entry, numbers, at, units, vector)) }
        } catch (cause) {
          throw damaged(messageOf(cause))
        }
      },
      unitVectors(row) {
        const { jsonBytes, units } = load(row)
        const dimension = dimensions[0]!
        const first = jsonBytes + 4 * units
        return Float32Array.from(
          { length: units * dimension },
          (_, i) => entry.readFloatLE(jsonBytes + 4 * Math.floor(i / dimension)) * numbers[first + i]!,
        )
      },
      close: () => closeSync(file),
    }
  } catch (reason) {
    closeSync(file)
    throw reason
  }
}

/** Dot products straight from the small integers: making float vectors of them first took longer than all the products. */
function productsIn(entry: Buffer, numbers: Int8Array, at: number, units: number, vector: Float32Array): Float32Array {
  const products = new Float32Array(units)
  const rows = at + 4 * units
  for (let unit = 0; unit < units; unit++) {
    products[unit] = entry.readFloatLE(at + 4 * unit) * dotAt(vector, numbers, rows + unit * vector.length)
  }
  return products
}
