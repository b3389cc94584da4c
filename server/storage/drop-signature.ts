import type { Tx } from './types.ts'

/** What is not current any more is nothing that a new document could contradict. */
export async function dropSignature(tx: Tx, doc: string): Promise<void> {
  const current = tx.selectFrom('documents').select('current').where('doc', '=', doc)
  for (const table of ['statements', 'marks', 'sketches', 'unsigned'] as const)
    await tx.deleteFrom(table).where('version', 'in', current).execute()
}
