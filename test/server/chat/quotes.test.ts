import { describe, expect, it } from 'vitest'
import { createComposer, requestReading } from '../../../server/chat/compose.ts'
import { datedQuotes } from '../../../server/chat/quotes.ts'
import type { Version } from '../../../server/storage/types.ts'
import { passageOf, reading, versionOf } from './support.ts'

const text = 'The fee is £5.'
const today = '2026-12-01'

/** What is told of a document with these bounds when a customer asks about another day. */
function told(when: string, asOf: string, bounds: Pick<Version, 'from' | 'until'>): string {
  const passage = passageOf(7, versionOf('fees.md', text, bounds))
  const spans: [number, number][] = [[0, text.length]]
  const place = { passage: 7, doc: 'fees.md', ver: 1, spans, indexed: text }
  const span = { ...place, score: 1, dense: 1, keyword: 1, probability: 1 }
  const found = { quotable: [span], choices: [span], stored: new Map([[7, passage]]), lost: [], ahead: undefined }
  const quotes = datedQuotes({ ...found, when, asOf, understood: reading() }, today)
  return createComposer('en', requestReading).answer([quotes], []).text
}

describe('a question about another day', () => {
  it.each([
    ['in 2024', '2024-01-01', { from: '2023-01-01' }, `For in 2024: ${text}`],
    ['in 2024', '2024-01-01', { from: '2023-01-01', until: '2025-01-01' }, `For in 2024: ${text}`],
    ['in 2027', '2027-01-01', { from: '2027-01-01' }, `For in 2027: ${text}`],
    ['in 2027', '2027-01-01', { until: '2028-01-01' }, `For in 2027: ${text}`],
  ])('is answered for it by a document that says so: %s, %s, %j', (when, asOf, bounds, says) =>
    expect(told(when, asOf, bounds)).toBe(says),
  )

  it.each([
    ['2024', '2024-01-01', {}],
    ['2024', '2024-01-01', { until: '2027-01-01' }],
    ['2027', '2027-01-01', {}],
    ['2027', '2027-01-01', { from: '2025-01-01' }],
  ])('is not by one that does not: %s, %s, %j', (when, asOf, bounds) =>
    expect(told(when, asOf, bounds)).toBe(
      `I have no text that says what holds for ${when}. What the documents say today: ${text}`,
    ),
  )
})
