import { createHash } from 'node:crypto'
import type { Signature, Statement } from '../../storage/signatures.ts'
import type { NewVersion } from '../../storage/types.ts'

/** Words of a statement that have to be the same before two of its numbers can contradict each other. */
const minWords = 5
/** Shingles of a text that are compared, at least; shorter documents are alike by nature. */
const minShingles = 8
const shingleWords = 6
/** One shingle in so many is kept (Broder, On the resemblance and containment of documents, 1997). */
const sampling = 4
/** Most that are kept, the least ones: resemblance is then an estimate, with a standard error of at most 0.01 near 0.9. */
export const maxShingles = 1_024
/** Of two texts of resemblance 0.9 that many of the least shingles are nearly all the same. */
const marks = 16

/** What a document is compared by; in time linear in the text, and made in the reader, as a text may be long. */
export function signatureOf(version: NewVersion): Signature {
  const matter = JSON.stringify([version.audience, version.product ?? null, version.region ?? null])
  const salt = checksum(matter)
  const shingles = sketchOf(version.text)
  return {
    statements: statementsIn(version.text, matter),
    shingles,
    marks: shingles.length < minShingles ? [] : Array.from(shingles.subarray(0, marks), (one) => mixed(one ^ salt)),
  }
}

/**
 * Share of the shingles of two texts that both have, 0 to 1; of long texts an estimate by the least of all (Broder 1997).
 * @param a ascending, as `b` is; neither empty.
 */
export function resemblance(a: Uint32Array, b: Uint32Array): number {
  // Beyond its greatest a full sketch says nothing of its text.
  const lastOf = (sketch: Uint32Array) => (sketch.length < maxShingles ? Number.POSITIVE_INFINITY : sketch.at(-1)!)
  const last = Math.min(lastOf(a), lastOf(b))
  let [i, j, both, either] = [0, 0, 0, 0]
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY]
    if (Math.min(x, y) > last) break
    either++
    if (x === y) both++
    if (x <= y) i++
    if (y <= x) j++
  }
  return both / either
}

const number = String.raw`\d+(?:[.,]+\d+)*`
/** Every number, with what makes it a sum or a rate. Nothing has to follow the digits, so that a long row of them is read once. */
const amount = new RegExp(String.raw`(?:[£€$¥]\s?)?${number}(?:\s?(?:[%％£€]|per\s?cent))?`, 'giu')
/** Other numbers ("a 2-year loan", "after 30 days") say what a statement is about. */
const isValue = (written: string): boolean => /^\D|\D$/u.test(written)

/** Sentences and rows that name a sum or a rate, with their words and their numbers apart. */
function statementsIn(text: string, matter: string): Statement[] {
  const found = new Map<string, Statement>()
  for (const sentence of text.split(/\n|(?<=[.!?。！？])\s+/u)) {
    const values = (sentence.match(amount) ?? []).filter(isValue)
    if (values.length === 0) continue
    const words =
      sentence
        .toLowerCase()
        .replace(amount, (written) => (isValue(written) ? '#' : written))
        .match(/[\p{L}\p{N}#]+/gu) ?? []
    if (words.filter((one) => one.length > 2).length < minWords) continue
    const numbers = values.map((one) => Number(one.replace(/[^\d.]/g, ''))).join(' ')
    const key = createHash('sha256').update(matter).update(words.join(' ')).digest().readUIntBE(0, 6)
    found.set(`${key} ${numbers}`, { key, numbers, text: sentence.trim() })
  }
  return [...found.values()]
}

/** One in four shingles of a text by its checksum, the least ones, ascending. */
function sketchOf(text: string): Uint32Array {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(checksum)
  const sketch = new Set<number>()
  for (let i = 0; i + shingleWords <= words.length; i++) {
    let shingle = 0
    for (let j = i; j < i + shingleWords; j++) shingle = mixed(shingle ^ words[j]!)
    if (shingle % sampling === 0) sketch.add(shingle)
  }
  return Uint32Array.from(sketch).sort().slice(0, maxShingles)
}

/** FNV-1a, 32 bits (Fowler, Noll & Vo). */
function checksum(text: string): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193)
  return sum >>> 0
}

/** Spreads every bit over all 32 (the finaliser of MurmurHash3, Appleby, public domain). */
function mixed(bits: number): number {
  let sum = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35)
  return (sum ^ (sum >>> 16)) >>> 0
}
