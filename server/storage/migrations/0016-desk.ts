import { sql } from 'kysely'
import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Who of the staff has a conversation, who waits for one of them, notes among them, and how they are called. */
export async function desk(tx: Tx): Promise<void> {
  await tx.schema.alterTable('conversations').addColumn('agent', 'text').execute()
  await tx.schema.alterTable('conversations').addColumn('queuedAt', 'text').execute()
  await tx.schema.alterTable('conversations').addColumn('queueReason', 'text').execute()
  await tx.schema.alterTable('conversations').addColumn('queuePriority', 'integer').execute()
  // Who was handed over before there was a desk waits since then.
  await tx
    .updateTable('conversations')
    .set((eb) => ({ queuedAt: eb.ref('createdAt'), queueReason: 'human', queuePriority: 1 }))
    .where('owner', '=', 'queue')
    .execute()
  await tx.schema
    .createIndex('waitingForPerson')
    .on('conversations')
    .columns(['queuePriority', 'queuedAt', 'id'])
    .where(sql<boolean>`owner = 'queue'`)
    .execute()
  await tx.schema
    .createIndex('conversationsOfAgent')
    .on('conversations')
    .columns(['agent'])
    .where(sql<boolean>`owner = 'agent'`)
    .execute()
  await tx.schema
    .createTable('notes')
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('nid', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('notesOfConversation', ['conv', 'at', 'nid'])
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema.alterTable('users').addColumn('shownAs', 'text').execute()
}
