import type { Tx } from '../types.ts'

/** The product catalogue: eligibility rules, prices and tags as data. */
export async function products(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('products')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .execute()
}
