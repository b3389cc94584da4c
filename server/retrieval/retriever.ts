import type { SynonymLists } from '../storage/synonyms.ts'
import type { Vocabulary } from '../text/spelling.ts'
import { terms } from '../text/terms.ts'
import { denseWeight, fuse } from './fusion.ts'
import type { KeywordHits } from './keyword-index.ts'
import type { Snapshot } from './snapshot.ts'
import { createSpaces, type Meaning, type QuestionVectors } from './spaces.ts'
import type { PassageReading, RankedPassage, Scope, SearchMode, Space } from './types.ts'
import { byScore, checkCount } from './vector-index.ts'

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
  /** Encoders whose vectors a question needs. */
  needed(isChinese: boolean): readonly Space[]
  /** The passage beside some vectors of one encoder. @throws {RangeError} if the snapshot has no such passage. */
  read(id: number, vectors: readonly Float32Array[], space?: Space): PassageReading
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
  const { filters, keywords, passages, chinese } = snapshot
  const spaces = createSpaces(snapshot)
  const rowOf = (id: number): number => {
    const row = snapshot.rowOf(id)
    if (row < 0) throw new RangeError(`passage ${id} is not in this index`)
    return row
  }

  return {
    size: snapshot.manifest.count,
    words: snapshot.words,
    synonyms: snapshot.synonyms,
    search,
    needed: spaces.needed,
    read: (id, near, space = 'first') => passages.read(rowOf(id), near, space === 'first' ? 0 : 1),
    unitVectors: (id) => passages.unitVectors(rowOf(id)),
    termWeight: (term) => keywords.termWeight(term),
    terms: (text) => terms(text),
    close: () => snapshot.close(),
  }

  function search(question: Question): RankedPassage[] {
    const { text, lang, scope, k, mode } = question
    checkCount(k)
    const words = terms(text)
    const isChinese = lang === undefined ? mostlyHan(text) : lang.startsWith('zh')
    const dense = weightOf(mode, words, isChinese, knowsChinese || snapshot.second !== undefined)
    const selection = filters.select(scope)
    if (selection.count === 0) return []
    const depth = Math.max(candidates, k)
    // The empty term, which no passage has, keeps the last word of the question and the first synonym from being a phrase.
    const sought = mode === 'dense' ? [] : [...words, '', ...terms(question.synonyms ?? '')]
    const alone = keywords.search(sought, depth, selection.mask)
    const found = isChinese && chinese.any ? chinese.weigh(sought, alone, depth, selection) : alone
    const meaning = dense > 0 ? spaces.search(question, isChinese, depth, selection) : undefined
    return rank(question, found, meaning, dense)
  }

  function rank({ k, mode }: Question, found: KeywordHits, meaning: Meaning | undefined, dense: number) {
    const cosines = new Map(meaning?.best.map(({ id, score }) => [id, score]))
    if (meaning) for (const { id } of found.best) if (!cosines.has(id)) cosines.set(id, meaning.cosineOf(id))
    const bm25 = new Map(found.best.map(({ id, score }) => [id, score + found.phraseScoreOf(id)]))
    for (const row of cosines.keys()) if (!bm25.has(row)) bm25.set(row, found.scoreOf(row) + found.phraseScoreOf(row))
    // Keywords alone keep BM25 as it is: unlike a share of the best, it can be compared between questions.
    const ranked =
      mode === 'keyword'
        ? Array.from(bm25, ([id, score]) => ({ id, score })).sort(byScore)
        : fuse(cosines, bm25, dense, found.reachable, meaning?.isForeign)
    return ranked
      .slice(0, k)
      .filter(({ score }) => score >= minimumScore)
      .map(({ id, score }) => ({
        id: filters.ids[id]!,
        score,
        dense: cosines.get(id) ?? 0,
        ...(meaning && { space: meaning.spaceOf(id) }),
        keyword: bm25.get(id) ?? 0,
      }))
  }
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
