import { setImmediate } from 'node:timers/promises'
import type { Signature, Signatures, SketchOf, StatementOf } from '../../storage/signatures.ts'
import type { NewVersion, Version } from '../../storage/types.ts'
import type { Hold } from './holds.ts'
import { resemblance } from './signature.ts'

const minResemblance = 0.9
/** Look-ups, each of some ten microseconds, before the chats on this thread have their turn again. */
const lookUpsPerTurn = 32

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

  async function contradictions(own: Signed): Promise<Hold[]> {
    const holds: Hold[] = []
    for (const [i, statement] of own.signature.statements.entries()) {
      if (i % lookUpsPerTurn === lookUpsPerTurn - 1) await setImmediate()
      const other = arrivals.other(statement, own) ?? (await firstThat(stored.others(statement, own), counts))
      if (!other) continue
      holds.push({ reason: 'contradiction', found: `"${statement.text}" here, "${other.text}" in ${other.doc}` })
    }
    return holds
  }

  async function duplicates(own: Signed): Promise<Hold[]> {
    const { marks, shingles } = own.signature
    const common = (count: number): boolean => count >= marks.length / 2
    const shared = new Map<number, number>()
    for (const mark of marks) {
      await setImmediate() // a mark of a text that all documents share has many holders
      for (const version of await stored.holders(mark)) shared.set(version, (shared.get(version) ?? 0) + 1)
    }
    const likely = [...shared].filter(([, count]) => common(count)).map(([version]) => version)
    const others: SketchOf[] = (await stored.sketches(likely, own)).filter(counts)
    for (const other of [...arrivals.alike(own, common), ...others]) {
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

    other({ key, numbers }: Signature['statements'][number], own: Signed): StatementOf | undefined {
      for (const [theirs, list] of statements.get(key) ?? [])
        if (theirs !== numbers) {
          const other = list.find(({ of }) => isAnother(of, own))
          if (other) return other
        }
      return undefined
    },

    alike(own: Signed, common: (count: number) => boolean): SketchOf[] {
      const shared = new Map<Signed, number>()
      for (const mark of own.signature.marks)
        for (const other of holders.get(mark) ?? []) shared.set(other, (shared.get(other) ?? 0) + 1)
      return [...shared]
        .filter(([other, count]) => common(count) && isAnother(other, own))
        .map(
          ([
            {
              doc,
              collection,
              signature: { shingles },
            },
          ]) => ({ doc, collection, shingles }),
        )
    },
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, item: V): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

/** Another document that is in force on a common day. */
const isAnother = (a: Signed, b: Signed): boolean =>
  a.doc !== b.doc && (a.from ?? '') < (b.until ?? '9999') && (b.from ?? '') < (a.until ?? '9999')

async function firstThat<T>(pages: AsyncIterable<readonly T[]>, holds: (item: T) => boolean): Promise<T | undefined> {
  for await (const page of pages) {
    const found = page.find(holds)
    if (found) return found
    await setImmediate()
  }
  return undefined
}
