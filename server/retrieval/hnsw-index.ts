import hnswlib from 'hnswlib-node'
import { CorruptError, messageOf } from '../errors.ts'
import { checkSeal } from './exact-index.ts'
import { verifyGraphFile } from './graph-file.ts'
import { verifySeal, writeWhole } from './sealed-file.ts'
import {
  type Accept,
  byScore,
  checkCount,
  checkId,
  checkUnitVector,
  type IndexSeal,
  type Neighbour,
  type VectorIndex,
} from './vector-index.ts'

/** Links per node (hnswlib's default) and width of the search while building; both stand in the manifest. */
export const hnswParameters = { m: 16, efConstruction: 200, seed: 100 } as const
/** Width of the search unless measured otherwise: recall@10 of 0.999 at 30,000 sentences. */
const usualEf = 100
const firstCapacity = 1024

export interface HnswIndexOptions {
  readonly encoderId: string
  readonly dimension: number
  /** Width of the graph search: more finds more and takes longer. */
  readonly ef?: number
  /** Vectors to make room for; grows when there are more. */
  readonly capacity?: number
}

/** An HNSW index whose width of search can be set; {@link VectorIndex} otherwise. */
export interface HnswIndex extends VectorIndex {
  ef: number
}

/**
 * Approximate neighbours on a graph (Malkov & Yashunin 2018) by hnswlib, inner product on unit vectors.
 * Native code takes the process down for many mistakes that elsewhere are exceptions, so nothing unchecked reaches it:
 * no callback (filters are applied here), no bad id, no number that is not finite, no k above the count.
 */
export function createHnswIndex(options: HnswIndexOptions): HnswIndex {
  const native = new hnswlib.HierarchicalNSW('ip', options.dimension)
  const capacity = Math.max(1, options.capacity ?? firstCapacity)
  native.initIndex(capacity, hnswParameters.m, hnswParameters.efConstruction, hnswParameters.seed)
  return createOver(native, options)
}

/**
 * Read an index that `save` has written. Everything is compared before native code opens the file: hnswlib takes an
 * index of another dimension or space without a word, and gives wrong results.
 * @throws {ModelError} if it holds vectors of another encoder or dimension.
 * @throws {CorruptError} if the file is missing or not the one that was sealed.
 */
export function loadHnswIndex(
  path: string,
  seal: IndexSeal,
  expected: { encoderId: string; dimension: number },
): HnswIndex {
  checkSeal(path, seal, 'hnsw', expected)
  verifySeal(path, seal)
  verifyGraphFile(path, { dimension: seal.dimension, count: seal.count, m: hnswParameters.m })
  const native = new hnswlib.HierarchicalNSW('ip', seal.dimension)
  try {
    native.readIndexSync(path)
  } catch (cause) {
    throw new CorruptError(`${path} is no HNSW index (${messageOf(cause)}): rebuild the index`, { cause })
  }
  return createOver(native, { ...expected, ...(seal.ef === undefined ? {} : { ef: seal.ef }) })
}

function createOver(
  native: hnswlib.HierarchicalNSW,
  { encoderId, dimension, ef = usualEf }: HnswIndexOptions,
): HnswIndex {
  let width = ef
  /** The nearest `count` of all; hnswlib wants k ≤ count and, to be exact about the k-th, ef ≥ k. */
  function nearest(vector: number[], count: number): Neighbour[] {
    native.setEf(Math.max(width, count))
    const { neighbors, distances } = native.searchKnn(vector, count)
    return neighbors.map((id, i) => ({ id, score: 1 - distances[i]! })).sort(byScore)
  }

  return {
    dimension,
    get size() {
      return native.getCurrentCount()
    },
    get ef() {
      return width
    },
    set ef(value) {
      checkCount(value)
      width = value
    },
    add(id, vector) {
      checkId(id)
      checkUnitVector(vector, dimension)
      if (native.getCurrentCount() === native.getMaxElements())
        native.resizeIndex(2 * Math.max(1, native.getMaxElements()))
      native.addPoint(Array.from(vector), id)
    },
    search(vector, k, accept) {
      checkUnitVector(vector, dimension)
      checkCount(k)
      const size = native.getCurrentCount()
      if (size === 0) return []
      const query = Array.from(vector)
      const wanted = Math.min(k, size)
      return accept ? widen((count) => nearest(query, count), wanted, size, accept) : nearest(query, wanted)
    },
    async save(path) {
      const file = await writeWhole(path, (temporary) => {
        native.writeIndexSync(temporary) // reports success also where it could not write
        verifyGraphFile(temporary, { dimension, count: native.getCurrentCount(), m: hnswParameters.m })
      })
      return { kind: 'hnsw', encoderId, dimension, count: native.getCurrentCount(), ef: width, ...file }
    },
  }
}

/**
 * Ask for more and more neighbours until `wanted` of them are accepted or all were seen. Measured faster than hnswlib's own
 * filter, whose callback costs more than the distances, as long as at least a tenth of the vectors is accepted.
 */
function widen(nearest: (count: number) => Neighbour[], wanted: number, size: number, accept: Accept): Neighbour[] {
  for (let count = Math.min(size, 2 * wanted); ; ) {
    const accepted = nearest(count).filter(({ id }) => accept(id))
    if (accepted.length >= wanted || count === size) return accepted.slice(0, wanted)
    // As many as it takes if the share accepted stays the same, and half as many again.
    const enough = Math.ceil((1.5 * wanted * count) / Math.max(1, accepted.length))
    count = Math.min(size, Math.max(2 * count, enough))
  }
}
