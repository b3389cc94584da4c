import { CorruptError } from '../errors.ts'
import { createRandom } from '../math/random.ts'
import { mean } from '../math/statistics.ts'
import { createGraphSearch, createScan, type DenseSearch } from './dense-search.ts'
import type { Selection } from './filters.ts'
import type { HnswIndex } from './hnsw-index.ts'
import { createTopK, type TopK } from './top-k.ts'
import type { VectorFile } from './vector-file.ts'
import type { Neighbour } from './vector-index.ts'
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
/** Shares of the rows that a filter leaves. */
const shares = [1, 0.5, 0.2, 0.05, 0.01]

/** Share of the true ten nearest that a search finds under filters that leave this share of the passages. */
export interface RecallUnderFilter {
  readonly share: number
  /** Passages that the filter leaves. */
  readonly passages: number
  /** Over sampled passages, each one's own vector left out. */
  readonly sampled: number
  /** Over questions; absent if there were none to measure with. */
  readonly questions?: number | undefined
}

interface Probe {
  readonly vector: Float32Array
  /** The row that the vector is of; −1 for a question. */
  readonly own: number
}

/**
 * Set the least width of search that finds 0.99 of the true neighbours of sampled rows (each row's own vector left out) and of
 * questions, under no filter and under filters of several shares.
 * @param questions unit vectors of real questions, if there are any.
 * @returns the width, the least of all recalls, and each of them.
 * @throws {CorruptError} if even the widest finds less than {@link leastRecall}.
 */
export function tuneRecall(
  index: HnswIndex,
  file: VectorFile,
  questions: readonly Float32Array[] = [],
): { ef: number; recallAt10: number; recall: readonly RecallUnderFilter[] } {
  const measure = createMeasure(index, file, questions)
  for (const ef of widths) {
    index.ef = ef
    const { recall, recallAt10 } = measure()
    if (recallAt10 >= wantedRecall || (ef === widths.at(-1) && recallAt10 >= leastRecall))
      return { ef, recallAt10, recall }
    if (ef === widths.at(-1))
      throw new CorruptError(
        `the graph finds only ${recallAt10.toFixed(3)} of the true neighbours: the index was not published`,
      )
  }
  throw new RangeError('there is no width to try')
}

/** What an index finds at the width it has. @param questions as for {@link tuneRecall}. */
export const measureRecall = (index: HnswIndex, file: VectorFile, questions: readonly Float32Array[] = []) =>
  createMeasure(index, file, questions)()

/** Changes over an index: rows that are gone, and vectors that came, numbered behind its own. */
export interface Changes {
  readonly removed: readonly number[]
  readonly file: VectorFile
  readonly count: number
}

/** What an index and the changes over it find together, among the rows that are left. */
export function measureWithChanges(index: HnswIndex, file: VectorFile, { removed, ...added }: Changes) {
  const { size, dimension } = index
  const both: Rows = {
    ...{ size: size + added.count, dimension },
    file: {
      read: (row, into) => (row < size ? file.read(row, into) : added.file.read(row - size, into)),
      close() {},
    },
  }
  const gone = new Set(removed)
  const left = Uint8Array.from({ length: both.size }, (_, row) => (gone.has(row) ? 0 : 1))
  const [below, above] = [
    createGraphSearch(index, file, 'recall'),
    createScan({ ...added.file, close() {} }, added.count, dimension),
  ]
  return measureOf(both, besides(below, above, size), [], left)()
}

/** The hits of both, those of the second behind `size` rows of the first. */
function besides(below: DenseSearch, above: DenseSearch, size: number): Pick<DenseSearch, 'search'> {
  const halves = new WeakMap<Selection, readonly [Selection, Selection]>()
  const halvesOf = (selection: Selection): readonly [Selection, Selection] => {
    const mask = selection.mask ?? new Uint8Array(0)
    const half = (part: Uint8Array): Selection => ({ mask: part, count: part.reduce((sum, one) => sum + one, 0) })
    const known = halves.get(selection) ?? ([half(mask.subarray(0, size)), half(mask.subarray(size))] as const)
    halves.set(selection, known)
    return known
  }
  return {
    search(vector, k, selection) {
      const [first, second] = halvesOf(selection)
      const hits = below.search(vector, k, first)
      const more = above.search(vector, k, second).best.map(({ id, score }) => ({ id: id + size, score }))
      const best = [...hits.best, ...more].sort((a, b) => b.score - a.score || a.id - b.id).slice(0, k)
      return { best, cosineOf: hits.cosineOf }
    },
  }
}

interface Rows {
  readonly size: number
  readonly dimension: number
  readonly file: VectorFile
}

const createMeasure = (index: HnswIndex, file: VectorFile, questions: readonly Float32Array[]) =>
  measureOf({ size: index.size, dimension: index.dimension, file }, createGraphSearch(index, file, 'recall'), questions)

/**
 * Looks for the true neighbours once; the result measures what the search finds at its width of that moment.
 * @param left per row 1, or 0 for one that is gone; absent if none is.
 */
function measureOf(
  rows: Rows,
  search: Pick<DenseSearch, 'search'>,
  questions: readonly Float32Array[],
  left?: Uint8Array,
) {
  const probes: Probe[] = [
    ...sampleRows(rows.size)
      .filter((row) => left?.[row] !== 0)
      .map((own) => ({ own, vector: readRow(rows, own) })),
    ...questions.map((vector) => ({ own: -1, vector })),
  ]
  const selections = selectionsOf(rows.size, left)
  const truth = exactNeighbours(probes, selections, rows)
  const ofProbes = (at: number, which: (probe: Probe) => boolean): number => {
    const found = probes.flatMap((probe, i) => {
      if (!which(probe)) return []
      const { best } = search.search(probe.vector, depth + 1, selections[at]!)
      return [shareFound(best, truth[at]![i]!, probe)]
    })
    return mean(found)
  }
  const live = selections[0]?.count ?? 0
  return (): { recall: readonly RecallUnderFilter[]; recallAt10: number } => {
    const recall = selections.map(({ count }, at) => ({
      ...{ share: count / live, passages: count },
      sampled: ofProbes(at, ({ own }) => own >= 0),
      ...(questions.length > 0 && { questions: ofProbes(at, ({ own }) => own < 0) }),
    }))
    return { recall, recallAt10: Math.min(...recall.flatMap((one) => [one.sampled, one.questions ?? 1])) }
  }
}

function sampleRows(size: number): number[] {
  const random = createRandom(seed)
  const rows = new Set<number>()
  while (rows.size < Math.min(samples, size)) rows.add(Math.floor(random() * size))
  return [...rows].sort((a, b) => a - b)
}

/** All rows that are left, and random ones of them; shares that leave fewer than the neighbours sought say nothing and are left out. */
function selectionsOf(size: number, left: Uint8Array | undefined): Selection[] {
  const random = createRandom(seed + 1)
  const countOf = (mask: Uint8Array): number => mask.reduce((sum, one) => sum + one, 0)
  return shares.flatMap((share): Selection[] => {
    if (share === 1) return [left ? { mask: left, count: countOf(left) } : { count: size }]
    const mask = Uint8Array.from({ length: size }, (_, row) => (random() < share && left?.[row] !== 0 ? 1 : 0))
    const count = countOf(mask)
    return count > depth ? [{ mask, count }] : []
  })
}

function readRow({ file, dimension }: Pick<Rows, 'file' | 'dimension'>, row: number): Float32Array {
  const vector = new Float32Array(dimension)
  file.read(row, vector)
  return vector
}

/** The true neighbours by selection and probe, from one pass over the file. */
function exactNeighbours(probes: readonly Probe[], selections: readonly Selection[], all: Rows): Neighbour[][][] {
  const { size, dimension } = all
  const best: TopK[][] = selections.map(() => probes.map(() => createTopK(depth)))
  const block = createVectorMatrix(dimension, Math.min(blockRows, size))
  for (let first = 0; first < size; first += blockRows) {
    const rows = Math.min(blockRows, size - first)
    for (let row = 0; row < rows; row++) block.setRow(row, readRow(all, first + row))
    probes.forEach(({ vector, own }, i) => {
      const scores = block.multiply(vector, rows)
      selections.forEach(({ mask }, at) => {
        const top = best[at]![i]!
        for (let row = 0; row < rows; row++)
          if (first + row !== own && (!mask || mask[first + row] === 1)) top.offer(first + row, scores[row]!)
      })
    })
  }
  return best.map((tops) => tops.map((top) => top.sorted()))
}

/** A row as near as the last true neighbour counts as found: texts that occur twice have equal vectors. */
function shareFound(best: readonly Neighbour[], truth: readonly Neighbour[], { own }: Probe): number {
  const worst = (truth.at(-1)?.score ?? -1) - 1e-5
  const found = best.filter(({ id }) => id !== own).slice(0, depth)
  return found.filter(({ score }) => score >= worst).length / truth.length
}
