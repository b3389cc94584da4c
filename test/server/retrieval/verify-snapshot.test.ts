import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CorruptError } from '../../../server/errors.ts'
import { readManifest } from '../../../server/retrieval/manifest.ts'
import { removalOf } from '../../../server/retrieval/removal.ts'
import { type SnapshotPassage, writeSnapshot } from '../../../server/retrieval/snapshot-writer.ts'
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

/** A delta over a snapshot, in a folder of its own. */
async function changed(
  base: string,
  gone: readonly SnapshotPassage[],
  added: readonly SnapshotPassage[],
  generation = 1,
): Promise<string> {
  const dir = join(base, '..', randomUUID())
  const records = gone.map(({ record }) => record)
  await writeSnapshot(dir, added, { generation, encoderId, dimension: testDimension, removed: removalOf(records) })
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

  it('measures a graph and the changes over it together, among the passages that are left', async () => {
    const dir = await written(20)
    const found = verifySnapshot({
      dir,
      delta: await changed(dir, passages.slice(0, 20), testPassages(75).slice(60)),
      encoderId,
    })
    expect(found.recallAt10).toBeGreaterThanOrEqual(0.98)
    expect(found.recall[0]).toMatchObject({ share: 1, passages: 55 })
    const scanned = await written(100)
    expect(verifySnapshot({ dir: scanned, delta: await changed(scanned, [], []), encoderId })).toEqual({
      recallAt10: 1,
      recall: [],
    })
  })

  it('refuses a delta that was altered, is one over another snapshot, or holds a passage again', async () => {
    const dir = await written(20)
    const [again, other] = [await changed(dir, [], passages.slice(0, 1)), await changed(dir, [], [], 2)]
    const altered = await changed(dir, passages.slice(0, 1), testPassages(62).slice(60))
    writeFileSync(join(altered, 'removed.json'), '{}')
    const foreign = await changed(dir, testPassages(61).slice(60), [])
    expect(() => verifySnapshot({ dir, delta: altered, encoderId })).toThrow(/removed.json has 2 bytes/)
    expect(() => verifySnapshot({ dir, delta: other, encoderId })).toThrow('not one over generation 1')
    expect(() => verifySnapshot({ dir, delta: again, encoderId })).toThrow(
      `holds passage ${passages[0]!.record.id} once more`,
    )
    expect(() => verifySnapshot({ dir, delta: foreign, encoderId })).toThrow(CorruptError)
  })

  it('refuses a file that was altered', async () => {
    const dir = await written(20)
    writeFileSync(join(dir, 'vectors.f32'), 'x')
    expect(() => verifySnapshot({ dir, encoderId })).toThrow(CorruptError)
  })
})
