import type { Tx } from '../types.ts'

/** Versions that wait for a second person. Those stored before are published. */
export async function drafts(tx: Tx): Promise<void> {
  await tx.schema.alterTable('versions').addColumn('draftBy', 'text').execute()
  await tx.schema
    .createIndex('versionsInDraft')
    .on('versions')
    .columns(['doc', 'draftBy'])
    .where('draftBy', 'is not', null)
    .execute()
}
