/** A text reduced to what likeness is measured on. */
export interface Sketch {
  /** Numbers of the text's distinct character trigrams, rarest first in the whole collection. */
  readonly grams: Uint32Array
}

/** Two texts, by their places in the collection, and their Jaccard similarity. */
export interface Pair {
  readonly a: number
  readonly b: number
  readonly similarity: number
}

/**
 * Distinct character trigrams of every text: NFKC, small letters, runs of white space as one space. A text of fewer than three
 * characters is its own single gram.
 */
export function sketch(texts: readonly string[]): Sketch[] {
  const numbers = new Map<string, number>()
  const frequencies: number[] = []
  const lists = texts.map((text) =>
    [...gramsOf(text)].map((gram) => {
      const number = numbers.get(gram) ?? numbers.size
      numbers.set(gram, number)
      frequencies[number] = (frequencies[number] ?? 0) + 1
      return number
    }),
  )
  const order = frequencies.map((_, number) => number).sort((a, b) => frequencies[a]! - frequencies[b]! || a - b)
  const rank = new Uint32Array(order.length)
  order.forEach((number, at) => {
    rank[number] = at
  })
  return lists.map((list) => ({ grams: Uint32Array.from(list, (number) => rank[number]!).sort() }))
}

function gramsOf(text: string): Set<string> {
  const characters = [...text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ')]
  if (characters.length < 3) return new Set([characters.join('')])
  return new Set(characters.slice(2).map((last, i) => characters[i]! + characters[i + 1]! + last))
}

/**
 * All pairs of a collection with a Jaccard similarity above `threshold`, exactly. Two such texts share one of the rarest
 * grams of either, so only those are indexed (prefix filter, Bayardo, Ma & Srikant 2007), and their sizes differ by no more
 * than the threshold.
 * @param threshold 0 to 1, exclusive.
 * @param wanted which pairs count, by their places; all by default.
 */
export function similarPairs(
  sketches: readonly Sketch[],
  threshold: number,
  wanted: (a: number, b: number) => boolean = () => true,
): Pair[] {
  const pairs: Pair[] = []
  const index = new Map<number, number[]>()
  sketches.forEach(({ grams }, b) => {
    const prefix = grams.subarray(0, grams.length - Math.ceil(threshold * grams.length) + 1)
    const candidates = new Set<number>()
    for (const gram of prefix) for (const a of index.get(gram) ?? []) candidates.add(a)
    for (const a of candidates) {
      if (!wanted(a, b)) continue
      const similarity = jaccard(sketches[a]!.grams, grams, threshold)
      if (similarity > threshold) pairs.push({ a, b, similarity })
    }
    for (const gram of prefix) {
      const list = index.get(gram)
      if (list) list.push(b)
      else index.set(gram, [b])
    }
  })
  return pairs
}

/** Jaccard similarity of two ascending lists; 0 where their sizes alone keep it at or below `threshold`. */
function jaccard(a: Uint32Array, b: Uint32Array, threshold: number): number {
  if (Math.min(a.length, b.length) <= threshold * Math.max(a.length, b.length)) return 0
  let [i, j, shared] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i]!, b[j]!]
    if (x === y) shared++
    if (x <= y) i++
    if (y <= x) j++
  }
  return shared / (a.length + b.length - shared)
}
