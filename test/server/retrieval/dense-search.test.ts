import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CorruptError } from '../../../server/errors.ts'
import { createGraphSearch, createScan } from '../../../server/retrieval/dense-search.ts'
import { createHnswIndex } from '../../../server/retrieval/hnsw-index.ts'
import { leastRecall, tuneRecall } from '../../../server/retrieval/recall.ts'
import { openVectorFile } from '../../../server/retrieval/vector-file.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { unitVectors } from '../../support/vectors.ts'

const dimension = 32
const vectors = unitVectors(1_500, dimension)
const path = join(temporaryFolder(), 'vectors.f32')
writeFileSync(path, Buffer.concat(vectors.map((vector) => new Uint8Array(vector.buffer))))

function graphOf(list: readonly Float32Array[]) {
  const index = createHnswIndex({ encoderId: 'e', dimension })
  list.forEach((vector, row) => {
    index.add(row, vector)
  })
  return index
}
const queries = unitVectors(30, dimension, 8)
const selectionOf = (accept: (row: number) => boolean) => {
  const mask = Uint8Array.from(vectors, (_, row) => Number(accept(row)))
  return { mask, count: mask.reduce((sum, bit) => sum + bit, 0) }
}

describe('searching by graph', () => {
  const scan = createScan(openVectorFile(path, dimension), vectors.length, dimension)
  const graph = graphOf(vectors)
  graph.ef = 400
  const narrow = createGraphSearch(graph, openVectorFile(path, dimension), 'e')
  const wide = createGraphSearch(graph, openVectorFile(path, dimension), 'e', 0)
  const selections = [
    { count: vectors.length },
    selectionOf((row) => row % 3 > 0),
    selectionOf((row) => row < 30),
    selectionOf(() => false),
  ]

  it.each([
    ['gathered', narrow],
    ['walked', wide],
  ])('finds what a scan finds, selections %s', (_, search) => {
    for (const selection of selections) {
      let [found, all] = [0, 0]
      for (const query of queries) {
        const truth = new Set(scan.search(query, 10, selection).best.map(({ id }) => id))
        found += search.search(query, 10, selection).best.filter(({ id }) => truth.has(id)).length
        all += truth.size
      }
      expect(found).toBeGreaterThanOrEqual(0.98 * all)
    }
  })

  it('gives the cosine of any row', () => {
    const [query] = queries as [Float32Array]
    const [a, b] = [scan.search(query, 5, { count: 1_500 }), narrow.search(query, 5, { count: 1_500 })]
    for (const row of [0, 7, 1_499]) expect(a.cosineOf(row)).toBeCloseTo(b.cosineOf(row), 6)
  })
})

describe('tuning the width of search', () => {
  it('takes the least that finds enough', () => {
    const index = graphOf(vectors)
    const { ef, recallAt10 } = tuneRecall(index, openVectorFile(path, dimension))
    expect(index.ef).toBe(ef)
    expect(recallAt10).toBeGreaterThanOrEqual(leastRecall)
  })

  it('measures passages and questions under filters of several shares', () => {
    const questions = unitVectors(20, dimension, 5)
    const { recallAt10, recall } = tuneRecall(graphOf(vectors), openVectorFile(path, dimension), questions)
    expect(recall.map(({ passages }) => passages).slice(0, 1)).toEqual([1_500])
    expect(recall.map(({ share }) => Math.round(100 * share) / 100)).toEqual([
      1,
      expect.closeTo(0.5, 1),
      expect.closeTo(0.2, 1),
      expect.closeTo(0.05, 1),
      expect.closeTo(0.01, 1),
    ])
    expect(recallAt10).toBe(Math.min(...recall.flatMap(({ sampled, questions }) => [sampled, questions!])))
  })

  it('counts equal vectors as found, whichever of them comes', () => {
    const twins = Array.from({ length: 300 }, (_, i) => vectors[i % 3]!)
    const file = join(temporaryFolder(), 'twins')
    writeFileSync(file, Buffer.concat(twins.map((vector) => new Uint8Array(vector.buffer))))
    expect(tuneRecall(graphOf(twins), openVectorFile(file, dimension)).recallAt10).toBe(1)
  })

  it('refuses a graph that does not hold the vectors of the file', () => {
    const others = graphOf(unitVectors(1_500, dimension, 77))
    expect(() => tuneRecall(others, openVectorFile(path, dimension))).toThrow(CorruptError)
  })
})
