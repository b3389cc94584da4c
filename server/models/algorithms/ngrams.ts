import type { SparseRow } from './features.ts'

/**
 * Word 1–2-grams and character 3–5-grams within words, TF-IDF weighted: what a sentence vector blurs (names, numbers, typos).
 * Terms are known by 32-bit hashes of their text, so that no list of strings has to be stored, loaded or built per message.
 * Source of the weights: Manning, Raghavan & Schütze, Introduction to Information Retrieval (2008), 6.2–6.4 (1 + ln tf, smoothed idf).
 */
export interface Vocabulary {
  /** Hash of every kept term, ascending; its place is the term's id. */
  readonly hashes: Uint32Array
  readonly idf: Float32Array
}

export interface VocabularyOptions {
  /** Texts that a term has to occur in, at least. */
  readonly minTexts: number
  /** The most frequent terms are kept. */
  readonly maxTerms: number
}

/** Length of each of the two blocks (words, characters) beside a sentence vector of length 1. */
const blockLength = Math.SQRT1_2
/** Hashes of the two kinds of term differ in the lowest bit. */
const [word, characters] = [0, 1] as const
const wordPattern = /\p{Extended_Pictographic}|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*/gu
const han = /\p{Script=Han}/u
const smallest = 3
const longest = 5

/** Learn the terms of the training texts and how telling each is. */
export function fitVocabulary(texts: readonly string[], { minTexts, maxTerms }: VocabularyOptions): Vocabulary {
  const frequency = new Map<number, number>()
  for (const text of texts)
    for (const hash of countsOf(text).keys()) frequency.set(hash, (frequency.get(hash) ?? 0) + 1)
  const kept = [...frequency]
    .filter(([, texts]) => texts >= minTexts)
    .sort(([a, m], [b, n]) => n - m || a - b)
    .slice(0, maxTerms)
    .sort(([a], [b]) => a - b)
  return {
    hashes: Uint32Array.from(kept, ([hash]) => hash),
    idf: Float32Array.from(kept, ([, n]) => Math.log((1 + texts.length) / (1 + n)) + 1),
  }
}

/** A function from text to its weighted terms; unknown terms are left out. */
export function createNgrams({ hashes, idf }: Vocabulary): (text: string) => SparseRow {
  const ids = new Map<number, number>()
  hashes.forEach((hash, id) => {
    ids.set(hash, id)
  })
  return (text) => {
    const found: { id: number; kind: number; weight: number }[] = []
    const squares = [0, 0]
    for (const [hash, count] of countsOf(text)) {
      const id = ids.get(hash)
      if (id === undefined) continue
      const [kind, weight] = [hash & 1, (1 + Math.log(count)) * idf[id]!]
      squares[kind] = squares[kind]! + weight * weight
      found.push({ id, kind, weight })
    }
    found.sort((a, b) => a.id - b.id)
    return {
      ids: Uint32Array.from(found, ({ id }) => id),
      values: Float32Array.from(found, ({ kind, weight }) => (weight * blockLength) / Math.sqrt(squares[kind]!)),
    }
  }
}

/** Bytes of a vocabulary: the hashes, then the idf, 4 bytes each, little-endian. */
export function vocabularyBytes({ hashes, idf }: Vocabulary): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 8)
  bytes.set(new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength))
  bytes.set(new Uint8Array(idf.buffer, idf.byteOffset, idf.byteLength), hashes.byteLength)
  return bytes
}

/** @throws {RangeError} unless 8 bytes a term. */
export function vocabularyFrom(bytes: Uint8Array): Vocabulary {
  if (bytes.length % 8 !== 0) throw new RangeError(`${bytes.length} bytes are not a vocabulary`)
  // Copied: a file's buffer may start anywhere, typed arrays want multiples of 4.
  const { buffer } = new Uint8Array(bytes)
  const terms = bytes.length / 8
  return { hashes: new Uint32Array(buffer, 0, terms), idf: new Float32Array(buffer, terms * 4, terms) }
}

/** How often each term occurs, by hash. */
function countsOf(text: string): Map<number, number> {
  const counts = new Map<number, number>()
  const count = (hash: number) => counts.set(hash, (counts.get(hash) ?? 0) + 1)
  let previous: string | undefined
  for (const [match] of text.normalize('NFKC').toLowerCase().matchAll(wordPattern)) {
    const token = match.replaceAll('’', "'")
    count(hashOf(token, 0, token.length, word))
    if (previous !== undefined) {
      const pair = `${previous} ${token}`
      count(hashOf(pair, 0, pair.length, word))
    }
    countCharacters(token, count)
    previous = token
  }
  return counts
}

function countCharacters(token: string, count: (hash: number) => void): void {
  const padded = ` ${token} `
  // Chinese words are one or two characters long, and no spaces part them.
  const shortest = han.test(token) ? 1 : smallest
  for (let size = shortest; size <= longest; size++) {
    for (let from = 0; from + size <= padded.length; from++) count(hashOf(padded, from, from + size, characters))
  }
}

/** FNV-1a over UTF-16 units with a final mix (murmur3's), the lowest bit replaced by the kind. */
function hashOf(text: string, from: number, to: number, kind: number): number {
  let hash = 0x811c9dc5
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash ^= hash >>> 16
  return ((hash & ~1) | kind) >>> 0
}
