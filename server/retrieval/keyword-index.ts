import { isCjk } from '../text/terms.ts'
import { hashOf, idfOf, type KeywordParts, normOf, readKeywordFile } from './keyword-file.ts'
import { bitOf, createPhrases, type PhraseTerm } from './phrases.ts'
import { createTopK } from './top-k.ts'
import { checkCount, type Neighbour } from './vector-index.ts'

/** One question's keyword scores; valid until the next search on the same index. */
export interface KeywordHits {
  /** The best rows, best first, ties by row; `id` is the row. Rows without any term of the question are not hits. */
  readonly best: readonly Neighbour[]
  /** What no row can exceed: the terms' weights, those that no passage has left out. */
  readonly reachable: number
  /** BM25 of any row that the mask lets through, 0 without a common term. */
  scoreOf(row: number): number
  /** What the question's neighbouring terms add where they stand side by side in a row that the mask lets through, 0 or above; see `phrases.ts`. */
  phraseScoreOf(row: number): number
}

/** What BM25 has to know of a whole collection. */
export interface KeywordStatistics {
  readonly rows: number
  /** Terms in all rows together, headings included as often as they count. */
  readonly length: number
  /** Rows that have an analysed term. */
  frequency(term: string): number
}

/** Okapi BM25 (Robertson & Zaragoza 2009) over the rows of one snapshot. */
export interface KeywordIndex {
  /** Rows. */
  readonly size: number
  /** Of these rows alone. */
  readonly statistics: KeywordStatistics
  /**
   * @param terms the question's in reading order, from `text/terms.ts`; repeats count as often as they stand there.
   * @param mask per row 1 or 0: rows with 0 are never scored. Without a mask all rows are.
   * @throws {RangeError} if k is no whole number from 1, or the mask has another length.
   */
  search(terms: readonly string[], k: number, mask?: Uint8Array): KeywordHits
  /** Inverse document frequency of an analysed term, above 0; 0 if no passage has it. */
  termWeight(term: string): number
  /** The same rows as part of a collection with these statistics: scored to the bit as if they were indexed with the rest of it. */
  under(statistics: KeywordStatistics): KeywordIndex
}

/** Open an index on the bytes of its file, without copying them. @throws {CorruptError} if they are no such file. */
export function openKeywordIndex(bytes: Uint8Array, name = 'keyword index'): KeywordIndex {
  const parts = readKeywordFile(bytes, name)
  const find = createLookUp(parts)
  const statistics: KeywordStatistics = {
    rows: parts.norms.length,
    length: Math.round(parts.meanLength * parts.norms.length),
    frequency(term) {
      const number = find(term)
      return number < 0 ? 0 : parts.start[number + 1]! - parts.start[number]!
    },
  }
  const ownWeight = (term: string): number => {
    const number = find(term)
    return number < 0 ? 0 : parts.idf[number]!
  }
  const over = (norms: Float32Array, termWeight: (term: string) => number): KeywordIndex => ({
    size: norms.length,
    statistics,
    search: createSearch({ ...parts, norms }, find, termWeight),
    termWeight,
    under: (other) => over(normsUnder(parts, other), (term) => weightUnder(other, term)),
  })
  return over(parts.norms, ownWeight)
}

/** Rounded like the weights of a file, so that both give the same scores. */
function weightUnder({ rows, frequency }: KeywordStatistics, term: string): number {
  const found = frequency(term)
  return found > 0 ? Math.fround(idfOf(rows, found)) : 0
}

/** Norms for another mean length. The file's own tell each row's length, a whole number. */
function normsUnder({ norms, parameters, meanLength }: KeywordParts, { rows, length }: KeywordStatistics) {
  const { k1, b } = parameters
  if (k1 * b === 0 || rows === 0) return norms // lengths play no part
  return norms.map((norm) => {
    const own = Math.round(((norm / k1 - (1 - b)) * meanLength) / b)
    return normOf(parameters, own, length / rows)
  })
}

type LookUp = (term: string) => number

/** Gives a term's number, −1 if no passage has it. */
function createLookUp({ slots, text, textStart }: KeywordParts): LookUp {
  let scratch = Buffer.alloc(512)
  const slotMask = slots.length - 1

  function equals(number: number, length: number): boolean {
    const start = textStart[number]!
    if (textStart[number + 1]! - start !== length) return false
    for (let i = 0; i < length; i++) if (text[start + i] !== scratch[i]) return false
    return true
  }
  return (term) => {
    if (3 * term.length > scratch.length) scratch = Buffer.alloc(3 * term.length)
    const length = scratch.write(term)
    for (let slot = hashOf(scratch, 0, length) & slotMask; ; slot = (slot + 1) & slotMask) {
      const number = slots[slot]! - 1
      if (number < 0 || equals(number, length)) return number
    }
  }
}

/** BM25 of one question at a time, row by row. */
function createScores({ start, rows, frequencies, norms }: KeywordParts) {
  const scores = new Float64Array(norms.length)
  const touched = new Uint32Array(norms.length)
  let touchedCount = 0
  // Per row a bit for each of the question's first 30 terms that it has, and one for all others.
  const held = new Uint32Array(norms.length)
  return {
    of: (row: number): number => scores[row] ?? 0,
    held: (row: number): number => held[row] ?? 0,
    /** Add what a term of this number counts; `bit` marks the rows that have it. */
    add(number: number, weight: number, bit: number, mask: Uint8Array | undefined): void {
      const end = start[number + 1]!
      for (let at = start[number]!; at < end; at++) {
        const row = rows[at]!
        if (mask && mask[row] === 0) continue
        const frequency = frequencies[at]!
        if (scores[row] === 0) touched[touchedCount++] = row
        held[row]! |= bit
        scores[row]! += (weight * frequency) / (frequency + norms[row]!)
      }
    },
    best(k: number): readonly Neighbour[] {
      const best = createTopK(Math.max(1, Math.min(k, touchedCount)))
      for (let i = 0; i < touchedCount; i++) {
        const row = touched[i]!
        if (scores[row]! >= best.floor) best.offer(row, scores[row]!)
      }
      return best.sorted()
    },
    clear(): void {
      for (let i = 0; i < touchedCount; i++) {
        scores[touched[i]!] = 0
        held[touched[i]!] = 0
      }
      touchedCount = 0
    },
  }
}

function createSearch(parts: KeywordParts, find: LookUp, termWeight: (term: string) => number): KeywordIndex['search'] {
  const { k1 } = parts.parameters
  const size = parts.norms.length
  const scores = createScores(parts)
  const phrases = createPhrases({ ...parts, k1, terms: parts.idf.length })

  return (terms, k, mask) => {
    checkCount(k)
    if (mask && mask.length !== size) throw new RangeError(`a mask of ${mask.length} does not fit ${size} rows`)
    scores.clear()
    const counts = new Map<string, number>()
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
    let reachable = 0
    const known = new Map<string, PhraseTerm>()
    for (const [term, count] of counts) {
      const idf = termWeight(term)
      if (idf === 0) continue
      const weight = count * idf * (k1 + 1)
      reachable += weight
      const number = find(term)
      if (number < 0) continue
      const bit = bitOf(known.size)
      scores.add(number, weight, bit, mask)
      // Characters in pairs are phrases already.
      if (!isCjk(term)) known.set(term, { number, bit, weight: idf })
    }
    const phrasesOf = phrases(terms.map((term) => known.get(term)))
    // A row without a term of the question, or behind the mask, need not be read.
    const phraseScoreOf = (row: number): number => phrasesOf(row, scores.held(row))
    return { best: scores.best(k), reachable, scoreOf: scores.of, phraseScoreOf }
  }
}
