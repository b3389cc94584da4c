import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Changes without a version that wait for a second person: removals, and another product catalogue. */
export async function proposals(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('proposals')
    .addColumn('subject', 'text', (c) => c.primaryKey().notNull())
    .addColumn('ver', 'integer')
    .addColumn('content', 'text')
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('at', 'text', (c) => c.notNull())
    .modifyEnd(ddl.clustered)
    .execute()
}
