import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Credit decisions that are kept, what their columns meant, and what people decided instead. */
export async function credit(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('creditSchemas')
    .addColumn('sha256', 'text', (c) => c.notNull().primaryKey())
    .addColumn('content', 'text', (c) => c.notNull())
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createTable('creditDecisions')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('ref', 'text')
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('approve', 'real', (c) => c.notNull())
    .addColumn('meanings', 'text', (c) => c.notNull().references('creditSchemas.sha256'))
    .addColumn('row', 'text', (c) => c.notNull())
    .addColumn('decided', 'text', (c) => c.notNull())
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema.createIndex('decisionsByTime').on('creditDecisions').columns(['at', 'id']).execute()
  await tx.schema.createIndex('decisionsByRef').on('creditDecisions').columns(['ref', 'at']).execute()
  await tx.schema
    .createTable('creditOverrides')
    .addColumn('decision', 'text', (c) => c.notNull().references('creditDecisions.id'))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('to', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('confirmedAt', 'text')
    .addColumn('confirmedBy', 'text')
    .addColumn('confirmedReason', 'text')
    .addPrimaryKeyConstraint('overrideOfDecision', ['decision', 'number'])
    .modifyEnd(ddl.clustered)
    .execute()
}
