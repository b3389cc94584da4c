import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dot } from '../../../server/math/vectors.ts'
import { createRetriever, type Question, type Retriever } from '../../../server/retrieval/retriever.ts'
import { openSnapshot } from '../../../server/retrieval/snapshot.ts'
import { type SnapshotPassage, writeSnapshot } from '../../../server/retrieval/snapshot-writer.ts'
import { type PassageRecord, type RankedPassage, type Scope, searchModes } from '../../../server/retrieval/types.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testDimension, testPassages } from '../../support/passages.ts'
import { unitVectors } from '../../support/vectors.ts'

const encoderId = 'test-encoder'
const passages = testPassages(300)
const byId = new Map(passages.map((passage) => [passage.record.id, passage]))
const agent: Scope = { role: 'agent', day: '2026-11-22' }

async function retrieverOf(list: readonly SnapshotPassage[], exactLimit?: number): Promise<Retriever> {
  const dir = join(temporaryFolder(), 'g')
  await writeSnapshot(dir, list, {
    generation: 1,
    encoderId,
    dimension: testDimension,
    ...(exactLimit && { exactLimit }),
  })
  return createRetriever(openSnapshot(dir, { encoderId }))
}
const retrievers: [string, Retriever][] = [
  ['scanned', await retrieverOf(passages)],
  ['graph', await retrieverOf(passages, 50)],
]
const [, scanned] = retrievers[0]!
const questions = unitVectors(20, testDimension, 5).map((vector, i) => ({
  vector,
  text: ['card fee', 'dispute a refund', 'mortgage rate'][i % 3]!,
}))

const maySee = ({ audience, from, until, collection }: PassageRecord, scope: Scope): boolean =>
  (audience === 'customer' || scope.role === 'agent') &&
  (from === undefined || from <= scope.day) &&
  (until === undefined || scope.day < until) &&
  (scope.collection === undefined || collection === scope.collection)

describe.each(retrievers)('filters, %s', (_, retriever) => {
  const scope = fc.record(
    {
      role: fc.constantFrom('customer' as const, 'agent' as const),
      day: fc.constantFrom(
        '2024-12-31',
        '2025-01-01',
        '2026-11-21',
        '2026-11-22',
        '2026-11-23',
        '2027-02-01',
        '2030-01-01',
      ),
      collection: fc.constantFrom('policies', 'faqs', 'products', 'none'),
    },
    { requiredKeys: ['role', 'day'] },
  )

  it('never return what the role may not read, what has expired and what is not yet in force, in any mode', () => {
    fc.assert(
      fc.property(scope, fc.constantFrom(...searchModes), fc.constantFrom(...questions), (where, mode, question) => {
        const found = retriever.search({ ...question, scope: where, k: 400, mode })
        for (const { id } of found) expect(maySee(byId.get(id)!.record, where)).toBe(true)
        const visible = passages.filter(({ record }) => maySee(record, where))
        if (mode === 'dense') expect(found).toHaveLength(visible.length)
        else expect(found.length).toBeLessThanOrEqual(visible.length)
      }),
    )
  })

  it('hide even the very passage that was asked for', () => {
    for (const { record, vector } of passages.filter(
      (passage) => !maySee(passage.record, { ...agent, role: 'customer' }),
    )) {
      for (const mode of searchModes) {
        const found = retriever.search({
          vector,
          text: record.text,
          scope: { ...agent, role: 'customer' },
          k: 300,
          mode,
        })
        expect(found.map(({ id }) => id)).not.toContain(record.id)
      }
    }
  })
})

describe.each(retrievers)('searching, %s', (_, retriever) => {
  it('finds a passage by its own words and vector', () => {
    const { record, vector } = passages.find((passage) => maySee(passage.record, agent))!
    for (const mode of searchModes) {
      expect(retriever.search({ vector, text: record.text, scope: agent, k: 1, mode })[0]!.id).toBe(record.id)
    }
  })

  it('gives every candidate both of its scores, whichever ranking found it', () => {
    for (const question of questions) {
      for (const { id, dense, keyword } of retriever.search({ ...question, scope: agent, k: 300, mode: 'hybrid' })) {
        expect(dense).toBeCloseTo(dot(byId.get(id)!.vector, question.vector), 5)
        const alone = retriever.search({ ...question, scope: agent, k: 300, mode: 'keyword' })
        expect(keyword).toBeCloseTo(alone.find((hit) => hit.id === id)?.score ?? 0, 9)
      }
    }
  })

  it('weighs cosine and keywords as the length of the question says', () => {
    const check = (text: string, weight: number) => {
      const found = retriever.search({ ...questions[0]!, text, scope: agent, k: 300, mode: 'hybrid' })
      const full = fullMatch(retriever, text, found)
      for (const { score, dense, keyword } of found)
        expect(score).toBeCloseTo(weight * dense + ((1 - weight) * keyword) / full, 9)
    }
    check('card fee', 0.85)
    // Thirteen content terms: one sixteenth of the way from short to long.
    const long = 'card fee loan rate branch dispute refund limit transfer cheque mortgage saver and more words'
    check(long, 0.85 - 0.45 / 16)
  })

  it('gives the same list each time, to the last bit', () => {
    const ask = () =>
      questions.map((question) => retriever.search({ ...question, scope: agent, k: 10, mode: 'hybrid' }))
    const first = ask()
    expect(ask()).toEqual(first)
    for (const list of first) {
      expect([...list].sort((a, b) => b.score - a.score || a.id - b.id)).toEqual(list)
    }
  })

  it('returns at most k, from 1 on', () => {
    expect(retriever.search({ ...questions[0]!, scope: agent, k: 3, mode: 'hybrid' })).toHaveLength(3)
    expect(() => retriever.search({ ...questions[0]!, scope: agent, k: 0, mode: 'hybrid' })).toThrow(RangeError)
  })

  it('reads passages and term weights', () => {
    const { record, unitVectors: rows } = passages[7]!
    const read = retriever.read(record.id, [rows.slice(0, testDimension)])
    expect(read.record).toEqual(record)
    expect(read.unitProducts[0]!).toHaveLength(record.units.length)
    expect(read.unitProducts[0]![0]).toBeCloseTo(1, 2)
    expect(() => retriever.read(1, [rows.slice(0, testDimension)])).toThrow(RangeError)
    expect(retriever.terms('Disputed cards')).toEqual(['disput', 'card'])
    expect(retriever.termWeight('card')).toBeGreaterThan(0)
    expect(retriever.termWeight('card')).toBeLessThan(retriever.termWeight('299'))
    expect(retriever.termWeight('zebra')).toBe(0)
  })
})

/** The keyword score that counts as a full match, with BM25's k1 of 1.2. */
function fullMatch(
  { terms, termWeight }: Pick<Retriever, 'terms' | 'termWeight'>,
  text: string,
  found: readonly RankedPassage[],
): number {
  const reachable = terms(text).reduce((sum, term) => sum + 2.2 * termWeight(term), 0)
  return Math.max(0.6 * reachable, ...found.map(({ keyword }) => keyword))
}

describe('questions', () => {
  const ask = (question: Partial<Question>) =>
    scanned.search({ text: '', scope: agent, k: 5, mode: 'hybrid', ...question })

  it('in Chinese are matched by characters alone, and need no vector', async () => {
    const texts = ['我的信用卡丢了', '如何更改地址', '转账需要多久']
    const chinese = passages.slice(0, 3).map((passage, i) => ({
      ...passage,
      record: { ...passage.record, text: texts[i]!, units: [], from: '2020-01-01', until: '2030-01-01' },
      unitVectors: new Float32Array(0),
    }))
    const retriever = await retrieverOf(chinese)
    const found = retriever.search({ text: '信用卡丢了怎么办', scope: agent, k: 5, mode: 'hybrid' })
    expect(found).toMatchObject([{ id: chinese[0]!.record.id, dense: 0 }])
    const full = fullMatch(retriever, '信用卡丢了怎么办', found)
    expect(found[0]!.score).toBeCloseTo(found[0]!.keyword / full, 9)
    const vector = chinese[1]!.vector
    expect(
      retriever.search({ vector, text: '信用卡', lang: 'zh-CN', scope: agent, k: 5, mode: 'hybrid' }),
    ).toHaveLength(1)
    expect(retriever.search({ vector, text: '信用卡', scope: agent, k: 5, mode: 'dense' })).toHaveLength(3)
  })

  it('are also found by synonyms, which do not make them long', () => {
    const synonyms = 'loan rate branch dispute refund limit transfer cheque mortgage saver 17 19 23'
    const question = { text: 'card', vector: questions[0]!.vector, k: 300 }
    const [alone, wider] = [ask(question), ask({ ...question, synonyms })]
    const full = fullMatch(scanned, `card ${synonyms}`, wider)
    for (const { score, dense, keyword } of wider) expect(score).toBeCloseTo(0.85 * dense + (0.15 * keyword) / full, 9)
    const best = (list: typeof wider) => list.reduce((a, b) => (b.keyword > a.keyword ? b : a)).keyword
    expect(best(wider)).toBeGreaterThan(best(alone))
  })

  it('in a known language are believed to be in it', () => {
    const question = { text: '信用卡 card', vector: questions[0]!.vector, k: 300 }
    expect(ask({ ...question, lang: 'en' }).some(({ dense }) => dense !== 0)).toBe(true)
    expect(ask({ ...question, lang: 'zh' }).every(({ dense }) => dense === 0)).toBe(true)
  })

  it('without a vector are refused where one is needed', () => {
    expect(() => ask({ text: 'card fee' })).toThrow(RangeError)
    expect(() => ask({ text: 'card fee', mode: 'dense' })).toThrow(RangeError)
    expect(ask({ text: 'card fee', mode: 'keyword' })).toHaveLength(5)
  })

  it('without a single term are answered by meaning alone', () => {
    expect(ask({ text: '🙂', vector: questions[0]!.vector })).toHaveLength(5)
    expect(ask({ text: '🙂', mode: 'keyword' })).toEqual([])
  })

  it('of bad scope or vector are refused', () => {
    const { vector } = questions[0]!
    for (const day of ['2026-02-30', '22.11.2026', ''])
      expect(() => ask({ vector, scope: { ...agent, day } })).toThrow(RangeError)
    // The cast stands for a caller without types.
    expect(() => ask({ vector, scope: { ...agent, role: 'admin' as never } })).toThrow(RangeError)
    expect(() => ask({ vector: vector.map(() => Number.NaN) })).toThrow(RangeError)
    expect(() => ask({ vector: new Float32Array(3).fill(0.577) })).toThrow(RangeError)
  })

  it('leave out what scores below the minimum', async () => {
    const dir = join(temporaryFolder(), 'g')
    await writeSnapshot(dir, passages, { generation: 1, encoderId, dimension: testDimension })
    const strict = createRetriever(openSnapshot(dir, { encoderId }), { minimumScore: 0.6 })
    const question = { ...questions[0]!, scope: agent, k: 100, mode: 'hybrid' } as const
    const all = scanned.search(question)
    expect(strict.search(question)).toEqual(all.filter(({ score }) => score >= 0.6))
    expect(all.some(({ score }) => score < 0.6)).toBe(true)
    strict.close()
  })

  it('to an empty index find nothing', async () => {
    const empty = await retrieverOf([])
    expect(empty.size).toBe(0)
    for (const mode of searchModes) expect(empty.search({ ...questions[0]!, scope: agent, k: 5, mode })).toEqual([])
  })
})
