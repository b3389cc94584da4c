import { isDeepStrictEqual } from 'node:util'
import type { Audit, AuditEntry } from '../storage/audit.ts'
import type { Documents } from '../storage/documents.ts'
import type { Product, Products } from '../storage/products.ts'
import { catalogueSubject, type Proposals } from '../storage/proposals.ts'
import type { Tx } from '../storage/types.ts'

export interface RemovalParts {
  readonly documents: Documents
  readonly products: Products
  readonly proposals: Proposals
  readonly audit: Audit
  /** Changes wait until somebody else confirms them. */
  readonly fourEyes: boolean
}

type By = Pick<AuditEntry, 'actor' | 'reason'>

const proposalOf = ({ actor, reason }: By) => ({ by: actor, ...(reason !== undefined && { reason }) })

/** Changes that have no version of their own: what is taken out of search, and the product catalogue. */
export function createRemovals({ documents, products, proposals, audit, fourEyes }: RemovalParts) {
  async function propose(tx: Tx, doc: string, by: By): Promise<void> {
    const current = await documents.current(doc)
    // What was asked for already is not asked for again by each run that finds it missing.
    if (!current || (await proposals.find(doc))?.ver === current.ver) return
    await proposals.put(tx, { subject: doc, ver: current.ver, ...proposalOf(by) })
    const entry = { ...by, action: 'documents.remove-proposed', subject: doc, detail: `version ${current.ver}` }
    await audit.append(tx, [entry])
  }

  return {
    /** Take current documents out of search, or propose it. @returns how many are gone. */
    async remove(tx: Tx, docs: readonly string[], by: By): Promise<number> {
      if (fourEyes) {
        for (const doc of docs) await propose(tx, doc, by)
        return 0
      }
      const entries: AuditEntry[] = []
      for (const doc of docs)
        if (await documents.remove(tx, doc)) entries.push({ ...by, action: 'documents.remove', subject: doc })
      await audit.append(tx, entries)
      return entries.length
    },

    /** Make these the catalogue, or propose it; one that differs in nothing takes back what was proposed. */
    async replaceCatalogue(tx: Tx, all: readonly Product[], by: By): Promise<void> {
      const entry = { ...by, subject: catalogueSubject, detail: `${all.length} products` }
      if (!fourEyes) {
        await products.replaceAll(tx, all)
        await audit.append(tx, [{ ...entry, action: 'products.replace' }])
        return
      }
      const [content, waiting] = [JSON.stringify(all), await proposals.find(catalogueSubject)]
      if (isDeepStrictEqual(await products.all(), JSON.parse(content))) await proposals.drop(tx, catalogueSubject)
      else if (waiting?.content !== content) {
        await proposals.put(tx, { subject: catalogueSubject, content, ...proposalOf(by) })
        await audit.append(tx, [{ ...entry, action: 'products.proposed' }])
      }
    },
  }
}
