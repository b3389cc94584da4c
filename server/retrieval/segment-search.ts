import type { Segment } from './snapshot.ts'
import { createSpaces, type QuestionVectors } from './spaces.ts'
import type { Scope, Space } from './types.ts'
import type { Neighbour } from './vector-index.ts'

/** What is asked of a segment. */
export interface Asked {
  /** Analysed terms in reading order. */
  readonly sought: readonly string[]
  readonly isChinese: boolean
  /** Absent where cosines play no part. */
  readonly vectors: QuestionVectors | undefined
  readonly scope: Scope
  /** Most hits of each list, from 1. */
  readonly depth: number
}

/** What one segment has to say to a question; valid until its next search. Ids are the store's. */
export interface SegmentHits {
  /** By keywords. */
  readonly found: readonly Neighbour[]
  /** By each encoder that the question needs; no list where cosines play no part. */
  readonly near: readonly (readonly Neighbour[])[]
  /** BM25 that no passage can exceed; equal in all segments. */
  readonly reachable: number
  has(id: number): boolean
  bm25Of(id: number): number
  phraseScoreOf(id: number): number
  /** Undefined where cosines play no part. */
  cosineOf(id: number): number | undefined
  spaceOf(id: number): Space | undefined
  isForeign(id: number): boolean
}

/** Search one segment by keywords and by meaning. */
export function createSegmentSearch(segment: Segment) {
  const { filters, keywords, chinese } = segment
  const spaces = createSpaces(segment)
  // Rows have the order of ids, so ties keep theirs.
  const named = ({ id, score }: Neighbour): Neighbour => ({ id: filters.ids[id]!, score })

  return {
    needed: spaces.needed,
    /** @returns undefined if the scope may see nothing here. @throws {RangeError} for a bad vector, day or role. */
    search({ sought, isChinese, vectors, scope, depth }: Asked): SegmentHits | undefined {
      const selection = filters.select(scope)
      if (selection.count === 0) return undefined
      const alone = keywords.search(sought, depth, selection.mask)
      const found = isChinese && chinese.any ? chinese.weigh(sought, alone, depth, selection) : alone
      const meaning = vectors && spaces.search(vectors, isChinese, depth, selection)
      return {
        found: found.best.map(named),
        near: meaning?.best.map((list) => list.map(named)) ?? [],
        reachable: found.reachable,
        has: (id) => filters.rowOf(id) >= 0,
        bm25Of: (id) => found.scoreOf(filters.rowOf(id)),
        phraseScoreOf: (id) => found.phraseScoreOf(filters.rowOf(id)),
        cosineOf: (id) => meaning?.cosineOf(filters.rowOf(id)),
        spaceOf: (id) => meaning?.spaceOf(filters.rowOf(id)),
        isForeign: (id) => meaning?.isForeign(filters.rowOf(id)) ?? false,
      }
    },
  }
}
