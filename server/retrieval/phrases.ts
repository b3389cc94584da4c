/** Term numbers in reading order, row after row: those of row r are `start[r]` to `start[r + 1]`. */
export interface Sequences {
  readonly start: Uint32Array
  readonly numbers: Uint32Array
}

/** Between text and heading: what stands on either side of it is no phrase. */
export const gap = 0xffff_ffff

/**
 * What a phrase counts beside a term as rare. Over five sets (us_regs hit@5, bank_faq_en and demo questions MRR@10, fiqa_mini
 * nDCG@10, financebench hit@5): 0.3 gains 0.008, 0.003, 0.001, 0.004 and 0, and 0.5 no more.
 */
const phraseWeight = 0.3

interface Phrase {
  readonly second: number
  readonly weight: number
  found: number
}

/** A term of a question: its number, −1 if no row has it, and how rare it is. */
interface Term {
  readonly number: number
  readonly weight: number
}

export interface PhraseParts {
  readonly sequences: Sequences
  /** How many numbers there are. */
  readonly terms: number
  readonly k1: number
  /** Per row, as BM25 has it. */
  readonly norms: Float32Array
}

/**
 * Neighbouring terms of a question that stand side by side in a row, counted as BM25 counts terms. A phrase is taken to be as
 * rare as the rarer of its terms, so that no list of phrases has to be kept: rows are read in order, and only those that are
 * candidates already. Source: the sequential dependence model, Metzler & Croft 2005, without its unordered windows.
 * @returns for a question's terms in reading order the score of a row's phrases, 0 or above.
 */
export function createPhrases({ sequences, terms: size, k1, norms }: PhraseParts) {
  // A flag a term, as nine words of ten of a row begin no phrase of the question.
  const begins = new Uint8Array(size)
  let phrases = new Map<number, Phrase[]>()

  function prepare(terms: readonly Term[]): void {
    for (const first of phrases.keys()) begins[first] = 0
    phrases = new Map()
    for (let i = 0; i + 1 < terms.length; i++) {
      const [first, second] = [terms[i]!, terms[i + 1]!]
      if (first.number < 0 || second.number < 0) continue
      const weight = phraseWeight * Math.max(first.weight, second.weight) * (k1 + 1)
      phrases.set(first.number, [...(phrases.get(first.number) ?? []), { second: second.number, weight, found: 0 }])
      begins[first.number] = 1
    }
  }

  function count(row: number): void {
    const { start, numbers } = sequences
    const last = start[row + 1]! - 1
    for (let at = start[row]!; at < last; at++) {
      const first = numbers[at]!
      if (begins[first] !== 1) continue
      for (const phrase of phrases.get(first)!) if (phrase.second === numbers[at + 1]) phrase.found++
    }
  }

  return (terms: readonly Term[]): ((row: number) => number) => {
    prepare(terms)
    return (row) => {
      if (phrases.size === 0) return 0
      count(row)
      let score = 0
      for (const begun of phrases.values()) {
        for (const phrase of begun) {
          if (phrase.found === 0) continue // 0 of 0, where k1 is 0
          score += (phrase.weight * phrase.found) / (phrase.found + norms[row]!)
          phrase.found = 0
        }
      }
      return score
    }
  }
}
