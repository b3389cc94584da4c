import { dot } from '../math/vectors.ts'
import { createExactIndex } from './exact-index.ts'
import type { Selection } from './filters.ts'
import { createTopK } from './top-k.ts'
import type { VectorFile } from './vector-file.ts'
import { checkCount, checkUnitVector, type Neighbour, type VectorIndex } from './vector-index.ts'
import { createVectorMatrix } from './vector-matrix.ts'

/** One question's cosines; valid until the next search on the same vectors. */
export interface DenseHits {
  /** The nearest selected rows, best first, ties by row; `id` is the row. */
  readonly best: readonly Neighbour[]
  /** Cosine of any row, exact. */
  cosineOf(row: number): number
}

/** Vectors of one snapshot. */
export interface DenseSearch {
  /** @throws {RangeError} if `vector` is no unit vector of this dimension, or k no whole number from 1. */
  search(vector: Float32Array, k: number, selection: Selection): DenseHits
  close(): void
}

/** Up to this many selected rows, a scan is faster than a graph that has to walk around everything else. */
const narrowLimit = 8_192
/** A gathered selection of 8,192 × 384 takes 12.6 MB. */
const maxGathered = 2

/** All vectors in memory, every one compared. Reads all `rows` of the file and closes it. */
export function createScan(file: VectorFile, rows: number, dimension: number): DenseSearch {
  const matrix = createVectorMatrix(dimension, rows)
  const vector = new Float32Array(dimension)
  try {
    for (let row = 0; row < rows; row++) {
      file.read(row, vector)
      matrix.setRow(row, vector)
    }
  } finally {
    file.close()
  }
  return {
    search(query, k, { mask }) {
      checkUnitVector(query, dimension)
      checkCount(k)
      const scores = matrix.multiply(query, rows)
      const best = createTopK(Math.min(k, rows))
      for (let row = 0; row < rows; row++) {
        if (scores[row]! >= best.floor && (!mask || mask[row] === 1)) best.offer(row, scores[row]!)
      }
      return { best: best.sorted(), cosineOf: (row) => scores[row] ?? 0 }
    },
    close() {},
  }
}

/** A graph over all rows; selections of up to `narrow` rows are gathered once from the file and scanned. */
export function createGraphSearch(
  graph: VectorIndex,
  file: VectorFile,
  encoderId: string,
  narrow = narrowLimit,
): DenseSearch {
  const { dimension } = graph
  const one = new Float32Array(dimension)
  const gathered = new Map<Selection, VectorIndex>()

  function gather(selection: Selection, mask: Uint8Array): VectorIndex {
    const known = gathered.get(selection)
    if (known) return known
    const ids = Uint32Array.from(rowsIn(mask))
    const rows = createVectorMatrix(dimension, ids.length)
    ids.forEach((row, i) => {
      file.read(row, one)
      rows.setRow(i, one)
    })
    const index = createExactIndex({ encoderId, dimension, rows, ids })
    for (const oldest of gathered.keys()) {
      if (gathered.size < maxGathered) break
      gathered.delete(oldest)
    }
    gathered.set(selection, index)
    return index
  }
  function nearest(vector: Float32Array, k: number, selection: Selection): Neighbour[] {
    const { mask, count } = selection
    if (!mask) return graph.search(vector, k)
    if (count <= narrow) return gather(selection, mask).search(vector, k)
    return graph.search(vector, k, (row) => mask[row] === 1)
  }

  return {
    search(vector, k, selection) {
      return {
        best: nearest(vector, k, selection),
        cosineOf(row) {
          file.read(row, one)
          return dot(one, vector)
        },
      }
    },
    close: () => file.close(),
  }
}

function* rowsIn(mask: Uint8Array): Generator<number> {
  for (let row = 0; row < mask.length; row++) if (mask[row] === 1) yield row
}
