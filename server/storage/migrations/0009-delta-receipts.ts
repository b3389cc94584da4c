import type { Tx } from '../types.ts'

/** Which delta over its index an answer was read with; none for the answers of before. */
export async function deltaReceipts(tx: Tx): Promise<void> {
  await tx.schema.alterTable('receipts').addColumn('delta', 'integer').execute()
  await tx.schema.dropIndex('receiptsByGeneration').execute()
  await tx.schema.createIndex('receiptsByIndex').on('receipts').columns(['generation', 'delta']).execute()
}
