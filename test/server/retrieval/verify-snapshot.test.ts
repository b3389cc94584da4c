import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CorruptError } from '../../../server/errors.ts'
import { readManifest } from '../../../server/retrieval/manifest.ts'
import { writeSnapshot } from '../../../server/retrieval/snapshot-writer.ts'
import { verifySnapshot } from '../../../server/retrieval/verify-snapshot.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testDimension, testPassages } from '../../support/passages.ts'

const encoderId = 'test-encoder'
const passages = testPassages(60)

async function written(exactLimit: number): Promise<string> {
  const dir = join(temporaryFolder(), 'g')
  const questions = passages.slice(0, 5).map(({ unitVectors }) => unitVectors.slice(0, testDimension))
  await writeSnapshot(dir, passages, { generation: 1, encoderId, dimension: testDimension, exactLimit, questions })
  return dir
}

describe('verifying a snapshot', () => {
  it('measures a graph again as it was when it was written', async () => {
    const dir = await written(20)
    const { recall, recallAt10 } = readManifest(dir, encoderId).hnsw!
    expect(recall.map(({ passages }) => passages)[0]).toBe(60)
    expect(recall.every(({ questions }) => questions !== undefined && questions >= 0.98)).toBe(true)
    const found = verifySnapshot({ dir, encoderId })
    expect(found.recallAt10).toBeGreaterThanOrEqual(recallAt10)
    expect(found.recall).toEqual(recall.map(({ questions: _, ...one }) => one))
  })

  it('has nothing to measure in a scan', async () => {
    expect(verifySnapshot({ dir: await written(100), encoderId })).toEqual({ recallAt10: 1, recall: [] })
  })

  it('refuses a file that was altered', async () => {
    const dir = await written(20)
    writeFileSync(join(dir, 'vectors.f32'), 'x')
    expect(() => verifySnapshot({ dir, encoderId })).toThrow(CorruptError)
  })
})
