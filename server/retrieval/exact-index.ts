import { readFileSync } from 'node:fs'
import { CorruptError, ModelError } from '../errors.ts'
import { createFileWriter } from './file-writer.ts'
import { verifySeal, writeWhole } from './sealed-file.ts'
import { createTopK } from './top-k.ts'
import { checkCount, checkId, checkUnitVector, type IndexSeal, type VectorIndex } from './vector-index.ts'
import { createVectorMatrix, type VectorMatrix } from './vector-matrix.ts'

export interface ExactIndexOptions {
  readonly encoderId: string
  readonly dimension: number
  /** Rows to start with, used in place; trusted to hold unit vectors, and filled to the last. */
  readonly rows?: VectorMatrix
  /** Their ids; 0, 1, 2 … unless given. */
  readonly ids?: Uint32Array
}

const firstCapacity = 16

/**
 * Compares the query with every vector: always right, and up to some thousands also faster than a graph.
 * Serves small corpora and deltas, and is the oracle for every other index.
 */
export function createExactIndex({ encoderId, dimension, rows, ids: givenIds }: ExactIndexOptions): VectorIndex {
  let matrix = rows ?? createVectorMatrix(dimension, firstCapacity)
  let size = rows?.capacity ?? 0
  let ids = givenIds ?? Uint32Array.from({ length: matrix.capacity }, (_, row) => row)
  /** Only built by the first `add`: rows that came with the index are numbered by themselves. */
  let rowOf: Map<number, number> | undefined

  function grow(): void {
    const wider = createVectorMatrix(dimension, Math.max(firstCapacity, 2 * matrix.capacity))
    for (let row = 0; row < size; row++) wider.setRow(row, matrix.row(row))
    const widerIds = new Uint32Array(wider.capacity)
    widerIds.set(ids.subarray(0, size))
    matrix = wider
    ids = widerIds
  }

  return {
    dimension,
    get size() {
      return size
    },
    add(id, vector) {
      checkId(id)
      checkUnitVector(vector, dimension)
      rowOf ??= new Map(Array.from(ids.subarray(0, size), (known, row) => [known, row]))
      const row = rowOf.get(id) ?? size
      if (row === matrix.capacity) grow()
      matrix.setRow(row, vector)
      ids[row] = id
      rowOf.set(id, row)
      size = Math.max(size, row + 1)
    },
    search(vector, k, accept) {
      checkUnitVector(vector, dimension)
      checkCount(k)
      if (size === 0) return []
      const scores = matrix.multiply(vector, size)
      const best = createTopK(Math.min(k, size))
      for (let row = 0; row < size; row++) {
        const score = scores[row]!
        if (score >= best.floor && (!accept || accept(ids[row]!))) best.offer(ids[row]!, score)
      }
      return best.sorted()
    },
    async save(path) {
      const file = await writeWhole(path, (temporary) => {
        const writer = createFileWriter(temporary)
        try {
          writer.append(toBytes(ids.subarray(0, size)))
          for (let row = 0; row < size; row++) writer.append(toBytes(matrix.row(row)))
          writer.finish()
        } finally {
          writer.abandon()
        }
      })
      return { kind: 'exact', encoderId, dimension, count: size, ...file }
    },
  }
}

const toBytes = (array: Uint32Array | Float32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/**
 * Read an index that `save` has written.
 * @throws {ModelError} if it holds vectors of another encoder or dimension.
 * @throws {CorruptError} if the file is missing or not the one that was sealed.
 */
export function loadExactIndex(
  path: string,
  seal: IndexSeal,
  expected: { encoderId: string; dimension: number },
): VectorIndex {
  checkSeal(path, seal, 'exact', expected)
  const { dimension, count, encoderId } = seal
  if (seal.bytes !== count * 4 * (1 + dimension)) {
    throw new CorruptError(
      `${path}: ${seal.bytes} bytes are not ${count} vectors of ${dimension} dimensions: rebuild the index`,
    )
  }
  verifySeal(path, seal)
  const bytes = new Uint8Array(readFileSync(path)).buffer
  const ids = new Uint32Array(bytes, 0, count)
  const matrix = new Float32Array(bytes, count * 4)
  const index = createExactIndex({ encoderId, dimension })
  ids.forEach((id, row) => {
    index.add(id, matrix.subarray(row * dimension, (row + 1) * dimension))
  })
  return index
}

/** @throws {ModelError | CorruptError} unless the seal is of this kind, encoder and dimension, with a count. */
export function checkSeal(
  path: string,
  seal: IndexSeal,
  kind: IndexSeal['kind'],
  expected: { encoderId: string; dimension: number },
): void {
  if (seal.kind !== kind)
    throw new CorruptError(`${path} is an index of kind ${seal.kind}, not ${kind}: rebuild the index`)
  if (seal.encoderId !== expected.encoderId) {
    throw new ModelError(
      `${path} was built with encoder ${seal.encoderId}, this is ${expected.encoderId}: rebuild the index`,
    )
  }
  if (seal.dimension !== expected.dimension) {
    throw new ModelError(
      `${path} holds vectors of ${seal.dimension} dimensions, not ${expected.dimension}: rebuild the index`,
    )
  }
  if (!(Number.isInteger(seal.count) && seal.count >= 0)) {
    throw new CorruptError(`${path}: the manifest says ${seal.count} vectors: rebuild the index`)
  }
}
