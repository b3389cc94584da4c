import { sql } from 'kysely'
import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** What became of each conversation, and the words that were said, for those who look back. Both are made from the log. */
export async function history(tx: Tx): Promise<void> {
  await tx.schema
    .alterTable('conversations')
    .addColumn('noted', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await tx.schema
    .createIndex('toBeNoted')
    .on('conversations')
    .columns(['id'])
    .where(sql<boolean>`head > noted`)
    .execute()
  await summaries(tx)
  await words(tx)
}

async function summaries(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('summaries')
    .addColumn('conv', 'text', (c) => c.notNull().primaryKey().references('conversations.id'))
    .addColumn('startedAt', 'text', (c) => c.notNull())
    .addColumn('lastAt', 'text', (c) => c.notNull())
    .addColumn('closedAt', 'text')
    .addColumn('said', 'text')
    .addColumn('questions', 'integer', (c) => c.notNull())
    .addColumn('answers', 'integer', (c) => c.notNull())
    .addColumn('unanswered', 'integer', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('queuedAt', 'text')
    .addColumn('claimedAt', 'text')
    .addColumn('repliedAt', 'text')
    .addColumn('agent', 'text')
    .addColumn('rating', 'integer')
    .modifyEnd(ddl.clustered)
    .execute()
  await tx.schema.createIndex('summariesByTime').on('summaries').columns(['startedAt', 'conv']).execute()
  await tx.schema
    .createTable('summaryIntents')
    .addColumn('conv', 'text', (c) => c.notNull())
    .addColumn('intent', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('intentsOfConversation', ['conv', 'intent'])
    .modifyEnd(ddl.clustered)
    .execute()
}

async function words(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('spoken')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('conv', 'text', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .modifyEnd(ddl.counted)
    .execute()
  await tx.schema
    .createTable('spokenTerms')
    .addColumn('term', 'text', (c) => c.notNull())
    .addColumn('id', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('spokenOfTerm', ['term', 'id'])
    .modifyEnd(ddl.clustered)
    .execute()
}
