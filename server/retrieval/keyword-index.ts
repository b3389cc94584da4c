import { isCjk } from '../text/terms.ts'
import { hashOf, readKeywordFile } from './keyword-file.ts'
import { createPhrases } from './phrases.ts'
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

/** Okapi BM25 (Robertson & Zaragoza 2009) over the rows of one snapshot. */
export interface KeywordIndex {
  /** Rows. */
  readonly size: number
  /**
   * @param terms the question's in reading order, from `text/terms.ts`; repeats count as often as they stand there.
   * @param mask per row 1 or 0: rows with 0 are never scored. Without a mask all rows are.
   * @throws {RangeError} if k is no whole number from 1, or the mask has another length.
   */
  search(terms: readonly string[], k: number, mask?: Uint8Array): KeywordHits
  /** Inverse document frequency of an analysed term, above 0; 0 if no passage has it. */
  termWeight(term: string): number
}

/** Open an index on the bytes of its file, without copying them. @throws {CorruptError} if they are no such file. */
export function openKeywordIndex(bytes: Uint8Array, name = 'keyword index'): KeywordIndex {
  const parts = readKeywordFile(bytes, name)
  const size = parts.norms.length
  const scores = new Float64Array(size)
  const touched = new Uint32Array(size)
  let touchedCount = 0
  const phrases = createPhrases({ ...parts, k1: parts.parameters.k1 })
  let scratch = Buffer.alloc(512)
  const slotMask = parts.slots.length - 1

  /** The term's number, −1 if no passage has it. */
  function find(term: string): number {
    if (3 * term.length > scratch.length) scratch = Buffer.alloc(3 * term.length)
    const length = scratch.write(term)
    for (let slot = hashOf(scratch, 0, length) & slotMask; ; slot = (slot + 1) & slotMask) {
      const number = parts.slots[slot]! - 1
      if (number < 0 || equals(number, length)) return number
    }
  }
  function equals(number: number, length: number): boolean {
    const start = parts.textStart[number]!
    if (parts.textStart[number + 1]! - start !== length) return false
    for (let i = 0; i < length; i++) if (parts.text[start + i] !== scratch[i]) return false
    return true
  }
  function score(number: number, weight: number, mask: Uint8Array | undefined): void {
    const { rows, frequencies, norms } = parts
    const end = parts.start[number + 1]!
    for (let at = parts.start[number]!; at < end; at++) {
      const row = rows[at]!
      if (mask && mask[row] === 0) continue
      const frequency = frequencies[at]!
      if (scores[row] === 0) touched[touchedCount++] = row
      scores[row]! += (weight * frequency) / (frequency + norms[row]!)
    }
  }
  function clear(): void {
    for (let i = 0; i < touchedCount; i++) scores[touched[i]!] = 0
    touchedCount = 0
  }

  return {
    size,
    search(terms, k, mask) {
      checkCount(k)
      if (mask && mask.length !== size) throw new RangeError(`a mask of ${mask.length} does not fit ${size} rows`)
      clear()
      const counts = new Map<string, number>()
      for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
      let reachable = 0
      for (const [term, count] of counts) {
        const number = find(term)
        if (number < 0) continue
        const weight = count * parts.idf[number]! * (parts.parameters.k1 + 1)
        score(number, weight, mask)
        reachable += weight
      }
      const best = createTopK(Math.max(1, Math.min(k, touchedCount)))
      for (let i = 0; i < touchedCount; i++) {
        const row = touched[i]!
        if (scores[row]! >= best.floor) best.offer(row, scores[row]!)
      }
      // Characters in pairs are phrases already.
      const phrasesOf = phrases(terms.map((term) => (isCjk(term) ? -1 : find(term))))
      // A row without a term of the question, or behind the mask, need not be read.
      const phraseScoreOf = (row: number): number => ((scores[row] ?? 0) === 0 ? 0 : phrasesOf(row))
      return { best: best.sorted(), reachable, scoreOf: (row) => scores[row] ?? 0, phraseScoreOf }
    },
    termWeight(term) {
      const number = find(term)
      return number < 0 ? 0 : parts.idf[number]!
    },
  }
}
