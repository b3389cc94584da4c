import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CorruptError } from '../../../server/errors.ts'
import { createKeywordBuilder } from '../../../server/retrieval/keyword-builder.ts'
import type { KeywordParameters } from '../../../server/retrieval/keyword-file.ts'
import { type KeywordIndex, openKeywordIndex } from '../../../server/retrieval/keyword-index.ts'

interface Doc {
  readonly text: readonly string[]
  readonly heading: readonly string[]
}
const usual: KeywordParameters = { k1: 1.2, b: 0.75, headingWeight: 1 }

function bytesOf(docs: readonly Doc[], parameters = usual): Uint8Array {
  const builder = createKeywordBuilder(parameters)
  for (const { text, heading } of docs) builder.add(text, heading)
  return builder.build()
}
const indexOf = (docs: readonly Doc[], parameters = usual): KeywordIndex => openKeywordIndex(bytesOf(docs, parameters))
const doc = (text: string, heading = ''): Doc => ({
  text: text.split(' ').filter(Boolean),
  heading: heading.split(' ').filter(Boolean),
})

/** BM25 as the book has it, without any index. */
function oracle(
  docs: readonly Doc[],
  question: readonly string[],
  { k1, b, headingWeight }: KeywordParameters,
): number[] {
  const bags = docs.map(({ text, heading }) => [
    ...text,
    ...Array.from({ length: headingWeight }, () => heading).flat(),
  ])
  const mean = bags.reduce((sum, bag) => sum + bag.length, 0) / bags.length
  return bags.map((bag) =>
    question.reduce((score, term) => {
      const df = bags.filter((other) => other.includes(term)).length
      const tf = Math.min(255, bag.filter((other) => other === term).length)
      if (tf === 0) return score
      const idf = Math.log(1 + (docs.length - df + 0.5) / (df + 0.5))
      return score + (idf * tf * (k1 + 1)) / (tf + k1 * (1 - b + (b * bag.length) / mean))
    }, 0),
  )
}

describe('keyword search', () => {
  const word = fc.constantFrom('fee', 'card', 'loan', 'rate', 'é', '信用', 'x'.repeat(600))
  const words = fc.array(word, { maxLength: 12 })
  const parameters = fc.record({
    k1: fc.double({ min: 0, max: 3, noNaN: true }),
    b: fc.double({ min: 0, max: 1, noNaN: true }),
    headingWeight: fc.integer({ min: 0, max: 3 }),
  })

  it('gives the scores of plain BM25, masked or not', () => {
    const docs = fc.array(fc.record({ text: words, heading: words }), { minLength: 1, maxLength: 15 })
    fc.assert(
      fc.property(
        docs,
        words,
        parameters,
        fc.integer({ min: 1, max: 20 }),
        fc.integer(),
        (all, question, constants, k, bits) => {
          const index = indexOf(all, constants)
          const truth = oracle(all, question, constants)
          const mask = Uint8Array.from(all, (_, row) => (bits >> row) & 1)
          for (const allowed of [undefined, mask]) {
            const hits = index.search(question, k, allowed)
            const expected = truth
              .map((score, id) => ({ id, score }))
              .filter(({ id, score }) => score > 0 && allowed?.[id] !== 0)
            expect(hits.best).toHaveLength(Math.min(k, expected.length))
            for (const { id, score } of hits.best) expect(score).toBeCloseTo(truth[id]!, 5)
            const worst = hits.best.at(-1)?.score ?? 0
            expect(expected.filter(({ score }) => score > worst + 1e-5).length).toBeLessThanOrEqual(hits.best.length)
            all.forEach((_, row) => {
              expect(hits.scoreOf(row)).toBeCloseTo(allowed?.[row] === 0 ? 0 : truth[row]!, 5)
            })
          }
        },
      ),
    )
  })

  it('ranks the passage with the rarer term first, and equal ones by row', () => {
    const index = indexOf([doc('fee card'), doc('fee loan'), doc('fee card'), doc('fee rate')])
    expect(index.search(['fee', 'loan'], 10).best.map(({ id }) => id)).toEqual([1, 0, 2, 3])
  })

  describe('phrases', () => {
    const of = (docs: readonly Doc[], question: string, parameters = usual): number[] => {
      const hits = indexOf(docs, parameters).search(question.split(' '), 5)
      return docs.map((_, row) => hits.phraseScoreOf(row))
    }

    it('count where neighbours of the question stand side by side, in this order', () => {
      const docs = [doc('late payment fee'), doc('payment late fee'), doc('late card payment'), doc('fee payment')]
      const [first, ...others] = of(docs, 'late payment')
      // Three terms in a passage of 3 beside a mean of 11 / 4; the rarer of the two stands in three passages of four.
      const norm = 1.2 * (0.25 + (0.75 * 3) / 2.75)
      expect(first).toBeCloseTo((0.3 * Math.log(1 + 1.5 / 3.5) * 2.2) / (1 + norm), 6)
      expect(others).toEqual([0, 0, 0])
    })

    it('count in headings, but not across the border of text and heading', () => {
      const [inHeading, across] = of([doc('fee', 'late payment'), doc('fee late', 'payment')], 'late payment')
      expect(inHeading).toBeGreaterThan(0)
      expect(across).toBe(0)
      expect(of([doc('fee', 'late payment')], 'late payment', { ...usual, headingWeight: 0 })).toEqual([0])
    })

    it('count more for each time they stand there, and for two that begin alike', () => {
      const docs = [doc('card fee x card fee'), doc('card fee x card y'), doc('card fee x card limit')]
      const [twice = 0, once = 0, both = 0] = of(docs, 'card fee card limit')
      expect(twice).toBeGreaterThan(once)
      expect(both).toBeGreaterThan(once)
    })

    it('are none of Chinese characters, of unknown terms, or left from the question before', () => {
      const index = indexOf([doc('信用 用卡 late payment')])
      expect(index.search(['late', 'payment'], 5).phraseScoreOf(0)).toBeGreaterThan(0)
      for (const question of [['信用', '用卡'], ['none', 'payment'], ['late'], []])
        expect(index.search(question, 5).phraseScoreOf(0)).toBe(0)
    })

    it('are never looked for behind the mask', () => {
      const index = indexOf([doc('late payment'), doc('late payment')])
      const hits = index.search(['late', 'payment'], 5, Uint8Array.of(0, 1))
      expect(hits.phraseScoreOf(0)).toBe(0)
      expect(hits.phraseScoreOf(1)).toBeGreaterThan(0)
    })

    it('are a number even where terms do not saturate', () => {
      expect(of([doc('late fee'), doc('late payment')], 'late payment', { ...usual, k1: 0 })[0]).toBe(0)
    })

    it('can be looked for in a very long passage', () => {
      const long = doc(`${'word '.repeat(300_000)}late payment`)
      expect(of([long], 'late payment')[0]).toBeGreaterThan(0)
    })
  })

  it('counts terms of headings, as often as it is told', () => {
    const docs = [doc('the fee', 'card'), doc('the card fee card fee card fee card fee')]
    expect(indexOf(docs, { ...usual, headingWeight: 0 }).search(['card'], 5).best).toHaveLength(1)
    expect(indexOf(docs).search(['card'], 5).best).toHaveLength(2)
  })

  it('knows nothing of the question before', () => {
    const index = indexOf([doc('fee card'), doc('loan')])
    const first = index.search(['fee'], 5).best
    index.search(['loan', 'card'], 5)
    expect(index.search(['fee'], 5).best).toEqual(first)
    expect(index.search([], 5).best).toEqual([])
    expect(index.search(['none'], 5).best).toEqual([])
  })

  it('weighs terms by their rarity', () => {
    const index = indexOf([doc('fee card'), doc('fee loan'), doc('fee')])
    expect(index.termWeight('fee')).toBeCloseTo(Math.log(1 + 0.5 / 3.5))
    expect(index.termWeight('loan')).toBeCloseTo(Math.log(1 + 2.5 / 1.5))
    expect(index.termWeight('constructor')).toBe(0)
  })

  it('counts at most 255 of a term', () => {
    const index = indexOf([doc('fee '.repeat(300)), doc('fee '.repeat(255) + 'x '.repeat(45))])
    const [a, b] = [index.search(['fee'], 2).scoreOf(0), index.search(['fee'], 2).scoreOf(1)]
    expect(a).toBeCloseTo(b, 6)
  })

  it('works without passages, and with empty ones', () => {
    expect(indexOf([]).search(['fee'], 5).best).toEqual([])
    expect(indexOf([doc(''), doc('')]).search(['fee'], 5).best).toEqual([])
    expect(indexOf([doc(''), doc('fee')]).search(['fee'], 5).best[0]!.id).toBe(1)
  })

  it('refuses a mask of another length and constants out of range', () => {
    expect(() => indexOf([doc('a')]).search(['a'], 5, new Uint8Array(2))).toThrow(RangeError)
    expect(() => indexOf([doc('a')]).search(['a'], 0)).toThrow(RangeError)
    for (const wrong of [{ k1: -1 }, { b: 1.1 }, { headingWeight: 0.5 }, { k1: Number.NaN }]) {
      expect(() => createKeywordBuilder({ ...usual, ...wrong })).toThrow(RangeError)
    }
  })
})

describe('the file of a keyword index', () => {
  const bytes = bytesOf([doc('fee card', 'a'), doc('loan rate card')])

  it('opens at any place in a buffer', () => {
    for (const offset of [0, 1, 8, 13]) {
      const moved = new Uint8Array(bytes.length + offset)
      moved.set(bytes, offset)
      expect(openKeywordIndex(moved.subarray(offset)).search(['card'], 5).best).toHaveLength(2)
    }
  })

  it('is the same for the same passages', () => {
    expect(bytesOf([doc('fee card', 'a'), doc('loan rate card')])).toEqual(bytes)
  })

  it('is refused when it is cut off or of another make', () => {
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => openKeywordIndex(bytes.subarray(0, length))).toThrow(CorruptError)
    }
    for (const at of [0, 4, 8, 12, 16, 20]) {
      const altered = bytes.slice()
      altered[at]! ^= 1
      expect(() => openKeywordIndex(altered), `byte ${at}`).toThrow(CorruptError)
    }
  })
})
