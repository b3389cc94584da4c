import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CorruptError, ModelError, StorageError } from '../../server/errors.ts'
import { dot } from '../../server/math/vectors.ts'
import type { IndexSeal, VectorIndex } from '../../server/retrieval/vector-index.ts'
import { temporaryFolder } from '../support/folder.ts'
import { unitVectors } from '../support/vectors.ts'

/** A way to keep vectors. `create` makes an empty index of encoder `test-encoder`. */
export interface VectorIndexCase {
  create(dimension: number): VectorIndex
  load(path: string, seal: IndexSeal, expected: { encoderId: string; dimension: number }): VectorIndex
}

const dimension = 24
const mine = { encoderId: 'test-encoder', dimension }
const vectors = unitVectors(2_000, dimension)
const queries = unitVectors(60, dimension, 2)

/** The truth, by the plainest code there is. */
function nearest(query: Float32Array, k: number, accept: (id: number) => boolean = () => true) {
  return vectors
    .map((vector, id) => ({ id, score: dot(vector, query) }))
    .filter(({ id }) => accept(id))
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, k)
}

/** One suite for every backend. `minRecall`: share of the true ten nearest that it has to find. */
export function vectorIndexContract(name: string, { create, load }: VectorIndexCase, minRecall: number): void {
  const filled = (): VectorIndex => {
    const index = create(dimension)
    vectors.forEach((vector, id) => {
      index.add(id, vector)
    })
    return index
  }
  const full = filled()
  const recall = (accept?: (id: number) => boolean): number => {
    const shares = queries.map((query) => {
      const truth = new Set(nearest(query, 10, accept).map(({ id }) => id))
      return full.search(query, 10, accept).filter(({ id }) => truth.has(id)).length / truth.size
    })
    return shares.reduce((sum, share) => sum + share, 0) / shares.length
  }

  describe(`${name} as a VectorIndex`, () => {
    it('knows its dimension and size', () => {
      expect(full).toMatchObject({ dimension, size: vectors.length })
      expect(create(dimension)).toMatchObject({ dimension, size: 0 })
    })

    it('finds nothing while it is empty', () => {
      expect(create(dimension).search(queries[0]!, 5)).toEqual([])
    })

    it.each([
      ['another dimension', unitVectors(1, dimension + 1)[0]!],
      ['NaN', vectors[0]!.map((value, i) => (i === 3 ? Number.NaN : value))],
      ['infinity', vectors[0]!.map((value, i) => (i === 3 ? Number.POSITIVE_INFINITY : value))],
      ['zero length', new Float32Array(dimension)],
      ['length 2', vectors[0]!.map((value) => 2 * value)],
    ])('refuses a vector with %s, to keep and to search for', (_, vector) => {
      const index = create(dimension)
      expect(() => index.add(1, vector)).toThrow(RangeError)
      expect(index.size).toBe(0)
      expect(() => full.search(vector, 5)).toThrow(RangeError)
    })

    it('refuses what is no Float32Array', () => {
      // The casts stand for callers without types.
      expect(() => create(2).add(1, ['1', 'x'] as never)).toThrow(RangeError)
      expect(() => create(2).search([1, undefined] as never, 1)).toThrow(RangeError)
    })

    it.each([-1, 2 ** 40, 2 ** 32, 1.7, Number.NaN])('refuses id %s, which uint32 cannot hold', (id) => {
      const index = create(dimension)
      expect(() => index.add(id, vectors[0]!)).toThrow(RangeError)
      expect(index.size).toBe(0)
    })

    it('takes the highest id', () => {
      const index = create(dimension)
      index.add(2 ** 32 - 1, vectors[0]!)
      expect(index.search(vectors[0]!, 1)[0]!.id).toBe(2 ** 32 - 1)
    })

    it.each([0, -1, 1.5, Number.NaN])('refuses k = %s', (k) => {
      expect(() => full.search(queries[0]!, k)).toThrow(RangeError)
    })

    it('returns everything when k exceeds the count', () => {
      const index = create(dimension)
      vectors.slice(0, 7).forEach((vector, id) => {
        index.add(id, vector)
      })
      expect(
        index
          .search(queries[0]!, 1_000)
          .map(({ id }) => id)
          .sort(),
      ).toEqual([0, 1, 2, 3, 4, 5, 6])
    })

    it('scores by cosine, best first, ties by id', () => {
      const index = create(dimension)
      for (const id of [9, 4, 7]) index.add(id, vectors[0]!)
      index.add(1, vectors[1]!)
      const found = index.search(vectors[0]!, 4)
      expect(found.map(({ id }) => id)).toEqual([4, 7, 9, 1])
      expect(found[0]!.score).toBeCloseTo(1, 5)
      expect(found[3]!.score).toBeCloseTo(dot(vectors[0]!, vectors[1]!), 5)
    })

    it('replaces a vector whose id comes again', () => {
      const index = create(dimension)
      index.add(5, vectors[0]!)
      index.add(5, vectors[1]!)
      expect(index.size).toBe(1)
      expect(index.search(vectors[1]!, 3)).toEqual([{ id: 5, score: expect.closeTo(1, 5) }])
    })

    it(`finds at least ${minRecall} of the true neighbours`, () => {
      expect(recall()).toBeGreaterThanOrEqual(minRecall)
    })

    it.each([
      ['half', (id: number) => id % 2 === 0],
      ['every 20th', (id: number) => id % 20 === 0],
      ['ten', (id: number) => id % 200 === 0],
    ])('finds them as well when %s may be returned', (_, accept) => {
      expect(queries.every((query) => full.search(query, 10, accept).every(({ id }) => accept(id)))).toBe(true)
      expect(full.search(queries[0]!, 10, accept)).toHaveLength(10)
      expect(recall(accept)).toBeGreaterThanOrEqual(minRecall)
    })

    it('finds nothing when nothing is accepted', () => {
      expect(full.search(queries[0]!, 10, () => false)).toEqual([])
    })

    it('hands on what a filter throws, and lives', () => {
      const fails = () => {
        throw new Error('the filter failed')
      }
      expect(() => full.search(queries[0]!, 10, fails)).toThrow('the filter failed')
      expect(full.search(vectors[3]!, 1)[0]!.id).toBe(3)
    })

    it('answers the same after it was saved and loaded', async () => {
      const path = join(temporaryFolder(), 'vectors')
      const seal = await full.save(path)
      expect(seal).toMatchObject({ encoderId: 'test-encoder', dimension, count: vectors.length })
      const loaded = load(path, seal, mine)
      expect(loaded.size).toBe(full.size)
      for (const query of queries) expect(loaded.search(query, 10)).toEqual(full.search(query, 10))
      loaded.add(7_000, queries[0]!)
      expect(loaded.search(queries[0]!, 1)[0]!.id).toBe(7_000)
    })

    it('can be saved and loaded empty', async () => {
      const path = join(temporaryFolder(), 'vectors')
      const loaded = load(path, await create(dimension).save(path), mine)
      expect(loaded.search(queries[0]!, 3)).toEqual([])
      loaded.add(1, vectors[0]!)
      expect(loaded.size).toBe(1)
    })

    it('leaves nothing behind where it cannot be saved', async () => {
      const folder = temporaryFolder()
      await expect(full.save(join(folder, 'missing', 'vectors'))).rejects.toThrow(StorageError)
      writeFileSync(join(folder, 'file'), '')
      await expect(full.save(join(folder, 'file', 'vectors'))).rejects.toThrow(StorageError)
      expect(readdirSync(folder)).toEqual(['file'])
    })

    it('refuses a file of another encoder, dimension or kind', async () => {
      const path = join(temporaryFolder(), 'vectors')
      const seal = await full.save(path)
      expect(() => load(path, seal, { ...mine, encoderId: 'other' })).toThrow(ModelError)
      expect(() => load(path, seal, { ...mine, dimension: 12 })).toThrow(ModelError)
      expect(() => load(path, { ...seal, kind: seal.kind === 'hnsw' ? 'exact' : 'hnsw' }, mine)).toThrow(CorruptError)
    })

    it('refuses a file whose content is not of the dimension that its seal claims', async () => {
      const path = join(temporaryFolder(), 'vectors')
      const seal = await full.save(path)
      expect(() => load(path, { ...seal, dimension: 12 }, { ...mine, dimension: 12 })).toThrow(CorruptError)
      expect(() => load(path, { ...seal, count: seal.count - 1 }, mine)).toThrow(CorruptError)
    })

    it('refuses a file that is missing, cut off or altered', async () => {
      const path = join(temporaryFolder(), 'vectors')
      const seal = await full.save(path)
      const bytes = readFileSync(path)
      const altered = Buffer.from(bytes)
      altered[altered.length >> 1]! ^= 1
      writeFileSync(path, altered)
      expect(() => load(path, seal, mine)).toThrow(CorruptError)
      writeFileSync(path, bytes)
      truncateSync(path, bytes.length - 1)
      expect(() => load(path, seal, mine)).toThrow(CorruptError)
      expect(existsSync(path)).toBe(true)
      expect(() => load(`${path}.none`, seal, mine)).toThrow(CorruptError)
    })
  })
}
