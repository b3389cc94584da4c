import { createExactIndex } from './exact-index.ts'
import type { Selection } from './filters.ts'
import { dotRow } from './similarity.ts'
import type { VectorFile } from './vector-file.ts'
import type { Neighbour, VectorIndex } from './vector-index.ts'

/** Vectors of one snapshot; ids are rows. */
export interface DenseSearch {
  /** The `k` selected rows nearest to a unit vector, best first, ties by row. @throws {RangeError} for a bad vector. */
  nearest(vector: Float32Array, k: number, selection: Selection): Neighbour[]
  /** Cosine of one row, exact. `vector` was already searched for, so it is not checked again. */
  cosine(vector: Float32Array, row: number): number
  close(): void
}

/** Up to this many selected rows a scan is faster than a graph that has to walk around everything else. */
const narrowLimit = 4_096
/** A gathered selection of 4,096 × 384 takes 6 MB. */
const maxGathered = 4

/** All vectors in memory, every one compared. */
export function createScan(matrix: Float32Array, encoderId: string, dimension: number): DenseSearch {
  const index = createExactIndex({ encoderId, dimension, rows: matrix })
  return {
    nearest: (vector, k, { mask }) => index.search(vector, k, mask && ((row) => mask[row] === 1)),
    cosine: (vector, row) => dotRow(matrix, row, vector),
    close() {},
  }
}

/** A graph over all rows; narrow selections are gathered once from the file and scanned. */
export function createGraphSearch(graph: VectorIndex, file: VectorFile, encoderId: string): DenseSearch {
  const { dimension } = graph
  const row1 = new Float32Array(dimension)
  const gathered = new Map<Selection, VectorIndex>()

  function gather(selection: Selection, mask: Uint8Array): VectorIndex {
    const known = gathered.get(selection)
    if (known) return known
    const ids = new Uint32Array(selection.count)
    const rows = new Float32Array(selection.count * dimension)
    let next = 0
    mask.forEach((selected, row) => {
      if (selected === 0) return
      ids[next] = row
      file.read(row, rows.subarray(next * dimension, ++next * dimension))
    })
    const index = createExactIndex({ encoderId, dimension, rows, ids })
    for (const oldest of gathered.keys()) {
      if (gathered.size < maxGathered) break
      gathered.delete(oldest)
    }
    gathered.set(selection, index)
    return index
  }

  return {
    nearest(vector, k, selection) {
      const { mask, count } = selection
      if (!mask) return graph.search(vector, k)
      if (count <= narrowLimit) return gather(selection, mask).search(vector, k)
      return graph.search(vector, k, (row) => mask[row] === 1)
    },
    cosine(vector, row) {
      file.read(row, row1)
      return dotRow(row1, 0, vector)
    },
    close: () => file.close(),
  }
}
