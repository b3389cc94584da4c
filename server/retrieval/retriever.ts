import type { Vocabulary } from '../text/spelling.ts'
import { terms } from '../text/terms.ts'
import { denseWeight, fuse } from './fusion.ts'
import type { PassageFile } from './passage-file.ts'
import type { Segment, View } from './snapshot.ts'
import type { PassageReading, RankedPassage, Scope, SearchMode } from './types.ts'
import { byScore, checkCount, type Neighbour } from './vector-index.ts'

export interface Question {
  readonly text: string
  /** Other words for what `text` says, looked up as well; they do not make the question longer. */
  readonly synonyms?: string
  /** The encoder's unit vector of `text`; may be left out where only keywords count. */
  readonly vector?: Float32Array
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
   * `score` is the fused score in mode hybrid, the cosine in mode dense, BM25 in mode keyword.
   * @throws {RangeError} for a bad vector, day, role or k, or when the mode needs a vector and there is none.
   */
  search(question: Question): RankedPassage[]
  /** The passage beside some vectors. @throws {RangeError} if the index has no such passage. */
  read(id: number, vectors: readonly Float32Array[]): PassageReading
  /** The vectors of the passage's units, units × dimension. @throws {RangeError} as `read`. */
  unitVectors(id: number): Float32Array
  /** How rare an analysed term is (BM25's idf), above 0; 0 if no passage has it. */
  termWeight(term: string): number
  /** Words of all passages with their counts. */
  readonly words: Vocabulary
  /** Analysed terms of a text, as the index has them. */
  terms(text: string): string[]
  close(): void
}

/** Candidates from either ranking; what is in neither list does not win in the sum. */
const candidates = 100

export function createRetriever(
  { size, segments, words, close }: View,
  { minimumScore = Number.NEGATIVE_INFINITY, knowsChinese = false }: RetrieverOptions = {},
): Retriever {
  const [{ keywords }] = segments
  const place = (id: number): { passages: PassageFile; row: number } => {
    for (const { filters, passages } of segments) {
      const row = filters.rowOf(id)
      if (row >= 0) return { passages, row }
    }
    throw new RangeError(`passage ${id} is not in this index`)
  }

  return {
    size,
    words,
    search(question) {
      checkCount(question.k)
      const asked = terms(question.text)
      const dense = weightOf(question, asked, knowsChinese)
      const depth = Math.max(candidates, question.k)
      const sought = question.mode === 'dense' ? [] : [...asked, ...terms(question.synonyms ?? '')]
      const vector = dense > 0 ? question.vector : undefined
      const hits = segments.flatMap((segment) => searchSegment(segment, question.scope, sought, vector, depth) ?? [])
      if (hits.length === 0) return []
      const [cosines, bm25] = [new Map<number, number>(), new Map<number, number>()]
      for (const { id, score } of best(hits, 'near', depth)) cosines.set(id, score)
      for (const { id, score } of best(hits, 'found', depth)) bm25.set(id, score)
      completeScores(hits, cosines, bm25)
      return rank(cosines, bm25, question, { dense, reachable: hits[0]!.reachable })
    },
    read: (id, near) => {
      const { passages, row } = place(id)
      return passages.read(row, near)
    },
    unitVectors: (id) => {
      const { passages, row } = place(id)
      return passages.unitVectors(row)
    },
    termWeight: (term) => keywords.termWeight(term),
    terms: (text) => terms(text),
    close,
  }

  function rank(
    cosines: Map<number, number>,
    bm25: Map<number, number>,
    { k, mode }: Question,
    { dense, reachable }: { readonly dense: number; readonly reachable: number },
  ) {
    // Keywords alone keep BM25 as it is: unlike a share of the best, it can be compared between questions.
    const ranked =
      mode === 'keyword'
        ? Array.from(bm25, ([id, score]) => ({ id, score })).sort(byScore)
        : fuse(cosines, bm25, dense, reachable)
    return ranked
      .slice(0, k)
      .filter(({ score }) => score >= minimumScore)
      .map(({ id, score }) => ({ id, score, dense: cosines.get(id) ?? 0, keyword: bm25.get(id) ?? 0 }))
  }
}

/** What one segment has to say to a question; valid until the next search. Ids are the store's. */
interface SegmentHits {
  readonly found: readonly Neighbour[]
  /** Empty where cosines play no part. */
  readonly near: readonly Neighbour[]
  readonly reachable: number
  has(id: number): boolean
  bm25Of(id: number): number
  /** Undefined where cosines play no part. */
  cosineOf(id: number): number | undefined
}

/** @returns undefined if the scope may see nothing here. */
function searchSegment(
  { filters, keywords, vectors }: Segment,
  scope: Scope,
  sought: readonly string[],
  vector: Float32Array | undefined,
  depth: number,
): SegmentHits | undefined {
  const selection = filters.select(scope)
  if (selection.count === 0) return undefined
  const found = keywords.search(sought, depth, selection.mask)
  const near = vector && vectors.search(vector, depth, selection)
  // Rows have the order of ids, so ties keep theirs.
  const named = ({ id, score }: Neighbour): Neighbour => ({ id: filters.ids[id]!, score })
  return {
    found: found.best.map(named),
    near: near?.best.map(named) ?? [],
    reachable: found.reachable,
    has: (id) => filters.rowOf(id) >= 0,
    bm25Of: (id) => found.scoreOf(filters.rowOf(id)),
    cosineOf: (id) => near?.cosineOf(filters.rowOf(id)),
  }
}

/** The best of all segments together, ties by id. */
function best(hits: readonly SegmentHits[], list: 'found' | 'near', depth: number): readonly Neighbour[] {
  if (hits.length === 1) return hits[0]![list]
  return hits
    .flatMap((hit) => hit[list])
    .sort(byScore)
    .slice(0, depth)
}

/** Gives every candidate both of its scores, whichever ranking found it. */
function completeScores(hits: readonly SegmentHits[], cosines: Map<number, number>, bm25: Map<number, number>): void {
  for (const id of bm25.keys()) {
    const cosine = cosines.has(id) ? undefined : hits.find((hit) => hit.has(id))?.cosineOf(id)
    if (cosine !== undefined) cosines.set(id, cosine)
  }
  for (const id of cosines.keys()) if (!bm25.has(id)) bm25.set(id, hits.find((hit) => hit.has(id))?.bm25Of(id) ?? 0)
}

/** Weight of the cosine by mode, length and script of the question. */
function weightOf({ mode, text, lang, vector }: Question, words: readonly string[], knowsChinese: boolean): number {
  if (mode === 'keyword') return 0
  const chinese = lang === undefined ? mostlyHan(text) : lang.startsWith('zh')
  const weight = mode === 'dense' ? 1 : denseWeight(new Set(words).size, chinese, knowsChinese)
  if (weight > 0 && !vector) throw new RangeError(`a search in mode ${mode} needs the question's vector`)
  return weight
}

function mostlyHan(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0
  return 2 * han > letters
}
