import type { Tx } from '../types.ts'

/** Whose program a key is for; of keys of before only who made them is known. */
export async function keyOwners(tx: Tx): Promise<void> {
  await tx.schema.alterTable('keys').addColumn('owner', 'text').execute()
}
