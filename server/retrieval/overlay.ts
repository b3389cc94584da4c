import { CorruptError } from '../errors.ts'
import type { Vocabulary } from '../text/spelling.ts'
import type { KeywordStatistics } from './keyword-index.ts'
import type { Removal, Tally } from './removal.ts'
import type { Segment, Snapshot, View } from './snapshot.ts'

/**
 * A snapshot with the changes since: without the passages that the delta removes, with those that it holds, and with its
 * synonyms. Keywords and words are counted over what is left and what was added, so a search finds what it would find in a
 * snapshot of the same passages written anew: keyword scores are equal to the bit, and so are cosines where both scan. Where
 * the snapshot has a graph, that finds what it finds (see `recall.ts`), and the delta's passages are found exactly.
 * Source: segments with shared statistics and deletions as bit sets, as Apache Lucene has them.
 * Closing the view closes both.
 * @throws {CorruptError} if `delta` is no delta, or one over another snapshot.
 */
export function overlay(base: Snapshot, delta: Snapshot): View {
  const { removed, manifest } = delta
  if (!removed || manifest.generation !== base.manifest.generation)
    throw new CorruptError(`a delta is not one over generation ${base.manifest.generation}: rebuild the index`)
  const ofPassages = together(base.keywords.statistics, delta.keywords.statistics, removed.passages)
  const ofDocuments = together(base.chinese.statistics, delta.chinese.statistics, removed.documents)
  const weighed = (segment: Segment): Segment => ({
    ...segment,
    keywords: segment.keywords.under(ofPassages),
    chinese: segment.chinese.under(ofDocuments),
  })
  const below = weighed({ ...base.segments[0], filters: base.filters.without(removed.ids) })
  return {
    size: ofPassages.rows,
    segments: [below, weighed(delta.segments[0])],
    words: wordsOf(base.words, delta.words, removed),
    synonyms: delta.synonyms,
    close() {
      delta.close()
      base.close()
    },
  }
}

function together(below: KeywordStatistics, above: KeywordStatistics, removed: Tally): KeywordStatistics {
  const gone = new Map(removed.terms)
  return {
    rows: below.rows - removed.rows + above.rows,
    length: below.length - removed.length + above.length,
    frequency: (term) => below.frequency(term) - (gone.get(term) ?? 0) + above.frequency(term),
  }
}

function wordsOf(base: Vocabulary, delta: Vocabulary, removed: Removal): Vocabulary {
  const words = new Map(base)
  for (const [word, count] of delta) words.set(word, (words.get(word) ?? 0) + count)
  for (const [word, count] of removed.words) {
    const left = (words.get(word) ?? 0) - count
    if (left > 0) words.set(word, left)
    else words.delete(word)
  }
  return words
}
