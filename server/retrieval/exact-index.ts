import { readFileSync, writeFileSync } from 'node:fs'
import { CorruptError, ModelError } from '../errors.ts'
import { verifySeal, writeWhole } from './sealed-file.ts'
import { multiply } from './similarity.ts'
import { createTopK } from './top-k.ts'
import { checkCount, checkId, checkUnitVector, type IndexSeal, type VectorIndex } from './vector-index.ts'

export interface ExactIndexOptions {
  readonly encoderId: string
  readonly dimension: number
  /** Rows to start with; used in place, not copied, and trusted to hold unit vectors. */
  readonly rows?: Float32Array
  /** Their ids; 0, 1, 2 … unless given. */
  readonly ids?: Uint32Array
}

/**
 * Compares the query with every vector: always right, and below a few thousand vectors also faster than a graph.
 * Serves small corpora and deltas, and is the oracle for every other index.
 */
export function createExactIndex({ encoderId, dimension, rows, ids: rowIds }: ExactIndexOptions): VectorIndex {
  let matrix = rows ?? new Float32Array(16 * dimension)
  let size = rows ? rows.length / dimension : 0
  let ids = rowIds ?? Uint32Array.from({ length: matrix.length / dimension }, (_, row) => row)
  let scores = new Float64Array(ids.length)
  /** Only built by the first `add`: rows that came with the index are numbered by themselves. */
  let rowOf: Map<number, number> | undefined

  function grow(): void {
    const capacity = Math.max(16, 2 * ids.length)
    const [widerMatrix, widerIds] = [new Float32Array(capacity * dimension), new Uint32Array(capacity)]
    widerMatrix.set(matrix.subarray(0, size * dimension))
    widerIds.set(ids.subarray(0, size))
    matrix = widerMatrix
    ids = widerIds
    scores = new Float64Array(capacity)
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
      if (row === ids.length) grow()
      matrix.set(vector, row * dimension)
      ids[row] = id
      rowOf.set(id, row)
      size = Math.max(size, row + 1)
    },
    search(vector, k, accept) {
      checkUnitVector(vector, dimension)
      checkCount(k)
      if (size === 0) return []
      multiply(matrix, vector, size, scores)
      const best = createTopK(Math.min(k, size))
      for (let row = 0; row < size; row++) {
        const score = scores[row]!
        if (score >= best.floor && (!accept || accept(ids[row]!))) best.offer(ids[row]!, score)
      }
      return best.sorted()
    },
    async save(path) {
      const used = Buffer.concat([
        new Uint8Array(ids.buffer, 0, size * 4),
        new Uint8Array(matrix.buffer, matrix.byteOffset, size * dimension * 4),
      ])
      const file = await writeWhole(path, (temporary) => writeFileSync(temporary, used))
      return { kind: 'exact', encoderId, dimension, count: size, ...file }
    },
  }
}

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
