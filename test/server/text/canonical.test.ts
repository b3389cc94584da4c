import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCanonicalText, normalise, oneLine, paragraphs } from '../../../server/text/canonical.ts'

describe('canonical text', () => {
  it('separates blocks by an empty line and pieces by a line end', () => {
    const canonical = createCanonicalText()
    canonical.addBlock(['Heading'])
    canonical.addBlock(['one', '', ' two '])
    expect(canonical.toString()).toBe('Heading\n\none\ntwo')
  })

  it('says where each piece stands, blank ones left out', () => {
    const canonical = createCanonicalText()
    expect(canonical.addBlock([' \n'])).toEqual([])
    expect(canonical.addBlock(['a', ' ', 'b'])).toEqual([
      { start: 0, end: 1, text: 'a' },
      { start: 2, end: 3, text: 'b' },
    ])
  })

  it('keeps the empty cells at the ends of a row', () => {
    const canonical = createCanonicalText()
    expect(canonical.addBlock(['\ta\t'])).toEqual([{ start: 0, end: 3, text: '\ta\t' }])
  })

  it('measures after composing characters', () => {
    const canonical = createCanonicalText()
    const [, second] = canonical.addBlock(['Cafe\u0301', 'x'])
    expect(canonical.toString()).toBe('Café\nx')
    expect(second).toEqual({ start: 5, end: 6, text: 'x' })
  })

  it('finds every piece again at its span', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ unit: 'binary' }))), (blocks) => {
        const canonical = createCanonicalText()
        const pieces = blocks.flatMap((block) => canonical.addBlock(block))
        const whole = canonical.toString()
        for (const { start, end, text } of pieces) expect(whole.slice(start, end)).toBe(text)
        expect(whole.normalize('NFC')).toBe(whole)
        expect(whole).not.toMatch(/\r|\0|\p{Surrogate}/u)
      }),
    )
  })

  it('normalises line ends, marks and characters that cannot be stored', () => {
    expect(normalise('\uFEFFa\r\nb\rc\0\uD800')).toBe('a\nb\nc\uFFFD\uFFFD')
    expect(oneLine(' a\u00A0 b\n\tc ')).toBe('a b c')
    expect(paragraphs('\n a\nb\n \n\n c\n')).toEqual(['a\nb', 'c'])
  })
})
