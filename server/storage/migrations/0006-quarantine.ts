import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Documents that wait for a person, and what persons let through. */
export async function quarantine(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('held')
    .addColumn('doc', 'text', (c) => c.primaryKey().notNull())
    .addColumn('collection', 'text', (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addColumn('holds', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createTable('released')
    .addColumn('doc', 'text', (c) => c.notNull())
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('releasedKey', ['doc', 'contentHash'])
    .modifyEnd(ddl.clustered)
    .execute()
}
