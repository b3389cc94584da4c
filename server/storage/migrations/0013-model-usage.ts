import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** What programs have asked of models, day by day, and how much a key may ask. */
export async function modelUsage(tx: Tx): Promise<void> {
  await tx.schema.alterTable('keys').addColumn('textsPerDay', 'integer').execute()
  await tx.schema
    .createTable('modelUsage')
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('requests', 'integer', (c) => c.notNull())
    .addColumn('texts', 'integer', (c) => c.notNull())
    .addColumn('computeMs', 'real', (c) => c.notNull())
    .addPrimaryKeyConstraint('modelUsageOfDay', ['actor', 'day', 'model'])
    .modifyEnd(ddl.clustered)
    .execute()
}
