import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cite, quoteOf, type Span, spanJoin, textOf } from '../../../server/answers/citations.ts'
import { faultOf } from '../../../server/answers/guard.ts'
import { render, say } from '../../../server/answers/templates.ts'
import type { Version } from '../../../server/storage/types.ts'

const text = 'Fees\n\nA late payment costs £12. 😀 Nothing else is charged.'
const version: Version = {
  ...{ id: 1, doc: 'policies/fees.md', ver: 3, collection: 'policies', title: 'Fees', text, audience: 'customer' },
  ...{ contentHash: 'h', from: '2026-01-01', until: '2027-01-01', url: 'https://example.com/fees' },
  at: '2026-01-01T00:00:00.000Z',
}
const spanOf = (part: string): Span => [text.indexOf(part), text.indexOf(part) + part.length]

/** Spans inside a text, in any order. */
const spansIn = (length: number) =>
  fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: length - 1 }), fc.integer({ min: 1, max: length }))
      .filter(([start, end]) => start < end),
    { minLength: 1, maxLength: 4 },
  )

describe('a quote', () => {
  it('is the text of its spans, joined', () => {
    fc.assert(
      fc.property(spansIn(text.length), (spans) => {
        expect(quoteOf(text, spans)).toBe(spans.map(([start, end]) => text.slice(start, end)).join(spanJoin))
      }),
    )
  })

  it.each([[[-1, 2]], [[0, text.length + 1]], [[3, 3]], [[4, 2]], [[0.5, 2]], [[0, Number.NaN]]] as const)(
    'of %j is refused',
    (span) => {
      expect(() => quoteOf(text, [[span[0], span[1]]])).toThrow(RangeError)
    },
  )

  it('carries what its version says of itself', () => {
    const span = spanOf('A late payment costs £12.')
    expect(cite(2, version, [span])).toEqual({
      ...{ k: 2, doc: 'policies/fees.md', title: 'Fees', ver: 3, spans: [span], quote: 'A late payment costs £12.' },
      ...{ from: '2026-01-01', until: '2027-01-01', url: 'https://example.com/fees' },
    })
  })
})

it('names the page of the words that it quotes, not of the header before them', () => {
  const [header, row] = [spanOf('Fees'), spanOf('A late payment costs £12.')]
  const units = [
    { start: header[0], end: header[1], page: 1 },
    { start: row[0], end: row[1], header, page: 2 },
  ]
  expect(cite(1, version, [header, row], units)).toMatchObject({ page: 2 })
  expect(cite(1, version, [header, row])).not.toHaveProperty('page')
})

describe('an answer’s text', () => {
  it('is its parts, one after the other', () => {
    const cites = [
      cite(1, version, [spanOf('A late payment costs £12.')]),
      cite(2, version, [spanOf('Nothing else is charged.')]),
    ]
    const parts = [say('recommend', 'en'), { cite: 2 }, say('answer.also', 'en'), { cite: 1 }]
    const expected = ['These products fit what you describe:', cites[1]!.quote, '\n\n', cites[0]!.quote].join('')
    expect(textOf(parts, cites)).toBe(expected)
    expect(render('recommend.en', {})).toBe('These products fit what you describe:')
  })

  it('is refused where a part names no citation', () => {
    expect(() => textOf([{ cite: 1 }], [])).toThrow('there is no citation 1')
  })
})

describe('the guard', () => {
  const citation = cite(1, version, [spanOf('A late payment costs £12.')])
  const day = '2026-11-22'

  it('lets a true quote through, to the last day in force', () => {
    expect(faultOf(citation, version, 'customer', day)).toBeUndefined()
    expect(faultOf(citation, version, 'customer', '2026-01-01')).toBeUndefined()
    expect(faultOf(citation, version, 'customer', '2026-12-31')).toBeUndefined()
  })

  it.each([
    ['no version', citation, undefined, 'unknown version'],
    ['another version', citation, { ...version, ver: 4 }, 'unknown version'],
    ['another document', citation, { ...version, doc: 'policies/other.md' }, 'unknown version'],
    ['other text', citation, { ...version, text: text.replace('£12', '£13') }, 'other text'],
    ['a text that was cut', citation, { ...version, text: text.slice(0, 20) }, 'other text'],
    ['a quote that was changed', { ...citation, quote: 'A late payment costs £1.' }, version, 'other text'],
    ['an agents’ document', citation, { ...version, audience: 'agent' as const }, 'not for this reader'],
    ['a text not yet in force', citation, { ...version, from: '2026-11-23' }, 'not in force'],
    ['a text that ends today', citation, { ...version, until: day }, 'not in force'],
  ])('stops %s', (_, claim, stored, fault) => {
    expect(faultOf(claim, stored, 'customer', day)).toBe(fault)
  })

  it('shows agents what is theirs', () => {
    expect(faultOf(citation, { ...version, audience: 'agent' }, 'agent', day)).toBeUndefined()
  })

  it('stops every quote that differs from the text in one character', () => {
    fc.assert(
      fc.property(fc.nat(citation.quote.length - 1), (at) => {
        const quote = `${citation.quote.slice(0, at)}\u0000${citation.quote.slice(at + 1)}`
        expect(faultOf({ ...citation, quote }, version, 'customer', day)).toBe('other text')
      }),
    )
  })

  it('stops spans that no text has, without throwing', () => {
    for (const span of [
      [-1, 4],
      [0.5, 4],
      [2, 2],
    ] as const) {
      expect(faultOf({ ...citation, spans: [[span[0], span[1]]] }, version, 'customer', day)).toBe('other text')
    }
    expect(faultOf({ ...citation, spans: [] }, version, 'customer', day)).toBe('other text')
  })
})
