import type { Database } from './database.ts'
import { slices } from './rows.ts'
import type { IsoDate, Tx } from './types.ts'

/** How a rule compares a customer's field with its value; `includes` looks for the value in a list. */
export const operators = ['eq', 'lt', 'lte', 'gt', 'gte', 'includes'] as const
export type Operator = (typeof operators)[number]

/** A hard condition for having a product. */
export interface EligibilityRule {
  readonly id: string
  /** Field of the customer's profile, such as `age`. */
  readonly field: string
  readonly op: Operator
  readonly value: number | string | boolean
  /** Of the rules that share this name one is enough; all others must hold. */
  readonly anyOf?: string
  /** The bank's own sentence that states the rule. */
  readonly text: string
}

/** One product of the catalogue. */
export interface Product {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly tags: readonly string[]
  readonly summary: string
  /** Document that describes it, as a path from the corpora folder. */
  readonly sheet: string
  /** Null where it has no price. The amount is decimal text, so that 5.00 stays 5.00. */
  readonly price: { readonly amount: string; readonly currency: string; readonly per: 'month' | 'year' | 'once' } | null
  /** Per cent, decimal text. */
  readonly rate: { readonly value: string; readonly kind: string } | null
  readonly regions: readonly string[]
  readonly from?: IsoDate
  readonly until?: IsoDate
  /** Empty: everybody may have it. */
  readonly eligibility: readonly EligibilityRule[]
}

export type Products = ReturnType<typeof createProducts>

/** Rows per INSERT. */
const batch = 200

/** The product catalogue. It is replaced whole: a product that the new one lacks is gone. */
export function createProducts({ reader }: Database) {
  return {
    replaceAll: async (tx: Tx, products: readonly Product[]): Promise<void> => {
      await tx.deleteFrom('products').execute()
      const rows = products.map((product, position) => ({ id: product.id, position, data: JSON.stringify(product) }))
      for (const slice of slices(rows, batch)) await tx.insertInto('products').values(slice).execute()
    },

    /** In the catalogue's order. */
    all: async (): Promise<Product[]> => {
      const rows = await reader.selectFrom('products').select('data').orderBy('position').execute()
      // `replaceAll` wrote the row from a typed product.
      return rows.map(({ data }) => JSON.parse(data) as Product)
    },
  }
}
