import { isDeepStrictEqual } from 'node:util'
import { InputError } from '../errors.ts'
import type { Audit, AuditEntry } from '../storage/audit.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { SynonymLists, Synonyms } from '../storage/synonyms.ts'
import type { Tx } from '../storage/types.ts'
import type { Synonym } from '../text/synonyms.ts'
import type { Refusal } from './files.ts'
import { readSynonyms, synonymsName } from './synonym-file.ts'

interface Parts {
  readonly units: UnitOfWork
  readonly synonyms: Synonyms
  readonly audit: Audit
}
type By = Pick<AuditEntry, 'actor' | 'reason'>

/** The lists of synonyms that an ingestion finds, or finds gone. */
export function createSynonymStore({ units, synonyms, audit }: Parts) {
  async function replace(tx: Tx, lists: SynonymLists, by: By): Promise<void> {
    const before = await synonyms.all()
    const changed = [...lists].filter(([name, list]) => !isDeepStrictEqual(before.get(name) ?? [], list))
    if (changed.length === 0) return
    await synonyms.replace(tx, new Map(changed))
    const entryOf = ([subject, list]: readonly [string, readonly Synonym[]]) => {
      return { ...by, action: 'synonyms.replace', subject, detail: `${list.length} synonyms` }
    }
    await audit.append(tx, changed.map(entryOf))
  }

  return {
    replace,
    /** Store the lists of these files, by collection. @returns those with a fault, which leave the list before in force. */
    async read(paths: ReadonlyMap<string, string>, by: By): Promise<Refusal[]> {
      const rejected: Refusal[] = []
      for (const [collection, path] of paths) {
        try {
          const list = await readSynonyms(path)
          await units.run((tx) => replace(tx, new Map([[collection, list]]), by))
        } catch (reason) {
          if (!(reason instanceof InputError)) throw reason
          rejected.push({ file: `${collection}/${synonymsName}`, reason: reason.message })
        }
      }
      return rejected
    },
  }
}
