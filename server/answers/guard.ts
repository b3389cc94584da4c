import type { Citation } from '../protocol/events.ts'
import { type Audience, type IsoDate, type Version, visibleTo } from '../storage/types.ts'
import { isInside, quoteOf } from './citations.ts'

/** Why a citation may not leave. */
export type Fault = 'unknown version' | 'other text' | 'not for this reader' | 'not in force'

/**
 * The last look at an answer before it is stored and sent: every quote has to stand, character for character, in the stored
 * version it names, which this reader may see and which is in force on the day.
 * @param stored the version re-read from the store, or undefined if there is none.
 * @returns the first fault, or undefined if the citation may leave.
 */
export function faultOf(
  citation: Citation,
  stored: Version | undefined,
  role: Audience,
  day: IsoDate,
): Fault | undefined {
  if (!stored || stored.doc !== citation.doc || stored.ver !== citation.ver) return 'unknown version'
  if (!visibleTo(role).includes(stored.audience)) return 'not for this reader'
  if ((stored.from ?? '') > day || (stored.until !== undefined && stored.until <= day)) return 'not in force'
  const isWhole = citation.spans.length > 0 && citation.spans.every((span) => isInside(stored.text, span))
  return isWhole && quoteOf(stored.text, citation.spans) === citation.quote ? undefined : 'other text'
}
