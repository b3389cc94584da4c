import { sql } from 'kysely'
import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** What new documents are compared with, made once for each version. Those of before are signed at the next ingestion. */
export async function signatures(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('statements')
    .addColumn('key', 'integer', (c) => c.notNull())
    .addColumn('numbers', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull().references('versions.id'))
    .addColumn('text', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('statementsKey', ['key', 'numbers', 'version'])
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema.createIndex('statementsByVersion').on('statements').column('version').execute()
  await tx.schema
    .createTable('marks')
    .addColumn('mark', 'integer', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull().references('versions.id'))
    .addPrimaryKeyConstraint('marksKey', ['mark', 'version'])
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema.createIndex('marksByVersion').on('marks').column('version').execute()
  await tx.schema
    .createTable('sketches')
    .addColumn('version', 'integer', (c) => c.primaryKey().notNull().references('versions.id'))
    .addColumn('shingles', ddl.bytes, (c) => c.notNull())
    .modifyEnd(ddl.counted)
    .execute()
  await tx.schema
    .createTable('unsigned')
    .addColumn('version', 'integer', (c) => c.primaryKey().notNull().references('versions.id'))
    .modifyEnd(ddl.counted)
    .execute()
  await sql`insert into unsigned select current from documents where current is not null
    union select id from versions where "draftBy" is not null`.execute(tx)
}
