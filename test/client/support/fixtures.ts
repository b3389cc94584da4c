import type { Citation, Completed } from '../../../server/protocol/events.ts'

/** A citation of `text`, whose spans are where the quotes stand in it. @throws {RangeError} if one doesn't. */
export function citation(k: number, text: string, quotes: readonly string[]): Citation {
  const spans = quotes.map((quote): [number, number] => {
    const start = text.indexOf(quote)
    if (start < 0) throw new RangeError(`"${quote}" is not in the text`)
    return [start, start + quote.length]
  })
  return { k, doc: 'policies/cards.md', title: 'Cards', ver: 2, spans, quote: quotes.join(' · ') }
}

/** What an answer of two quotes holds. */
export const quoting = (cites: Citation[]): Pick<Completed, 'cites' | 'parts' | 'text'> => ({
  cites,
  parts: [{ cite: 1 }, { tpl: 'answer.also.en', slots: {} }, { cite: 2 }],
  text: cites.map(({ quote }) => quote).join('\n\n'),
})

/** The content of a finished message. */
export const completed = (mid: string, more: Partial<Completed> = {}): Completed => ({
  mid,
  kind: 'answer',
  text: '',
  parts: [],
  cites: [],
  intent: { name: 'card_fees_abroad', confidence: 0.9 },
  sentiment: { label: 'neutral', score: 0.9 },
  recs: [],
  next: [],
  human: false,
  ...more,
})
