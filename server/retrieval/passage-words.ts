import { wordsIn } from '../text/spelling.ts'
import { terms } from '../text/terms.ts'
import type { PassageRecord } from './types.ts'

/** What a passage counts for in an index. */
export interface PassageCounts {
  /** Analysed terms of the text, and of title and heading path, in their order. */
  readonly terms: readonly string[]
  readonly headingTerms: readonly string[]
  /** Words as they are spelt. */
  readonly words: readonly string[]
}

/** The title counts once, whether or not the heading path begins with it. */
export function countsOf({ title, heading, text }: PassageRecord): PassageCounts {
  const whole = heading.startsWith(title) ? heading : `${title} ${heading}`
  return { terms: terms(text), headingTerms: terms(whole), words: wordsIn(`${heading} ${text}`) }
}
