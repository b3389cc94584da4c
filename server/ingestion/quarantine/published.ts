import type { NewVersion } from '../../storage/types.ts'
import type { Hold } from './holds.ts'

/** A statement with numbers in it, for whom and when it holds. */
interface Statement {
  readonly numbers: string
  readonly text: string
  readonly of: Facts
}

type Facts = Pick<NewVersion, 'doc' | 'audience' | 'from' | 'until' | 'product' | 'region'>

/** Words of a statement that have to be the same before two of its numbers can contradict each other. */
const minWords = 5
/** Shingles of a text that are compared, at least; shorter documents are alike by nature. */
const minShingles = 8
const shingleWords = 6
/** One shingle in so many is kept (Broder, On the resemblance and containment of documents, 1997). */
const sampling = 4
const minResemblance = 0.9

/** What published documents say, to compare new ones with. */
export interface Published {
  /** Numbers that differ from those of a published statement in the same words, and documents that are nearly the same. */
  holdsOf(version: NewVersion): Hold[]
  /** From now on this version counts as published, instead of an earlier one of the same document. */
  add(version: NewVersion): void
}

/** Compares statements by their words and whole documents by their shingles; both in time linear in the text. */
export function createPublished(): Published {
  const statements = new Map<string, Statement[]>()
  const sketches = new Map<string, { readonly of: Facts; readonly shingles: ReadonlySet<number> }>()
  const holders = new Map<number, Set<string>>()

  function add(version: NewVersion): void {
    const of = factsOf(version)
    for (const { words, ...statement } of statementsIn(version.text)) {
      const others = (statements.get(words) ?? []).filter(({ of: { doc } }) => doc !== of.doc)
      statements.set(words, [...others, { ...statement, of }])
    }
    for (const shingle of sketches.get(of.doc)?.shingles ?? []) holders.get(shingle)?.delete(of.doc)
    const sketch = sketchOf(version.text)
    sketches.set(of.doc, { of, shingles: sketch })
    for (const shingle of sketch) {
      const docs = holders.get(shingle) ?? new Set()
      holders.set(shingle, docs.add(of.doc))
    }
  }

  function contradictions(version: NewVersion): Hold[] {
    const own = factsOf(version)
    return statementsIn(version.text).flatMap(({ words, numbers, text }) => {
      const other = statements.get(words)?.find((one) => one.numbers !== numbers && isSameMatter(one.of, own))
      return other
        ? [{ reason: 'contradiction' as const, found: `"${text}" here, "${other.text}" in ${other.of.doc}` }]
        : []
    })
  }

  function duplicates(version: NewVersion): Hold[] {
    const own = factsOf(version)
    const sketch = sketchOf(version.text)
    if (sketch.size < minShingles) return []
    const shared = new Map<string, number>()
    for (const shingle of sketch)
      for (const doc of holders.get(shingle) ?? []) shared.set(doc, (shared.get(doc) ?? 0) + 1)
    for (const [doc, both] of shared) {
      const other = sketches.get(doc)
      if (!other || !isSameMatter(other.of, own)) continue
      const resemblance = both / (sketch.size + other.shingles.size - both)
      if (resemblance >= minResemblance)
        return [{ reason: 'near-duplicate', found: `${Math.round(100 * resemblance)} % the same text as ${doc}` }]
    }
    return []
  }

  return { add, holdsOf: (version) => [...contradictions(version), ...duplicates(version)] }
}

function factsOf({ doc, audience, from, until, product, region }: NewVersion): Facts {
  return {
    ...{ doc, audience },
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(product !== undefined && { product }),
    ...(region !== undefined && { region }),
  }
}

/** Another document about the same product and region, for the same readers, in force on a common day. */
function isSameMatter(a: Facts, b: Facts): boolean {
  return (
    a.doc !== b.doc &&
    a.audience === b.audience &&
    a.product === b.product &&
    a.region === b.region &&
    (a.from ?? '') < (b.until ?? '9999') &&
    (b.from ?? '') < (a.until ?? '9999')
  )
}

/** Sums and rates. Other numbers ("a 2-year loan", "after 30 days") say what a statement is about. */
const value = /[£€$¥]\s?\d[\d.,]*\d|[£€$¥]\s?\d|\d[\d.,]*\d\s?(?:[%％£€]|per\s?cent)|\d\s?(?:[%％£€]|per\s?cent)/giu

/** Sentences and rows that name a sum or a rate, with their words and their numbers apart. */
function statementsIn(text: string): { words: string; numbers: string; text: string }[] {
  return text.split(/\n|(?<=[.!?。！？])\s+/u).flatMap((sentence) => {
    const values = sentence.match(value)
    if (!values) return []
    const words =
      sentence
        .toLowerCase()
        .replace(value, '#')
        .match(/[\p{L}\p{N}#]+/gu) ?? []
    if (words.filter((one) => one.length > 2).length < minWords) return []
    const numbers = values.map((one) => Number(one.replace(/[^\d.]/g, '')))
    return [{ words: words.join(' '), numbers: numbers.join(' '), text: sentence.trim() }]
  })
}

/** One in four shingles of a text, by its checksum. */
function sketchOf(text: string): Set<number> {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(checksum)
  const sketch = new Set<number>()
  for (let i = 0; i + shingleWords <= words.length; i++) {
    let shingle = 0
    for (let j = i; j < i + shingleWords; j++) shingle = mixed(shingle ^ words[j]!)
    if (shingle % sampling === 0) sketch.add(shingle)
  }
  return sketch
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
