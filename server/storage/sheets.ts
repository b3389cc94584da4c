import { fromBytes } from '../math/vectors.ts'
import type { Database } from './database.ts'
import { toVersion } from './documents.ts'
import type { Version } from './types.ts'

/** A current version of the document that describes a product, with the vectors of its passages. */
export interface ProductSheet {
  readonly version: Version
  readonly passages: readonly {
    readonly units: readonly { readonly start: number; readonly end: number }[]
    readonly vector: Float32Array
  }[]
}

/** Product sheets: documents whose metadata name a product. A product may have several, each in force at its own time. */
export function createSheets({ reader }: Database) {
  return {
    /** All current sheets by product, customers' only: agents' notes are no ground for an offer. */
    byProduct: async (): Promise<Map<string, ProductSheet[]>> => {
      const versions = await reader
        .selectFrom('documents')
        .innerJoin('versions', 'versions.id', 'documents.current')
        .selectAll('versions')
        .where('versions.product', 'is not', null)
        .where('versions.audience', '=', 'customer')
        .where('versions.doc', 'not like', '%#%') // a row of a fee schedule names a product, too
        .orderBy('versions.doc')
        .execute()
      const sheets = new Map<string, ProductSheet[]>()
      for (const row of versions) {
        const rows = await reader
          .selectFrom('passages')
          .select(['units', 'vector'])
          .where('version', '=', row.id)
          .orderBy('position')
          .execute()
        const passages = rows.map(({ units, vector }) => ({ units: JSON.parse(units), vector: fromBytes(vector) }))
        const product = row.product ?? ''
        sheets.set(product, [...(sheets.get(product) ?? []), { version: toVersion(row), passages }])
      }
      return sheets
    },
  }
}
