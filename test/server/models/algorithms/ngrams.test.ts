import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createNgrams,
  fitVocabulary,
  vocabularyBytes,
  vocabularyFrom,
} from '../../../../server/models/algorithms/ngrams.ts'

const texts = [
  'the card was declined',
  'my card is lost',
  'is my card lost?',
  'lost and found',
  '我的卡丢了',
  '卡丢了怎么办',
]
const vocabulary = fitVocabulary(texts, { minTexts: 2, maxTerms: 1_000 })
const ngrams = createNgrams(vocabulary)

const similarity = (a: string, b: string): number => {
  const [left, right] = [ngrams(a), ngrams(b)]
  const values = new Map(Array.from(left.ids, (id, i) => [id, left.values[i]!]))
  return right.ids.reduce((sum, id, i) => sum + (values.get(id) ?? 0) * right.values[i]!, 0)
}

describe('n-grams', () => {
  it('are told apart by text, not by case, full-width forms or kind of apostrophe', () => {
    expect(ngrams('MY CARD')).toEqual(ngrams('my card'))
    expect(ngrams('ｍｙ card')).toEqual(ngrams('my card'))
    const quoted = createNgrams(fitVocabulary(["don't do", "don't go"], { minTexts: 2, maxTerms: 99 }))
    expect(quoted('don’t').ids).toEqual(quoted("don't").ids)
    expect(quoted("don't").ids.length).toBeGreaterThan(0)
  })

  it('weigh words and characters as two blocks of the same length', () => {
    const { values } = ngrams('my card is lost')
    expect(values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5)
    expect(similarity('my card is lost', 'my card is lost')).toBeCloseTo(1, 5)
    expect(similarity('my card is lost', 'is my card lost')).toBeGreaterThan(similarity('my card is lost', 'card'))
  })

  it('leave out what fewer texts hold than asked for', () => {
    expect(ngrams('found').ids.length).toBe(0)
    expect(ngrams('declined').ids.length).toBe(0)
    expect(ngrams('').ids.length).toBe(0)
  })

  it('see a misspelt word by its characters', () => {
    expect(similarity('card', 'cards')).toBeGreaterThan(0.3)
  })

  it('see Chinese words, which no spaces part', () => {
    expect(similarity('卡丢了', '我的卡丢了')).toBeGreaterThan(0.4)
  })

  it('keep the most frequent terms when there are too many', () => {
    const few = fitVocabulary(texts, { minTexts: 1, maxTerms: 10 })
    expect(few.hashes.length).toBe(10)
    expect([...few.hashes]).toEqual([...few.hashes].sort((a, b) => a - b))
    expect(fitVocabulary(texts, { minTexts: 1, maxTerms: 0 }).hashes.length).toBe(0)
  })

  it('survive being written and read', () => {
    // A file's bytes may lie anywhere in a larger buffer.
    const shifted = new Uint8Array([0, ...vocabularyBytes(vocabulary)]).subarray(1)
    expect(vocabularyFrom(shifted)).toEqual(vocabulary)
    expect(() => vocabularyFrom(new Uint8Array(7))).toThrow(RangeError)
  })

  it('have each term once, within the vocabulary, finite, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'my card is lost 卡丢了 🙂 ! lost'.split(' '))), (words) => {
        const { ids, values } = ngrams(words.join(' '))
        expect(new Set(ids).size).toBe(ids.length)
        expect(ids.every((id) => id < vocabulary.hashes.length)).toBe(true)
        expect(values.every((value) => value > 0 && value <= 1)).toBe(true)
      }),
    )
  })

  it('forget one text before the next', () => {
    const first = ngrams('my card is lost')
    ngrams('lost lost lost lost')
    expect(ngrams('my card is lost')).toEqual(first)
  })
})
