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

const [encoderId, secondId, secondDimension] = ['test-encoder', 'second-encoder', 24]
const options = { generation: 3, encoderId, dimension: testDimension }
const clauses = ['提前还款须支付违约金', '汽车贷款适用于新车', '住房贷款的利率每年调整', '信用卡逾期费用']
const others = unitVectors(126, secondDimension, 3)
/** Documents of two passages each, every third one in Chinese. */
const passages = testPassages(120).map(({ record, ...vectors }, i) => {
  const document = i >> 1
  const isChinese = document % 3 === 0
  const text = isChinese ? `${clauses[i % 4]}。${clauses[(i >> 2) % 4]}${i}。` : record.text
  const units = [{ start: record.start, end: record.start + text.length }]
  const second = { vector: others[i]!, unitVectors: others[i]! }
  return {
    record: { ...record, doc: `${document}.md`, ver: 1, text, units, lang: isChinese ? 'zh' : 'en' },
    ...{ vector: vectors.vector, unitVectors: vectors.unitVectors.slice(0, testDimension), second },
  }
})
const texts = ['card fee 7', 'dispute a refund', 'mortgage rate 41 93', '提前还款违约金', '信用卡费用', 'card 贷款']
const questions = unitVectors(6, testDimension, 5).map((vector, i) => ({
  ...{ vector, second: others[120 + i]!, text: texts[i]! },
}))
const scopes: Question['scope'][] = [
  { role: 'agent', day: '2026-11-22' },
  { role: 'customer', day: '2026-11-23', collection: 'faqs' },
]

async function snapshotOf(list: readonly SnapshotPassage[], more: Partial<SnapshotOptions> = {}): Promise<Snapshot> {
  const dir = join(temporaryFolder(), 'g')
  await writeSnapshot(dir, list, { ...options, ...more })
  return openSnapshot(dir, { encoderId, secondId: more.second?.encoderId })
}
const removing = (list: readonly SnapshotPassage[]) => removalOf(list.map(({ record }) => record))

/** Where each document is: below and left, below and removed, added, or nowhere. */
const places = fc.array(fc.constantFrom('kept', 'kept', 'removed', 'added', 'absent'), {
  minLength: passages.length / 2,
  maxLength: passages.length / 2,
})
const everywhere = Array.from({ length: passages.length / 2 }, (_, i) => ['kept', 'removed', 'added'][(i >> 1) % 3]!)
const at = (where: readonly string[], ...wanted: string[]) => passages.filter((_, i) => wanted.includes(where[i >> 1]!))

const second = { encoderId: secondId, dimension: secondDimension }
const synonyms = new Map([['faqs', [{ from: 'plastic', to: 'card' }]]])

async function both(where: readonly string[], more: Partial<SnapshotOptions> = { second }) {
  const base = await snapshotOf(at(where, 'kept', 'removed'), more)
  const changes = { ...more, synonyms, removed: removing(at(where, 'removed')) }
  const delta = await snapshotOf(at(where, 'added'), changes)
  const anew = await snapshotOf(at(where, 'kept', 'added'), { ...more, synonyms, exactLimit: passages.length })
  return { over: createRetriever(overlay(base, delta)), anew: createRetriever(anew) }
}

describe('a snapshot under a delta', () => {
  it.each([
    ['one encoder', {}],
    ['two encoders', { second }],
  ])('of %s ranks as one of the same passages written anew, to the bit', async (_, more) => {
    await fc.assert(
      fc.asyncProperty(places, async (where) => {
        const { over, anew } = await both(where, more)
        expect(over.size).toBe(anew.size)
        expect(over.synonyms).toEqual(anew.synonyms)
        expect([over.needed(true), over.needed(false)]).toEqual([anew.needed(true), anew.needed(false)])
        expect([...over.words].sort()).toEqual([...anew.words].sort())
        for (const term of ['card', 'fee', '7', '41', 'zebra', '贷款'])
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
    const { over, anew } = await both(everywhere, { second, exactLimit: 20 })
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
    const { over } = await both(everywhere)
    for (const [i, { record, vector, second: other }] of passages.entries()) {
      if (everywhere[i >> 1] === 'removed') expect(() => over.read(record.id, [vector])).toThrow(RangeError)
      else {
        expect(over.read(record.id, [vector]).record).toEqual(record)
        expect(over.read(record.id, [other.vector], 'second').unitProducts[0]![0]).toBeCloseTo(1, 2)
      }
    }
  })

  it('may be all removed, or have nothing removed and nothing added', async () => {
    const { over } = await both(everywhere.map(() => 'removed'))
    expect(over.size).toBe(0)
    expect(over.search({ ...questions[0]!, scope: scopes[0]!, mode: 'hybrid', k: 5 })).toEqual([])
    const same = await both(everywhere.map(() => 'kept'))
    const asked = { ...questions[0]!, scope: scopes[0]!, mode: 'hybrid', k: 5 } as const
    expect(same.over.search(asked)).toEqual(same.anew.search(asked))
  })

  it('without any Chinese passage left asks the first encoder alone', async () => {
    const { over } = await both(everywhere.map((_, i) => (i % 3 === 0 ? 'removed' : 'kept')))
    expect(over.needed(false)).toEqual(['first'])
    const { second: _, ...english } = questions[0]!
    expect(over.search({ ...english, scope: scopes[0]!, mode: 'hybrid', k: 5 })).toHaveLength(5)
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
