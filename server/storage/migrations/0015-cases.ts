import { sql } from 'kysely'
import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Rights that customers invoke, each with its clock, and the messages that tell of it. */
export async function cases(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('cases')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('ref', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('openedAt', 'text', (c) => c.notNull())
    .addColumn('due', 'text', (c) => c.notNull())
    .addColumn('escalateOn', 'text', (c) => c.notNull())
    .addColumn('closedAt', 'text')
    .addColumn('closedBy', 'text')
    .addColumn('reason', 'text')
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createIndex('openCaseOfType')
    .unique()
    .on('cases')
    .columns(['conv', 'type'])
    .where(sql<boolean>`status <> 'closed'`)
    .execute()
  await tx.schema.createIndex('casesOfConversation').on('cases').columns(['conv', 'openedAt']).execute()
  await tx.schema.createIndex('casesByDue').on('cases').columns(['status', 'due']).execute()
  await tx.schema
    .createTable('caseEvidence')
    .addColumn('case', 'text', (c) => c.notNull().references('cases.id'))
    .addColumn('mid', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('evidenceOfCase', ['case', 'mid'])
    .modifyEnd(ddl.clustered)
    .execute()
}
