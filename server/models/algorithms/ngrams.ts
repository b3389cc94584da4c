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
  /** The most frequent terms are kept; 0 keeps none. */
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
/** FNV-1a, 32 bits. */
const basis = 0x811c9dc5
const prime = 0x01000193

/** Learn the terms of the training texts and how telling each is. */
export function fitVocabulary(texts: readonly string[], { minTexts, maxTerms }: VocabularyOptions): Vocabulary {
  const frequency = new Map<number, number>()
  for (const text of maxTerms > 0 ? texts : []) {
    const seen = new Set<number>()
    eachTerm(text, (hash) => seen.add(hash))
    for (const hash of seen) frequency.set(hash, (frequency.get(hash) ?? 0) + 1)
  }
  const kept = [...frequency]
    .filter(([, n]) => n >= minTexts)
    .sort(([a, m], [b, n]) => n - m || a - b)
    .slice(0, maxTerms)
    .sort(([a], [b]) => a - b)
  return {
    hashes: Uint32Array.from(kept, ([hash]) => hash),
    idf: Float32Array.from(kept, ([, n]) => Math.log((1 + texts.length) / (1 + n)) + 1),
  }
}

/** A function from text to its weighted terms, in the order of their first occurrence; unknown terms are left out. */
export function createNgrams({ hashes, idf }: Vocabulary): (text: string) => SparseRow {
  const idOf = createLookup(hashes)
  // Between calls all counts are 0; a text touches some hundred of them.
  const counts = new Uint32Array(hashes.length)
  return (text) => {
    const touched: number[] = []
    eachTerm(text, (hash) => {
      const id = idOf(hash)
      if (id >= 0 && counts[id]!++ === 0) touched.push(id)
    })
    const ids = Uint32Array.from(touched)
    const values = new Float32Array(ids.length)
    const squares = [0, 0]
    ids.forEach((id, i) => {
      const weight = (1 + Math.log(counts[id]!)) * idf[id]!
      counts[id] = 0
      values[i] = weight
      squares[hashes[id]! & 1]! += weight * weight
    })
    for (let i = 0; i < ids.length; i++) values[i]! *= blockLength / Math.sqrt(squares[hashes[ids[i]!]! & 1]!)
    return { ids, values }
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

/** Place of a hash, −1 if it is unknown: an open-addressed table, half full at most. */
function createLookup(hashes: Uint32Array): (hash: number) => number {
  let size = 2
  while (size < hashes.length * 2) size *= 2
  const mask = size - 1
  const slots = new Int32Array(size).fill(-1)
  hashes.forEach((hash, id) => {
    let at = hash & mask
    while (slots[at] !== -1) at = (at + 1) & mask
    slots[at] = id
  })
  return (hash) => {
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const id = slots[at]!
      if (id === -1 || hashes[id] === hash) return id
    }
  }
}

/** Calls back for every occurrence of every term. */
function eachTerm(text: string, found: (hash: number) => void): void {
  let previous: string | undefined
  for (const [match] of text.normalize('NFKC').toLowerCase().matchAll(wordPattern)) {
    const token = match.replaceAll('’', "'")
    found(hashOf(token, word))
    if (previous !== undefined) found(hashOf(`${previous} ${token}`, word))
    eachCharacters(` ${token} `, found)
    previous = token
  }
}

function eachCharacters(padded: string, found: (hash: number) => void): void {
  // Chinese words are one or two characters long, and no spaces part them.
  const shortest = han.test(padded) ? 1 : smallest
  for (let from = 0; from < padded.length; from++) {
    let hash = basis
    const end = Math.min(padded.length - from, longest)
    for (let size = 1; size <= end; size++) {
      hash = Math.imul(hash ^ padded.charCodeAt(from + size - 1), prime)
      if (size >= shortest) found(finish(hash, characters))
    }
  }
}

/** FNV-1a over UTF-16 units. Source: Fowler, Noll & Vo, draft-eastlake-fnv. */
function hashOf(text: string, kind: number): number {
  let hash = basis
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime)
  return finish(hash, kind)
}

/** MurmurHash3's final mix, as FNV's low bits are weak; then the lowest bit is the kind. */
function finish(hash: number, kind: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  mixed ^= mixed >>> 16
  return ((mixed & ~1) | kind) >>> 0
}
