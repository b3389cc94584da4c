import { setImmediate } from 'node:timers/promises'
import type { Signature, Signatures, SketchOf, StatementOf } from '../../storage/signatures.ts'
import type { NewVersion, Version } from '../../storage/types.ts'
import type { Hold } from './holds.ts'
import { resemblance } from './signature.ts'

const minResemblance = 0.9
/** Look-ups, each of some ten microseconds, before the chats on this thread have their turn again. */
const lookUpsPerTurn = 32
/** Documents that are looked at for one mark: one of more is of a text that all of them share, and tells nothing. */
const maxHolders = 256
/** Statements in the same words that are looked at for one that holds on a common day; with more a person has to look. */
export const maxOthers = 1_000
/** Contradictions of one document that are shown; one is enough to hold it. */
const maxShown = 100

type Signed = Pick<NewVersion, 'doc' | 'collection' | 'from' | 'until'> & { readonly signature: Signature }

/** What published documents say, and those that are about to be, to compare new ones with. */
export interface Published {
  /** Numbers that differ from those of a published statement in the same words, and documents that are nearly the same. */
  holdsOf(version: NewVersion, signature: Signature): Promise<Hold[]>
  /** From now on this version counts as published, instead of what is stored of the document. */
  add(version: NewVersion, signature: Signature): void
}

/**
 * Compares by signatures: statements by their words, whole documents by their least shingles and then by all. What is stored is
 * looked up and never read as a whole, so a change costs by its own length.
 * @param isGone a stored version that will be removed, so that it cannot be contradicted.
 */
export function createPublished(
  stored: Pick<Signatures, 'others' | 'holders' | 'sketches'>,
  isGone: (version: Pick<Version, 'doc' | 'collection'>) => boolean = () => false,
): Published {
  const arrivals = createArrivals()
  const counts = (version: Pick<Version, 'doc' | 'collection'>) => !arrivals.has(version.doc) && !isGone(version)
  let lookUps = 0
  const breathe = async (): Promise<void> => {
    if (++lookUps % lookUpsPerTurn === 0) await setImmediate()
  }

  async function contradictions(own: Signed): Promise<Hold[]> {
    const holds: Hold[] = []
    for (const statement of own.signature.statements) {
      if (holds.length === maxShown) break
      await breathe()
      const other = arrivals.other(statement, own) ?? (await firstThat(stored.others(statement, own), counts))
      if (!other) continue
      const there = other === tooMany ? `more than ${maxOthers} in these words` : `"${other.text}" in ${other.doc}`
      holds.push({ reason: 'contradiction', found: `"${statement.text}" here, ${there}` })
    }
    return holds
  }

  async function duplicates(own: Signed): Promise<Hold[]> {
    const { marks, shingles } = own.signature
    const holders: (readonly number[])[] = []
    for (const mark of marks) {
      await breathe()
      holders.push(await stored.holders(mark, maxHolders + 1))
    }
    const others: SketchOf[] = (await stored.sketches(likely(holders), own)).filter(counts)
    for (const other of [...arrivals.alike(own), ...others]) {
      const alike = resemblance(shingles, other.shingles)
      if (alike >= minResemblance)
        return [{ reason: 'near-duplicate', found: `${Math.round(100 * alike)} % the same text as ${other.doc}` }]
    }
    return []
  }

  return {
    add: (version, signature) => arrivals.add({ ...version, signature }),
    async holdsOf(version, signature) {
      const own = { ...version, signature }
      return [...(await contradictions(own)), ...(await duplicates(own))]
    },
  }
}

/** Documents of this ingestion, which are perhaps not stored yet. */
function createArrivals() {
  const docs = new Map<string, Signed>()
  /** By key and numbers. */
  const statements = new Map<number, Map<string, (StatementOf & { readonly of: Signed })[]>>()
  const holders = new Map<number, Signed[]>()
  return {
    has: (doc: string): boolean => docs.has(doc),

    /** Once a document: an ingestion reads each a single time. */
    add(own: Signed): void {
      const { doc, collection, signature } = own
      docs.set(doc, own)
      for (const { key, numbers, text } of signature.statements) {
        const byNumbers = statements.get(key) ?? new Map<string, (StatementOf & { readonly of: Signed })[]>()
        statements.set(key, byNumbers)
        push(byNumbers, numbers, { doc, collection, text, of: own })
      }
      for (const mark of signature.marks) push(holders, mark, own)
    },

    other({ key, numbers }: Signature['statements'][number], own: Signed): StatementOf | typeof tooMany | undefined {
      let looked = 0
      for (const [theirs, list] of statements.get(key) ?? []) {
        if (theirs === numbers) continue
        for (const other of list) {
          if (isAnother(other.of, own)) return other
          if (++looked === maxOthers) return tooMany
        }
      }
      return undefined
    },

    alike: (own: Signed): SketchOf[] =>
      likely(own.signature.marks.map((mark) => holders.get(mark) ?? []))
        .filter((other) => isAnother(other, own))
        .map(({ doc, collection, signature }) => ({ doc, collection, shingles: signature.shingles })),
  }
}

/**
 * Who has at least half of the marks of a text that tell anything. @param holders of each mark.
 * If all of them are of a text that many share, the first of each are looked at: so the work is bounded.
 */
function likely<T>(holders: readonly (readonly T[])[]): T[] {
  const telling = holders.filter(({ length }) => length <= maxHolders)
  const used = telling.length > 0 ? telling : holders.map((list) => list.slice(0, maxHolders))
  const shared = new Map<T, number>()
  for (const list of used) for (const one of list) shared.set(one, (shared.get(one) ?? 0) + 1)
  return [...shared].filter(([, count]) => count >= used.length / 2).map(([one]) => one)
}

function push<K, V>(lists: Map<K, V[]>, key: K, item: V): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

/** Another document that is in force on a common day. */
const isAnother = (a: Signed, b: Signed): boolean =>
  a.doc !== b.doc && (a.from ?? '') < (b.until ?? '9999') && (b.from ?? '') < (a.until ?? '9999')

/** Stands for the statement that a document might contradict, where there are too many to be looked at. */
const tooMany = Symbol('too many')

async function firstThat<T>(
  pages: AsyncIterable<{ readonly rows: number; readonly current: readonly T[] }>,
  holds: (item: T) => boolean,
): Promise<T | typeof tooMany | undefined> {
  let looked = 0
  for await (const { rows, current } of pages) {
    const found = current.find(holds)
    if (found) return found
    looked += rows
    if (looked >= maxOthers) return tooMany
    await setImmediate()
  }
  return undefined
}
