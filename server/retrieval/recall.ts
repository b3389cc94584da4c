import { CorruptError } from '../errors.ts'
import { createRandom } from '../math/random.ts'
import type { HnswIndex } from './hnsw-index.ts'
import { createTopK, type TopK } from './top-k.ts'
import type { VectorFile } from './vector-file.ts'
import type { Neighbour, VectorIndex } from './vector-index.ts'
import { createVectorMatrix } from './vector-matrix.ts'

const depth = 10
const samples = 200
const seed = 17
/** Least recall@10 a graph has to reach; the search is widened until it does. */
export const leastRecall = 0.98
/** Above it, as sampled rows are found more easily than questions: 0.998 against 0.982 at 30,000 sentences and width 32. */
const wantedRecall = 0.99
// From 100 on, as the retriever asks for 100 neighbours and hnswlib then looks at no fewer.
const widths = [100, 150, 200, 300, 400, 600, 800, 1_200]
const blockRows = 4_096

/**
 * Set the least width of search that finds 0.99 of the true neighbours of sampled rows (each row's own vector left out).
 * @throws {CorruptError} if even the widest finds less than {@link leastRecall}.
 */
export function tuneRecall(index: HnswIndex, file: VectorFile): { ef: number; recallAt10: number } {
  const rows = sampleRows(index.size)
  const queries = rows.map((row) => readRow(file, row, index.dimension))
  const truth = exactNeighbours(queries, rows, file, index)
  let recallAt10 = 0
  for (const ef of widths) {
    index.ef = ef
    recallAt10 = meanRecall(index, queries, rows, truth)
    if (recallAt10 >= wantedRecall) return { ef, recallAt10 }
  }
  if (recallAt10 >= leastRecall) return { ef: index.ef, recallAt10 }
  throw new CorruptError(
    `the graph finds only ${recallAt10.toFixed(3)} of the true neighbours: the index was not published`,
  )
}

function sampleRows(size: number): number[] {
  const random = createRandom(seed)
  const rows = new Set<number>()
  while (rows.size < Math.min(samples, size)) rows.add(Math.floor(random() * size))
  return [...rows].sort((a, b) => a - b)
}

function readRow(file: VectorFile, row: number, dimension: number): Float32Array {
  const vector = new Float32Array(dimension)
  file.read(row, vector)
  return vector
}

/** The true neighbours of each query, from one pass over the file. */
function exactNeighbours(
  queries: readonly Float32Array[],
  own: readonly number[],
  file: VectorFile,
  index: VectorIndex,
): Neighbour[][] {
  const best: TopK[] = queries.map(() => createTopK(depth))
  const block = createVectorMatrix(index.dimension, Math.min(blockRows, index.size))
  for (let first = 0; first < index.size; first += blockRows) {
    const rows = Math.min(blockRows, index.size - first)
    for (let row = 0; row < rows; row++) block.setRow(row, readRow(file, first + row, index.dimension))
    queries.forEach((query, i) => {
      const scores = block.multiply(query, rows)
      for (let row = 0; row < rows; row++) if (first + row !== own[i]) best[i]!.offer(first + row, scores[row]!)
    })
  }
  return best.map((top) => top.sorted())
}

/** A row as near as the last true neighbour counts as found: texts that occur twice have equal vectors. */
function meanRecall(
  index: VectorIndex,
  queries: readonly Float32Array[],
  own: readonly number[],
  truth: Neighbour[][],
): number {
  let sum = 0
  queries.forEach((query, i) => {
    const worst = (truth[i]!.at(-1)?.score ?? -1) - 1e-5
    const found = index
      .search(query, depth + 1)
      .filter(({ id }) => id !== own[i])
      .slice(0, depth)
    sum += found.filter(({ score }) => score >= worst).length / truth[i]!.length
  })
  return sum / queries.length
}
