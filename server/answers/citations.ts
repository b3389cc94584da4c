import type { Citation, Part } from '../protocol/events.ts'
import type { QuoteUnit, Version } from '../storage/types.ts'
import { render } from './templates.ts'

export type Span = readonly [start: number, end: number]

/** Joins the texts of several spans in one quote: a table's header row and the row itself. */
export const spanJoin = ' · '

/** Whether a span is a part of the text, and not empty. */
export const isInside = (text: string, [start, end]: Span): boolean =>
  Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end <= text.length && start < end

/** The text of `spans` in a canonical text. @throws {RangeError} if a span is empty or leaves the text. */
export function quoteOf(text: string, spans: readonly Span[]): string {
  const wrong = spans.find((span) => !isInside(text, span))
  if (wrong) throw new RangeError(`span ${wrong.join('–')} is not inside a text of ${text.length}`)
  return spans.map(([start, end]) => text.slice(start, end)).join(spanJoin)
}

/**
 * Cite `spans` of a stored version as citation number `k`; the quote is read from the version itself.
 * @param units of the passage that the spans are of; that which begins the quoted words names their page.
 */
export function cite(k: number, version: Version, spans: readonly Span[], units: readonly QuoteUnit[] = []): Citation {
  const page = units.find(({ start }) => start === spans.at(-1)?.[0])?.page
  return {
    k,
    doc: version.doc,
    title: version.title,
    ver: version.ver,
    spans: spans.map(([start, end]) => [start, end]),
    quote: quoteOf(version.text, spans),
    ...(page === undefined ? {} : { page }),
    ...(version.from === undefined ? {} : { from: version.from }),
    ...(version.until === undefined ? {} : { until: version.until }),
    ...(version.url === undefined ? {} : { url: version.url }),
  }
}

/** The exact text of an answer: its parts, one after the other. @throws {RangeError} if a part names no citation. */
export function textOf(parts: readonly Part[], cites: readonly Citation[]): string {
  return parts
    .map((part) => {
      if ('tpl' in part) return render(part.tpl, part.slots)
      const citation = cites.find(({ k }) => k === part.cite)
      if (!citation) throw new RangeError(`there is no citation ${part.cite}`)
      return citation.quote
    })
    .join('')
}
