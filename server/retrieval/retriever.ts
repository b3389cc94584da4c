import type { SynonymLists } from '../storage/synonyms.ts'
import type { Vocabulary } from '../text/spelling.ts'
import { terms } from '../text/terms.ts'
import { denseWeight, fuse } from './fusion.ts'
import { type Asked, createSegmentSearch, type SegmentHits } from './segment-search.ts'
import type { View } from './snapshot.ts'
import type { QuestionVectors } from './spaces.ts'
import type { PassageReading, RankedPassage, Scope, SearchMode, Space } from './types.ts'
import { byScore, checkCount, type Neighbour } from './vector-index.ts'

export interface Question extends QuestionVectors {
  readonly text: string
  /** Other words for what `text` says, looked up as well; they do not make the question longer. */
  readonly synonyms?: string
  /** Language if known, `en`, `zh-CN`; else the script tells whether the question is Chinese. */
  readonly lang?: string
  readonly scope: Scope
  /** Most passages to return, from 1. */
  readonly k: number
  readonly mode: SearchMode
}

export interface RetrieverOptions {
  /** Passages with a lower fused score are left out. */
  readonly minimumScore?: number
  /** Whether vectors of Chinese questions mean something; default false. */
  readonly knowsChinese?: boolean
}

/** Answers questions from one index; the same question gives the same list, to the last bit. */
export interface Retriever {
  /** Passages in the index, whoever may see them. */
  readonly size: number
  /**
   * Rank the passages that the scope may see; what it may not see is never scored. Ties by id.
   * `score` is the fused score in mode hybrid, the cosine in mode dense, BM25 with its phrases in mode keyword.
   * @throws {RangeError} for a bad vector, day, role or k, or when the mode needs a vector and there is none.
   */
  search(question: Question): RankedPassage[]
  /** Encoders whose vectors a question needs. */
  needed(isChinese: boolean): readonly Space[]
  /** The passage beside some vectors of one encoder. @throws {RangeError} if the index has no such passage. */
  read(id: number, vectors: readonly Float32Array[], space?: Space): PassageReading
  /** Ids of all passages that a scope may see. @throws {RangeError} for a bad day or role. */
  visible(scope: Scope): number[]
  /** The vectors of the passage's units, units × dimension. @throws {RangeError} as `read`. */
  unitVectors(id: number): Float32Array
  /** How rare an analysed term is (BM25's idf), above 0; 0 if no passage has it. */
  termWeight(term: string): number
  /** Words of all passages with their counts. */
  readonly words: Vocabulary
  /** What each collection calls by other words. */
  readonly synonyms: SynonymLists
  /** Analysed terms of a text, as the index has them. */
  terms(text: string): string[]
  close(): void
}

/** Candidates from either ranking; what is in neither list does not win in the sum. */
const candidates = 100

export function createRetriever(
  view: View,
  { minimumScore = Number.NEGATIVE_INFINITY, knowsChinese = false }: RetrieverOptions = {},
): Retriever {
  const parts = view.segments.map(createSegmentSearch)
  const { keywords, second } = view.segments[0]
  const place = (id: number) => {
    for (const { filters, passages } of view.segments) {
      const row = filters.rowOf(id)
      if (row >= 0) return { passages, row }
    }
    throw new RangeError(`passage ${id} is not in this index`)
  }

  function search(question: Question): RankedPassage[] {
    checkCount(question.k)
    const words = terms(question.text)
    const isChinese = question.lang === undefined ? mostlyHan(question.text) : question.lang.startsWith('zh')
    const dense = weightOf(question.mode, words, isChinese, knowsChinese || second !== undefined)
    const depth = Math.max(candidates, question.k)
    // The empty term, which no passage has, keeps the last word of the question and the first synonym from being a phrase.
    const sought = question.mode === 'dense' ? [] : [...words, '', ...terms(question.synonyms ?? '')]
    const asked: Asked = { sought, isChinese, depth, scope: question.scope, vectors: dense > 0 ? question : undefined }
    const hits = parts.flatMap((part) => part.search(asked) ?? [])
    return hits.length === 0 ? [] : rank(question, hits, dense, depth)
  }

  function rank({ k, mode }: Question, hits: readonly SegmentHits[], dense: number, depth: number): RankedPassage[] {
    const holder = (id: number): SegmentHits => hits.find((hit) => hit.has(id))! // every candidate is somebody's hit
    const { cosines, bm25 } = scoresOf(hits, holder, depth)
    // Keywords alone keep BM25 as it is: unlike a share of the best, it can be compared between questions.
    const ranked =
      mode === 'keyword'
        ? Array.from(bm25, ([id, score]) => ({ id, score })).sort(byScore)
        : fuse(cosines, bm25, dense, hits[0]!.reachable, (id) => holder(id).isForeign(id))
    return ranked
      .slice(0, k)
      .filter(({ score }) => score >= minimumScore)
      .map(({ id, score }) => {
        const space = holder(id).spaceOf(id)
        return { id, score, dense: cosines.get(id) ?? 0, ...(space && { space }), keyword: bm25.get(id) ?? 0 }
      })
  }

  return {
    size: view.size,
    words: view.words,
    synonyms: view.synonyms,
    search,
    // All segments give the same: whether any passage is in Chinese is told of all together.
    needed: parts[0]!.needed,
    read(id, near, space = 'first') {
      const { passages, row } = place(id)
      return passages.read(row, near, space === 'first' ? 0 : 1)
    },
    visible: (scope) =>
      view.segments.flatMap(({ filters }) => {
        const { mask, count } = filters.select(scope)
        return count === 0 ? [] : Array.from(filters.ids).filter((_, row) => !mask || mask[row] === 1)
      }),
    unitVectors(id) {
      const { passages, row } = place(id)
      return passages.unitVectors(row)
    },
    termWeight: (term) => keywords.termWeight(term),
    terms: (text) => terms(text),
    close: () => view.close(),
  }
}

/** Both scores of every candidate, whichever ranking found it; no cosines where they play no part. */
function scoresOf(hits: readonly SegmentHits[], holder: (id: number) => SegmentHits, depth: number) {
  const near = hits[0]!.near.flatMap((_, i) =>
    best(
      hits.map((hit) => hit.near[i]!),
      depth,
    ),
  )
  const found = best(
    hits.map((hit) => hit.found),
    depth,
  )
  const cosines = new Map(near.map(({ id, score }) => [id, score]))
  const bm25 = new Map(found.map(({ id, score }) => [id, score + holder(id).phraseScoreOf(id)]))
  for (const id of bm25.keys()) {
    const cosine = cosines.has(id) ? undefined : holder(id).cosineOf(id)
    if (cosine !== undefined) cosines.set(id, cosine)
  }
  for (const id of cosines.keys()) if (!bm25.has(id)) bm25.set(id, holder(id).bm25Of(id) + holder(id).phraseScoreOf(id))
  return { cosines, bm25 }
}

/** The best of lists of all segments, ties by id. */
function best(lists: readonly (readonly Neighbour[])[], depth: number): readonly Neighbour[] {
  return lists.length === 1 ? lists[0]! : lists.flat().sort(byScore).slice(0, depth)
}

/** Weight of the cosine by mode, length and language of the question. */
function weightOf(mode: SearchMode, words: readonly string[], isChinese: boolean, knowsChinese: boolean): number {
  if (mode === 'keyword') return 0
  return mode === 'dense' ? 1 : denseWeight(new Set(words).size, isChinese, knowsChinese)
}

function mostlyHan(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0
  return 2 * han > letters
}
