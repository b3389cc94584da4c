import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { similarPairs, sketch } from './corpora/trigrams.ts'

const grams = (text: string): Set<string> => {
  const plain = text.toLowerCase().trim().replace(/\s+/g, ' ')
  if (plain.length < 3) return new Set([plain])
  return new Set(Array.from({ length: plain.length - 2 }, (_, i) => plain.slice(i, i + 3)))
}

function jaccard(a: string, b: string): number {
  const [x, y] = [grams(a), grams(b)]
  const shared = [...x].filter((gram) => y.has(gram)).length
  return shared / (x.size + y.size - shared)
}

describe('similar pairs', () => {
  it('are those that comparing every text with every other finds', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'A'), maxLength: 14 })
    const texts = fc.array(text, { maxLength: 25 })
    const property = fc.property(texts, fc.constantFrom(0.3, 0.5, 0.6, 0.7), (all, threshold) => {
      const expected = all.flatMap((one, b) =>
        all.slice(0, b).flatMap((other, a) => (jaccard(other, one) > threshold ? [`${a} ${b}`] : [])),
      )
      const found = similarPairs(sketch(all), threshold).map(({ a, b }) => `${a} ${b}`)
      expect(found.sort()).toEqual(expected.sort())
    })
    fc.assert(property, { numRuns: 300, seed: 1 })
  })

  it('have the similarity of their sets of trigrams, whatever their case and spacing', () => {
    const [pair] = similarPairs(sketch(['Lost  my card', 'lost my cart']), 0.5)
    expect(pair?.similarity).toBeCloseTo(9 / 11, 10)
  })

  it('are only those that are wanted', () => {
    const sketches = sketch(['same text', 'same text', 'same text'])
    expect(similarPairs(sketches, 0.7, (a, b) => a === 0 && b === 2)).toEqual([{ a: 0, b: 2, similarity: 1 }])
  })
})
