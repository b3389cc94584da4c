import { ddl } from '../sqlite.ts'
import type { Tx } from '../types.ts'

/** Vectors of a second encoder, by what they were made from. */
export async function secondVectors(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('secondVectors')
    .addColumn('encoder', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('vector', ddl.bytes, (c) => c.notNull())
    .addColumn('unitVectors', ddl.bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('secondVectorsKey', ['encoder', 'hash'])
    .execute()
}
