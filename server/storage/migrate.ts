import type { Kysely } from 'kysely'
import { StorageError } from '../errors.ts'
import { type Migration, migrations } from './migrations/index.ts'
import type { Schema } from './schema.ts'
import { ddl, type Writer } from './sqlite.ts'

/**
 * Bring the file to this program's schema. All missing steps and their record commit together, so a process killed
 * half-way leaves the schema of before. (Kysely's own migrator runs without a transaction on SQLite.)
 * @throws {StorageError} if the file was written by a newer program.
 */
export async function migrate(writer: Writer, path: string, steps: readonly Migration[] = migrations): Promise<void> {
  writer.begin()
  const { tx, end } = writer.handle()
  try {
    await tx.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('number', 'integer', (c) => c.primaryKey().notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .modifyEnd(ddl.counted)
      .execute()
    const applied = await schemaNumber(tx)
    refuseNewer(applied, steps.length, path)
    for (const [i, { name, up }] of steps.entries()) {
      if (i < applied) continue
      await up(tx)
      await tx
        .insertInto('migrations')
        .values({ number: i + 1, name, at: new Date().toISOString() })
        .execute()
    }
    writer.commit()
  } finally {
    end()
    writer.rollback()
  }
}

/** For a store that may not be written: its schema has to be this program's already. @throws {StorageError} */
export async function assertMigrated(db: Kysely<Schema>, path: string): Promise<void> {
  const applied = await schemaNumber(db)
  refuseNewer(applied, migrations.length, path)
  if (applied < migrations.length) {
    throw new StorageError(
      `${path} has schema ${applied}, this program needs ${migrations.length}: open it once for writing (bursar serve)`,
    )
  }
}

async function schemaNumber(db: Kysely<Schema>): Promise<number> {
  const row = await db
    .selectFrom('migrations')
    .select(({ fn }) => fn.max('number').as('last'))
    .executeTakeFirst()
  return row?.last ?? 0
}

function refuseNewer(applied: number, known: number, path: string): void {
  if (applied <= known) return
  throw new StorageError(
    `${path} was written by a newer Bursar (schema ${applied}, this one knows ${known}): run that version, or restore an older backup`,
  )
}
