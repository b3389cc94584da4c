import { byScore, type Neighbour } from './vector-index.ts'

/**
 * Of what a question's terms could reach at most, the share that counts as a full match. Divided by the highest score alone,
 * a passage that shares two words out of twenty would count like one that shares all.
 */
const fullMatch = 0.6

/**
 * Merge a dense and a keyword ranking by a weighted sum: dense · cosine + (1 − dense) · bm25 / full, where full is the highest
 * bm25 of this question or 0.6 of what its terms could reach, whichever is more.
 * A sum of scores beats reciprocal rank fusion on all our sets, as it keeps how sure each ranking is.
 * @param cosine similarity per passage, −1 to 1; a passage that only the keywords found counts as 0.
 * @param bm25 keyword score per passage, unbounded, 0 or above.
 * @param dense weight of the cosine, 0 to 1.
 * @param reachable BM25 that no passage can exceed for this question, from `KeywordHits.reachable`.
 * @param isForeign whether a passage is in another language than the question: the two share no words, so the cosine stands in
 * for them; default none is.
 * @returns every passage once, best first, ties by id so that a rerun prints the same list; scores are unitless.
 * @throws {RangeError} if `dense` is outside 0 to 1.
 */
export function fuse(
  cosine: ReadonlyMap<number, number>,
  bm25: ReadonlyMap<number, number>,
  dense: number,
  reachable: number,
  isForeign: (id: number) => boolean = () => false,
): Neighbour[] {
  if (!(dense >= 0 && dense <= 1)) throw new RangeError(`dense must be within 0 and 1, got ${dense}`)
  let full = Math.max(fullMatch * reachable, Number.MIN_VALUE)
  for (const score of bm25.values()) full = Math.max(full, score)
  const fused: Neighbour[] = []
  for (const [id, similarity] of cosine) {
    const byWords = ((1 - dense) * (bm25.get(id) ?? 0)) / full
    const other = isForeign(id) ? Math.max(byWords, (1 - dense) * similarity) : byWords
    fused.push({ id, score: dense * similarity + other })
  }
  for (const [id, score] of bm25) if (!cosine.has(id)) fused.push({ id, score: ((1 - dense) * score) / full })
  return fused.sort(byScore)
}

/** A question of up to so many content terms is short, of so many or more long; the weight falls evenly between. */
const [shortQuestion, longQuestion] = [12, 28]
const [shortWeight, longWeight] = [0.85, 0.4]

/**
 * Chinese terms are pairs of characters, of which a long question nearly always quotes some clause; never 0, as a passage in
 * another language is found by its meaning alone.
 */
const longChineseWeight = 0.1

/**
 * How much the cosine counts against the keywords. Long questions quote more of the text that answers them; a Chinese
 * question has no meaning for an English encoder.
 * @param contentTerms distinct terms of the question after stop words.
 * @param knowsChinese whether the encoder does; default false.
 */
export function denseWeight(contentTerms: number, chinese: boolean, knowsChinese = false): number {
  if (chinese && !knowsChinese) return 0
  const least = chinese ? longChineseWeight : longWeight
  const length = Math.min(1, Math.max(0, (contentTerms - shortQuestion) / (longQuestion - shortQuestion)))
  return shortWeight - length * (shortWeight - least)
}
