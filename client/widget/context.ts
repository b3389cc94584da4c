import type { Citation } from '../../server/protocol/events.ts'

/** A stretch of a document's text, marked where it was quoted. */
export interface Stretch {
  readonly text: string
  readonly marked: boolean
}

/** UTF-16 code units shown on each side of a quotation. */
const reach = 280

/**
 * Show a citation inside its document: the paragraph or table it stands in, as far as {@link reach}.
 * @param text the canonical text of the cited version: blocks stand between empty lines, a table's row is one line.
 * @returns undefined when the spans do not hold the quoted text: then it is another text than the one that was cited.
 */
export function contextOf(text: string, { spans, quote }: Pick<Citation, 'spans' | 'quote'>): Stretch[] | undefined {
  const sorted = [...spans].sort((a, b) => a[0] - b[0])
  const [first, last] = [sorted[0]?.[0] ?? 0, sorted.at(-1)?.[1] ?? 0]
  if (spans.map(([start, end]) => text.slice(start, end)).join(' · ') !== quote) return undefined
  const before = text.lastIndexOf('\n\n', first - 1)
  const after = text.indexOf('\n\n', last)
  const begin = before < 0 ? 0 : before + 2
  const end = after < 0 ? text.length : after
  const from = Math.max(begin, first - reach)
  const to = Math.min(end, last + reach)
  const stretches: Stretch[] = [{ text: from > begin ? '… ' : '', marked: false }]
  let at = from
  for (const [start, stop] of sorted) {
    stretches.push({ text: text.slice(at, start), marked: false }, { text: text.slice(start, stop), marked: true })
    at = stop
  }
  stretches.push({ text: text.slice(at, to) + (to < end ? ' …' : ''), marked: false })
  return stretches.filter((stretch) => stretch.text !== '')
}
