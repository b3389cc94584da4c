import { appendOnly, ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Users, their sessions, API keys, and the log of who did what. */
export async function access(tx: Tx): Promise<void> {
  await users(tx)
  await keys(tx)
  await audit(tx)
}

async function users(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('users')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('roles', 'text', (c) => c.notNull())
    .addColumn('passwordHash', 'text', (c) => c.notNull())
    .addColumn('createdAt', 'text', (c) => c.notNull())
    .addColumn('disabledAt', 'text')
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createTable('sessions')
    .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user', 'text', (c) => c.notNull().references('users.name'))
    .addColumn('createdAt', 'text', (c) => c.notNull())
    .addColumn('seenAt', 'text', (c) => c.notNull())
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema.createIndex('sessionsByUser').on('sessions').column('user').execute()
}

async function keys(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('keys')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('createdAt', 'text', (c) => c.notNull())
    .addColumn('expiresAt', 'text', (c) => c.notNull())
    .addColumn('revokedAt', 'text')
    .modifyEnd(ddl.clustered)
    .execute()
}

async function audit(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('audit')
    .addColumn('seq', 'integer', (c) => c.primaryKey().notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addColumn('previous', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .modifyEnd(ddl.counted)
    .execute()
  await tx.schema.createIndex('auditBySubject').on('audit').column('subject').execute()
  for (const statement of appendOnly('audit', 'seq')) await statement.execute(tx)
}
