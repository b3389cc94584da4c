import type { Synonym } from '../text/synonyms.ts'
import type { Meta } from './meta.ts'
import type { Tx } from './types.ts'

/** Synonyms by collection; one without has no entry. */
export type SynonymLists = ReadonlyMap<string, readonly Synonym[]>

export type Synonyms = ReturnType<typeof createSynonymLists>

const key = 'synonyms'

/** What each collection calls by other words: data of the search, and no document. */
export function createSynonymLists(meta: Meta) {
  const all = async (): Promise<SynonymLists> => {
    const stored = await meta.get(key)
    // Written by `replace` alone.
    return new Map(stored === undefined ? [] : (JSON.parse(stored) as [string, Synonym[]][]))
  }
  return {
    all,
    /** Put lists in the place of their collections'; an empty one takes it away. All of a unit's at once: reads see what is committed. */
    replace: async (tx: Tx, changes: SynonymLists): Promise<void> => {
      const lists = new Map(await all())
      for (const [collection, list] of changes) {
        if (list.length > 0) lists.set(collection, list)
        else lists.delete(collection)
      }
      await meta.set(tx, key, JSON.stringify([...lists].sort(([a], [b]) => (a < b ? -1 : 1))))
    },
  }
}
