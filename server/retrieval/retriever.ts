import type { SynonymLists } from '../storage/synonyms.ts'
import type { Vocabulary } from '../text/spelling.ts'
import { terms } from '../text/terms.ts'
import { denseWeight, fuse } from './fusion.ts'
import type { Snapshot } from './snapshot.ts'
import type { PassageReading, RankedPassage, Scope, SearchMode } from './types.ts'
import { byScore, checkCount } from './vector-index.ts'

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

/** Answers questions from one snapshot; the same question gives the same list, to the last bit. */
export interface Retriever {
  /** Passages in the snapshot, whoever may see them. */
  readonly size: number
  /**
   * Rank the passages that the scope may see; what it may not see is never scored. Ties by id.
   * `score` is the fused score in mode hybrid, the cosine in mode dense, BM25 with its phrases in mode keyword.
   * @throws {RangeError} for a bad vector, day, role or k, or when the mode needs a vector and there is none.
   */
  search(question: Question): RankedPassage[]
  /** The passage beside some vectors. @throws {RangeError} if the snapshot has no such passage. */
  read(id: number, vectors: readonly Float32Array[]): PassageReading
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
  snapshot: Snapshot,
  { minimumScore = Number.NEGATIVE_INFINITY, knowsChinese = false }: RetrieverOptions = {},
): Retriever {
  const { filters, keywords, vectors, passages } = snapshot
  const rowOf = (id: number): number => {
    const row = snapshot.rowOf(id)
    if (row < 0) throw new RangeError(`passage ${id} is not in this index`)
    return row
  }

  return {
    size: snapshot.manifest.count,
    words: snapshot.words,
    synonyms: snapshot.synonyms,
    search(question) {
      checkCount(question.k)
      const words = terms(question.text)
      const dense = weightOf(question, words, knowsChinese)
      const selection = filters.select(question.scope)
      if (selection.count === 0) return []
      const depth = Math.max(candidates, question.k)
      const sought = question.mode === 'dense' ? [] : [...words, ...terms(question.synonyms ?? '')]
      const found = keywords.search(sought, depth, selection.mask)
      const cosines = new Map<number, number>()
      const { vector } = question
      if (dense > 0 && vector) {
        const near = vectors.search(vector, depth, selection)
        for (const { id, score } of near.best) cosines.set(id, score)
        for (const { id } of found.best) if (!cosines.has(id)) cosines.set(id, near.cosineOf(id))
      }
      const bm25 = new Map(found.best.map(({ id, score }) => [id, score + found.phraseScoreOf(id)]))
      for (const row of cosines.keys()) if (!bm25.has(row)) bm25.set(row, found.scoreOf(row) + found.phraseScoreOf(row))
      return rank(cosines, bm25, question, { dense, reachable: found.reachable })
    },
    read: (id, near) => passages.read(rowOf(id), near),
    unitVectors: (id) => passages.unitVectors(rowOf(id)),
    termWeight: (term) => keywords.termWeight(term),
    terms: (text) => terms(text),
    close: () => snapshot.close(),
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
      .map(({ id, score }) => ({
        id: filters.ids[id]!,
        score,
        dense: cosines.get(id) ?? 0,
        keyword: bm25.get(id) ?? 0,
      }))
  }
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
