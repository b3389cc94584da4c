/** Highest id an index can hold: hnswlib keeps labels as uint32 and silently wraps everything else. */
export const maxId = 2 ** 32 - 1

export interface Neighbour {
  readonly id: number
  /** Cosine, −1 to 1. */
  readonly score: number
}

/** Which ids may be returned. It is always called from JavaScript, so it may throw: the search then throws the same. */
export type Accept = (id: number) => boolean

/** What a saved index is; kept by whoever keeps the file, and compared before native code opens it. */
export interface IndexSeal {
  readonly kind: 'exact' | 'hnsw'
  /** The encoder whose vectors these are; vectors of different encoders never meet. */
  readonly encoderId: string
  readonly dimension: number
  readonly count: number
  readonly bytes: number
  /** Of the file, hexadecimal. */
  readonly sha256: string
  /** Width of the graph search that gives the wanted recall; hnswlib forgets it in the file. Absent for an exact index. */
  readonly ef?: number
}

/** Nearest unit vectors by cosine. Implementations pass `test/contracts/vector-index.contract.ts`. */
export interface VectorIndex {
  readonly dimension: number
  readonly size: number
  /**
   * Add a vector, or replace the one that has this id.
   * @param id whole number, 0 to 2³² − 1.
   * @param vector `dimension` finite numbers of length 1 (± 0.001).
   * @throws {RangeError} for any other id or vector; the index is then unchanged.
   */
  add(id: number, vector: Float32Array): void
  /**
   * The `k` nearest accepted ids, fewer if there are fewer; best first, ties by id.
   * @param k whole number from 1; more than `size` is no error.
   * @throws {RangeError} for a bad query vector or k.
   */
  search(vector: Float32Array, k: number, accept?: Accept): Neighbour[]
  /**
   * Write the index to `path`: under a temporary name, checked, synced, renamed. What stood there before stays until then.
   * @throws {StorageError} if it cannot be written.
   */
  save(path: string): Promise<IndexSeal>
}

/** @throws {RangeError} unless `id` is a whole number from 0 to 2³² − 1. */
export function checkId(id: number): void {
  if (!(Number.isInteger(id) && id >= 0 && id <= maxId)) {
    throw new RangeError(`an id has to be a whole number from 0 to ${maxId}, not ${id}`)
  }
}

/** @throws {RangeError} unless `k` is a whole number from 1. */
export function checkCount(k: number): void {
  if (!(Number.isSafeInteger(k) && k >= 1)) throw new RangeError(`k has to be a whole number from 1, not ${k}`)
}

/** @throws {RangeError} unless `vector` holds `dimension` finite numbers and has length 1, give or take 0.001. */
export function checkUnitVector(vector: Float32Array, dimension: number): void {
  if (!(vector instanceof Float32Array)) throw new RangeError('a vector has to be a Float32Array')
  if (vector.length !== dimension) {
    throw new RangeError(`a vector has to have ${dimension} dimensions, not ${vector.length}`)
  }
  let squares = 0
  for (let i = 0; i < dimension; i++) squares += vector[i]! * vector[i]!
  // NaN and infinity both fail this comparison.
  if (!(Math.abs(Math.sqrt(squares) - 1) <= 1e-3)) {
    throw new RangeError(`a vector has to have length 1, not ${Math.sqrt(squares)}`)
  }
}

/** Best first, ties by id, so that a rerun prints the same list. */
export const byScore = (a: Neighbour, b: Neighbour): number => b.score - a.score || a.id - b.id
