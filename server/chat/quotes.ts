import { cite } from '../answers/citations.ts'
import { questionIn, secondQuoteShare } from '../answers/spans.ts'
import { type TemplateLang, templateLang } from '../answers/templates.ts'
import type { AskResult } from '../engine/jobs.ts'
import type { Citation } from '../protocol/events.ts'
import type { IsoDate, Version } from '../storage/types.ts'
import type { DatedQuotes } from './compose.ts'
import { type Ahead, type Evidence, maxQuotes } from './evidence.ts'

/** What was found for one question. */
export interface Found extends Evidence {
  readonly understood: AskResult
  readonly ahead?: Ahead | undefined
}

/** How citations of one question count among those of an answer. */
interface Numbering {
  /** Number of the first; default 1. */
  readonly first?: number
  /** Quotes of one day at most; default {@link maxQuotes}. */
  readonly most?: number
}

const maxChips = 3

/** The best quote, and a second one from another document if it is probable too, in the same language, and says something else. */
export function citationsOf({ quotable, stored }: Found, { first = 1, most = maxQuotes }: Numbering = {}): Citation[] {
  const cites: Citation[] = []
  const lang = templateLang(stored.get(quotable[0]?.passage ?? 0)?.lang ?? '')
  for (const choice of quotable) {
    const passage = stored.get(choice.passage)
    if (passage && templateLang(passage.lang) !== lang) continue
    const enough = choice.probability >= (quotable[0]?.probability ?? 1) * secondQuoteShare
    if (!passage || !enough || cites.length === most) break
    const next = cite(first + cites.length, passage.version, choice.spans, passage.units)
    if (!cites.some(({ quote, doc }) => doc === next.doc || quote.includes(next.quote) || next.quote.includes(quote)))
      cites.push(next)
  }
  return cites
}

/** The quotes with the time that they hold for, where that is not simply today. */
export function datedQuotes(found: Found, day: IsoDate, numbering: Numbering = {}): DatedQuotes {
  const { ahead, when, asOf = day, stored, quotable } = found
  const cites = citationsOf(found, numbering)
  const version = stored.get(quotable[0]?.passage ?? 0)?.version
  const quotes = when === undefined ? { cites } : { cites, when, isOfToday: !tellsOf(version, asOf, day) }
  if (!ahead) return quotes
  const next = cite((numbering.first ?? 1) + cites.length, ahead.version, ahead.spans)
  // The same words as today's: nothing changes for this question.
  return cites.some(({ quote }) => quote === next.quote) ? quotes : { cites, ahead: next }
}

/** Whether a version says that it holds on another day: one without a beginning tells nothing of before, one without an end nothing of later. */
function tellsOf(version: Version | undefined, asOf: IsoDate, today: IsoDate): boolean {
  if (!version) return false
  return asOf < today ? version.from !== undefined : version.until !== undefined || (version.from ?? '') > today
}

/** Whether the best quote is in the other language of those that templates have. */
export function isForeign({ quotable, stored }: Pick<Evidence, 'quotable' | 'stored'>, lang: TemplateLang): boolean {
  const best = stored.get(quotable[0]?.passage ?? 0)
  return best !== undefined && templateLang(best.lang) !== lang
}

/** Questions or headings of further passages, to be asked by a tap. */
export function chipsOf({ quotable, stored, understood }: Found, skip: number): string[] {
  const near = quotable.slice(skip).filter(({ probability }) => probability >= understood.thresholds.topic)
  // A question stands for itself; a heading such as "In short" says nothing without its document.
  const names = near.map(({ passage }) => {
    const found = stored.get(passage)
    return (found?.kind === 'qa' ? questionIn(found.heading) : found?.version.title) ?? ''
  })
  return [...new Set(names.filter(Boolean))].slice(0, maxChips)
}

export function nearestTitle({ quotable, stored, understood }: Found): string | undefined {
  const best = quotable[0]
  return best && best.probability >= understood.thresholds.topic ? stored.get(best.passage)?.version.title : undefined
}
