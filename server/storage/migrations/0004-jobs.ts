import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Orders over HTTP that take longer than a request. */
export async function jobs(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('jobs')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('finishedAt', 'text')
    .addColumn('outcome', 'text')
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema.createIndex('jobsByState').on('jobs').columns(['state', 'at']).execute()
}
