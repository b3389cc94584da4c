import { createHash } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CorruptError } from '../../../server/errors.ts'
import { verifyGraphFile } from '../../../server/retrieval/graph-file.ts'
import { createHnswIndex, loadHnswIndex } from '../../../server/retrieval/hnsw-index.ts'
import { vectorIndexContract } from '../../contracts/vector-index.contract.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { unitVectors } from '../../support/vectors.ts'

const create = (dimension: number) => createHnswIndex({ encoderId: 'test-encoder', dimension })
vectorIndexContract('HNSW index', { create, load: loadHnswIndex }, 0.98)

const shape = { dimension: 8, count: 200, m: 16 }
async function savedGraph() {
  const index = create(shape.dimension)
  unitVectors(shape.count, shape.dimension).forEach((vector, id) => {
    index.add(id, vector)
  })
  const path = join(temporaryFolder(), 'graph')
  return { path, index, seal: await index.save(path) }
}

describe('an HNSW index', () => {
  it('grows beyond the room it began with', () => {
    const index = createHnswIndex({ encoderId: 'e', dimension: 8, capacity: 1 })
    unitVectors(50, 8).forEach((vector, id) => {
      index.add(id, vector)
    })
    expect(index.size).toBe(50)
  })

  it('keeps its width of search in the seal, as the file forgets it', async () => {
    const { path, index } = await savedGraph()
    index.ef = 321
    const seal = await index.save(path)
    expect(seal.ef).toBe(321)
    expect(loadHnswIndex(path, seal, { encoderId: 'test-encoder', dimension: 8 }).ef).toBe(321)
    expect(() => (index.ef = 0)).toThrow(RangeError)
  })

  it('refuses a well-sealed file that hnswlib would load and misread', async () => {
    const { path, seal } = await savedGraph()
    const bytes = readFileSync(path)
    for (const at of [0, 16, 24, 32, 40, 56, 64, 72]) {
      const altered = Buffer.from(bytes)
      altered[at]! ^= 4
      writeFileSync(path, altered)
      const sha256 = createHash('sha256').update(altered).digest('hex')
      const load = () => loadHnswIndex(path, { ...seal, sha256 }, { encoderId: 'test-encoder', dimension: 8 })
      expect(load, `byte ${at}`).toThrow(CorruptError)
    }
  })
})

describe('the shape of a graph file', () => {
  it('is right for what was written, and for nothing else', async () => {
    const { path } = await savedGraph()
    verifyGraphFile(path, shape)
    expect(() => verifyGraphFile(path, { ...shape, dimension: 9 })).toThrow('dimensions')
    expect(() => verifyGraphFile(path, { ...shape, count: 199 })).toThrow('199')
    expect(() => verifyGraphFile(path, { ...shape, m: 8 })).toThrow('links')
  })

  it('is not right when the end is missing, as after a full disk', async () => {
    const { path } = await savedGraph()
    const { length } = readFileSync(path)
    for (const left of [length - 1, length - 4, length - 900, length >> 1, 96, 95, 1, 0]) {
      truncateSync(path, left)
      expect(() => verifyGraphFile(path, shape), `${left} bytes left`).toThrow(CorruptError)
    }
    expect(() => verifyGraphFile(`${path}.none`, shape)).toThrow(CorruptError)
  })
})
