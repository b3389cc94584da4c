import { createDocumentGatherer } from './chinese-documents.ts'
import { defaultKeywordParameters } from './keyword-builder.ts'
import type { KeywordParameters } from './keyword-file.ts'
import { countsOf } from './passage-words.ts'
import type { PassageRecord } from './types.ts'

type Counts = readonly (readonly [string, number])[]

/** What rows counted for in a keyword index. */
export interface Tally {
  readonly rows: number
  /** Terms of all, headings included as often as they count. */
  readonly length: number
  /** Terms with the number of rows that have them. */
  readonly terms: Counts
}

/** Passages that a delta takes out of the snapshot below, and what they counted for there. */
export interface Removal {
  readonly ids: readonly number[]
  readonly passages: Tally
  /** Their whole documents, of those in Chinese. */
  readonly documents: Tally
  /** Words with how often they occur. */
  readonly words: Counts
}

/**
 * @param records passages as the snapshot has them, ascending: all of a document, as versions come and go whole.
 * @param parameters those of its keywords.
 */
export function removalOf(
  records: readonly PassageRecord[],
  { headingWeight }: KeywordParameters = defaultKeywordParameters,
): Removal {
  const [passages, whole, words] = [createTally(headingWeight), createTally(headingWeight), new Map<string, number>()]
  const documents = createDocumentGatherer(whole.add)
  for (const record of records) {
    const counts = countsOf(record)
    passages.add(counts.terms, counts.headingTerms)
    documents.add(record, counts)
    for (const word of counts.words) increment(words, word)
  }
  documents.close()
  return {
    ids: records.map(({ id }) => id),
    ...{ passages: passages.tally(), documents: whole.tally(), words: [...words] },
  }
}

function createTally(headingWeight: number) {
  const terms = new Map<string, number>()
  let [rows, length] = [0, 0]
  return {
    add(inText: readonly string[], inHeading: readonly string[]): void {
      rows++
      length += inText.length + headingWeight * inHeading.length
      for (const term of new Set([...inText, ...(headingWeight > 0 ? inHeading : [])])) increment(terms, term)
    },
    tally: (): Tally => ({ rows, length, terms: [...terms] }),
  }
}

const increment = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
