import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Conversations with their logs, documents with their versions and passages. */
export async function initial(tx: Tx): Promise<void> {
  await meta(tx)
  await conversations(tx)
  await commands(tx)
  await customers(tx)
  await versions(tx)
  await passages(tx)
}

async function meta(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('meta')
    .addColumn('key', 'text', (c) => c.primaryKey().notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .modifyEnd(ddl.clustered)
    .execute()
}

async function conversations(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('conversations')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('secretHash', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('head', 'integer', (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('createdAt', 'text', (c) => c.notNull())
    .addColumn('readCustomer', 'integer', (c) => c.notNull())
    .addColumn('readAgent', 'integer', (c) => c.notNull())
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createTable('events')
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('mid', 'text')
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('content', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('eventsKey', ['conv', 'seq'])
    .modifyEnd(ddl.clustered)
    .execute()
}

async function commands(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('commands')
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('bodyHash', 'text', (c) => c.notNull())
    .addColumn('mid', 'text')
    .addColumn('seq', 'integer')
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('commandsKey', ['conv', 'id'])
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema.createIndex('commandsByTime').on('commands').column('at').execute()
  await tx.schema
    .createTable('pending')
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('mid', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('pendingKey', ['conv', 'seq'])
    .modifyEnd(ddl.clustered)
    .execute()
}

async function customers(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('feedback')
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('mid', 'text', (c) => c.notNull())
    .addColumn('value', 'integer', (c) => c.notNull())
    .addColumn('comment', 'text')
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('feedbackKey', ['conv', 'mid'])
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema
    .createTable('interactions')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('conv', 'text', (c) => c.notNull().references('conversations.id'))
    .addColumn('product', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .modifyEnd(ddl.counted)
    .execute()
  await tx.schema.createIndex('interactionsByConversation').on('interactions').columns(['conv', 'kind']).execute()
}

async function versions(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('versions')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('doc', 'text', (c) => c.notNull())
    .addColumn('ver', 'integer', (c) => c.notNull())
    .addColumn('collection', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('audience', 'text', (c) => c.notNull())
    .addColumn('validFrom', 'text')
    .addColumn('validUntil', 'text')
    .addColumn('product', 'text')
    .addColumn('region', 'text')
    .addColumn('url', 'text')
    .addColumn('contentHash', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addUniqueConstraint('versionsKey', ['doc', 'ver'])
    .modifyEnd(ddl.counted)
    .execute()
  await tx.schema
    .createTable('documents')
    .addColumn('doc', 'text', (c) => c.primaryKey().notNull())
    .addColumn('current', 'integer', (c) => c.references('versions.id'))
    .modifyEnd(ddl.clustered)
    .execute()
}

async function passages(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('passages')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('version', 'integer', (c) => c.notNull().references('versions.id'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('heading', 'text', (c) => c.notNull())
    .addColumn('start', 'integer', (c) => c.notNull())
    .addColumn('end', 'integer', (c) => c.notNull())
    .addColumn('units', 'text', (c) => c.notNull())
    .addColumn('lang', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('encoder', 'text', (c) => c.notNull())
    .addColumn('vector', ddl.bytes, (c) => c.notNull())
    .addColumn('unitVectors', ddl.bytes, (c) => c.notNull())
    .addUniqueConstraint('passagesKey', ['version', 'position'])
    .modifyEnd(ddl.counted)
    .execute()
  await tx.schema.createIndex('passagesByContent').on('passages').columns(['encoder', 'hash']).execute()
}
