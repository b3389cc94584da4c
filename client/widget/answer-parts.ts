import type { Citation, Completed } from '../../server/protocol/events.ts'

/** A stretch of an answer: the assistant's own words, or a passage of the bank's documents. */
export type Block = { readonly say: string } | { readonly quote: Citation }

/**
 * Cut an answer's text at its quotes. The text is the exact concatenation of its parts, and a template's words are what
 * stands between two quotes, so the client needs no templates of its own. Blank stretches are left out.
 * If a quote is not where it should be, the rest is shown as plain words: never a quotation mark around other text.
 */
export function blocksOf({ text, parts, cites }: Pick<Completed, 'text' | 'parts' | 'cites'>): Block[] {
  const blocks: Block[] = []
  let at = 0
  const say = (upto: number): void => {
    const words = text.slice(at, upto).trim()
    if (words) blocks.push({ say: words })
    at = upto
  }
  for (const part of parts) {
    if (!('cite' in part)) continue
    const quote = cites.find(({ k }) => k === part.cite)
    const found = quote ? text.indexOf(quote.quote, at) : -1
    if (!quote || found < 0) break
    say(found)
    blocks.push({ quote })
    at += quote.quote.length
  }
  say(text.length)
  return blocks
}

/** A table row with the names of its columns; a name is empty where the table has none. */
export type Row = readonly { readonly name: string; readonly value: string }[]

/** What a quotation holds: running text, or rows of a table. */
export type Passage = { readonly text: string } | { readonly rows: readonly Row[] }

const joint = ' · '

/**
 * Read a quote. A table's is made of spans, the header row first, whose cells are joined by tabs; the length of a span
 * says where it ends, so that a " · " inside a cell does no harm.
 */
export function passageOf({ quote, spans }: Pick<Citation, 'quote' | 'spans'>): Passage {
  let at = 0
  const lines = spans.map(([start, end]) => {
    const line = quote.slice(at, at + end - start)
    at += line.length + joint.length
    return line.split('\t')
  })
  const [header, ...rows] = lines
  const isTable =
    header !== undefined && rows.length > 0 && rows.every((row) => row.length === header.length) && header.length > 1
  if (!isTable) return { text: quote.replaceAll('\t', ' — ') }
  return { rows: rows.map((row) => row.map((value, i) => ({ name: header[i]?.trim() ?? '', value: value.trim() }))) }
}
