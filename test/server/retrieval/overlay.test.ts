import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CorruptError } from '../../../server/errors.ts'
import { overlay } from '../../../server/retrieval/overlay.ts'
import { removalOf } from '../../../server/retrieval/removal.ts'
import { createRetriever, type Question } from '../../../server/retrieval/retriever.ts'
import { openSnapshot, type Snapshot } from '../../../server/retrieval/snapshot.ts'
import { type SnapshotOptions, type SnapshotPassage, writeSnapshot } from '../../../server/retrieval/snapshot-writer.ts'
import { searchModes } from '../../../server/retrieval/types.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testDimension, testPassages } from '../../support/passages.ts'
import { unitVectors } from '../../support/vectors.ts'

const encoderId = 'test-encoder'
const options = { generation: 3, encoderId, dimension: testDimension }
const passages = testPassages(120)
const questions = unitVectors(6, testDimension, 5).map((vector, i) => ({
  vector,
  text: ['card fee 7', 'dispute a refund', 'mortgage rate 41 93'][i % 3]!,
}))
const scopes: Question['scope'][] = [
  { role: 'agent', day: '2026-11-22' },
  { role: 'customer', day: '2026-11-23', collection: 'faqs' },
]

async function snapshotOf(list: readonly SnapshotPassage[], more: Partial<SnapshotOptions> = {}): Promise<Snapshot> {
  const dir = join(temporaryFolder(), 'g')
  await writeSnapshot(dir, list, { ...options, ...more })
  return openSnapshot(dir, { encoderId })
}
const removing = (list: readonly SnapshotPassage[]) => removalOf(list.map(({ record }) => record))

/** Where each passage is: below and left, below and removed, added, or nowhere. */
const places = fc.array(fc.constantFrom('kept', 'kept', 'removed', 'added', 'absent'), {
  minLength: passages.length,
  maxLength: passages.length,
})
const at = (where: readonly string[], ...wanted: string[]) => passages.filter((_, i) => wanted.includes(where[i]!))

async function both(where: readonly string[], exactLimit?: number) {
  const base = await snapshotOf(at(where, 'kept', 'removed'), exactLimit === undefined ? {} : { exactLimit })
  const delta = await snapshotOf(at(where, 'added'), { removed: removing(at(where, 'removed')) })
  const anew = await snapshotOf(at(where, 'kept', 'added'))
  return { over: createRetriever(overlay(base, delta)), anew: createRetriever(anew) }
}

describe('a snapshot under a delta', () => {
  it('ranks as one of the same passages written anew, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(places, async (where) => {
        const { over, anew } = await both(where)
        expect(over.size).toBe(anew.size)
        expect([...over.words].sort()).toEqual([...anew.words].sort())
        for (const term of ['card', 'fee', '7', '41', 'zebra'])
          expect(over.termWeight(term)).toBe(anew.termWeight(term))
        for (const question of questions)
          for (const scope of scopes)
            for (const mode of searchModes) {
              const asked = { ...question, scope, mode, k: 20 }
              expect(over.search(asked)).toEqual(anew.search(asked))
            }
        over.close()
        anew.close()
      }),
      { numRuns: 12 },
    )
  })

  it('ranks alike where the snapshot has a graph, which finds all of so few', async () => {
    const where = passages.map((_, i) => ['kept', 'removed', 'added'][i % 3]!)
    const { over, anew } = await both(where, 20)
    for (const question of questions)
      for (const scope of scopes) {
        const [found, expected] = [over, anew].map((index) =>
          index.search({ ...question, scope, mode: 'hybrid', k: 10 }),
        )
        expect(found!.map(({ id }) => id)).toEqual(expected!.map(({ id }) => id))
        for (const [i, { score }] of found!.entries()) expect(score).toBeCloseTo(expected![i]!.score, 5)
      }
  })

  it('reads what was added and what was left, and not what was removed', async () => {
    const where = passages.map((_, i) => ['kept', 'removed', 'added'][i % 3]!)
    const { over } = await both(where)
    for (const [i, { record, vector }] of passages.entries()) {
      if (where[i] === 'removed') expect(() => over.read(record.id, [vector])).toThrow(RangeError)
      else expect(over.read(record.id, [vector]).record).toEqual(record)
    }
  })

  it('may be all removed, or have nothing removed and nothing added', async () => {
    const { over } = await both(passages.map(() => 'removed'))
    expect(over.size).toBe(0)
    expect(over.search({ ...questions[0]!, scope: scopes[0]!, mode: 'hybrid', k: 5 })).toEqual([])
    const same = await both(passages.map(() => 'kept'))
    const asked = { ...questions[0]!, scope: scopes[0]!, mode: 'hybrid', k: 5 } as const
    expect(same.over.search(asked)).toEqual(same.anew.search(asked))
  })

  it('refuses what is no delta, one over another generation, and one that removes what is not there', async () => {
    const base = await snapshotOf(passages.slice(0, 5))
    const [none, other, strange] = await Promise.all([
      snapshotOf([]),
      snapshotOf([], { generation: 4, removed: removing([]) }),
      snapshotOf([], { removed: removing(passages.slice(5, 6)) }),
    ])
    expect(() => overlay(base, none)).toThrow(CorruptError)
    expect(() => overlay(base, other)).toThrow(CorruptError)
    expect(() => overlay(base, strange)).toThrow(RangeError)
  })
})
