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

/** A term of a question that some row has. */
export interface PhraseTerm {
  readonly number: number
  /** How rare it is. */
  readonly weight: number
  /** By {@link bitOf}. */
  readonly bit: number
}

/** A bit of 31 for a question's i-th term; those from the 31st on share the last. */
export const bitOf = (i: number): number => 1 << Math.min(i, 30)

/** A question has fewer, as its length is bounded; those beyond do not count. */
const maxPhrases = 4_096

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
 * @returns for a question's terms in reading order, undefined where no row has one, the score of the phrases of a row, 0 or
 * above; `held` are the bits of the terms that the row has.
 */
export function createPhrases({ sequences, terms: size, k1, norms }: PhraseParts) {
  // Per term the first phrase of the question that begins with it, and per phrase the next one; 0 for none. Typed arrays, as
  // every word of some hundred rows is looked up here.
  const begins = new Uint16Array(size)
  let begun: number[] = []
  const { follows, seconds, weights, found } = roomFor(maxPhrases)
  let count = 0
  let pairs: number[] = []

  function prepare(terms: readonly (PhraseTerm | undefined)[]): void {
    for (const first of begun) begins[first] = 0
    begun = []
    count = 0
    const both = new Set<number>()
    for (let i = 0; i + 1 < terms.length && count < maxPhrases; i++) {
      const [first, second] = [terms[i], terms[i + 1]]
      if (!first || !second) continue
      count++
      both.add(first.bit | second.bit)
      seconds[count] = second.number
      weights[count] = phraseWeight * Math.max(first.weight, second.weight) * (k1 + 1)
      follows[count] = begins[first.number]!
      begins[first.number] = count
      begun.push(first.number)
    }
    pairs = [...both]
  }

  /** Whether a row has both terms of any phrase; most candidates do not, and need not be read. */
  function mayHave(held: number): boolean {
    for (let i = 0; i < pairs.length; i++) if ((pairs[i]! & ~held) === 0) return true
    return false
  }

  /** @returns whether the row has any. */
  function find(row: number): boolean {
    const { start, numbers } = sequences
    const last = start[row + 1]! - 1
    let any = false
    for (let at = start[row]!; at < last; at++) {
      const first = numbers[at]!
      // V8 takes an index of 32 bits for a mistake, and would compile this anew each time.
      if (first === gap) continue
      for (let phrase = begins[first]!; phrase > 0; phrase = follows[phrase]!) {
        if (seconds[phrase] !== numbers[at + 1]) continue
        found[phrase]!++
        any = true
      }
    }
    return any
  }

  return (terms: readonly (PhraseTerm | undefined)[]): ((row: number, held: number) => number) => {
    prepare(terms)
    return (row, held) => {
      if (!mayHave(held) || !find(row)) return 0
      let score = 0
      for (let phrase = 1; phrase <= count; phrase++) {
        if (found[phrase] === 0) continue // 0 of 0, where k1 is 0
        score += (weights[phrase]! * found[phrase]!) / (found[phrase]! + norms[row]!)
        found[phrase] = 0
      }
      return score
    }
  }
}

/** Place 0 stands for none. */
const roomFor = (phrases: number) => ({
  follows: new Uint16Array(phrases + 1),
  seconds: new Uint32Array(phrases + 1),
  weights: new Float64Array(phrases + 1),
  found: new Uint32Array(phrases + 1),
})
