import { sql } from 'kysely'
import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Why each answer is what it is, and which answers cite which version; the latter also for answers given before. */
export async function receipts(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('receipts')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('mid', 'text', (c) => c.notNull().unique())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('day', 'text')
    .addColumn('generation', 'integer')
    .addColumn('gap', 'text')
    .addColumn('content', 'text', (c) => c.notNull())
    .modifyEnd(ddl.counted)
    .execute()
  await tx.schema.createIndex('receiptsByGeneration').on('receipts').column('generation').execute()
  await tx.schema
    .createIndex('gaps')
    .on('receipts')
    .columns(['day', 'id', 'gap'])
    .where('gap', 'is not', null)
    .execute()
  await sql`create index poorRatings on feedback (at) where value = -1`.execute(tx)
  await tx.schema
    .createTable('cited')
    .addColumn('doc', 'text', (c) => c.notNull())
    .addColumn('ver', 'integer', (c) => c.notNull())
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('citedKey', ['doc', 'ver', 'conv', 'seq'])
    .modifyEnd(ddl.clustered)
    .execute()
  await sql`insert or ignore into cited (doc, ver, conv, seq)
    select json_extract(cite.value, '$.doc'), json_extract(cite.value, '$.ver'), events.conv, events.seq
    from events, json_each(events.content, '$.cites') as cite
    where events.type = 'msg.completed'`.execute(tx)
}
