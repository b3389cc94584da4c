import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Customers who let the bank use what it knows of them, and what they did with products. */
export async function customers(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('customers')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('region', 'text')
    .addColumn('facts', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createTable('customerEvents')
    .addColumn('customer', 'text', (c) => c.notNull().references('customers.id'))
    .addColumn('product', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('eventsOfCustomer', ['customer', 'product', 'kind', 'at'])
    .modifyEnd(ddl.clustered)
    .execute()
}
