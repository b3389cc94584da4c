import { defaultKeywordParameters } from './keyword-builder.ts'
import type { KeywordParameters } from './keyword-file.ts'
import { countsOf } from './passage-words.ts'
import type { PassageRecord } from './types.ts'

type Counts = readonly (readonly [string, number])[]

/** Passages that a delta takes out of the snapshot below, and what they counted for there. */
export interface Removal {
  readonly ids: readonly number[]
  /** Terms of all, headings included as often as they count. */
  readonly length: number
  /** Terms with the number of removed passages that have them. */
  readonly terms: Counts
  /** Words with how often they occur. */
  readonly words: Counts
}

/** @param records passages as the snapshot has them. @param parameters those of its keywords. */
export function removalOf(
  records: readonly PassageRecord[],
  { headingWeight }: KeywordParameters = defaultKeywordParameters,
): Removal {
  const [terms, words] = [new Map<string, number>(), new Map<string, number>()]
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  let length = 0
  for (const record of records) {
    const counts = countsOf(record)
    length += counts.terms.length + headingWeight * counts.headingTerms.length
    const distinct = new Set([...counts.terms, ...(headingWeight > 0 ? counts.headingTerms : [])])
    for (const term of distinct) add(terms, term)
    for (const word of counts.words) add(words, word)
  }
  return { ids: records.map(({ id }) => id), length, terms: [...terms], words: [...words] }
}
