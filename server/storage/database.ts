import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { StorageError } from '../errors.ts'
import { assertMigrated, migrate } from './migrate.ts'
import { createPrivately } from './ownership.ts'
import type { Schema } from './schema.ts'
import { damaged, openReader, openWriter, storageFailure, type Writer } from './sqlite.ts'

/** The store: one connection that reads committed rows, one that writes (absent when read-only). */
export interface Database {
  readonly path: string
  /** Sees what is committed, never what a unit of work is still doing. */
  readonly reader: Kysely<Schema>
  /** Belongs to the unit of work. */
  readonly writer: Writer | undefined
  /** Close both. A store with a unit of work is closed by that one, which finishes the open units first. */
  close(): void
}

/**
 * Open `DIR/bursar.db`, creating the folder and the file if they are missing, and bring it to this program's schema.
 * With `readOnly` nothing is created or changed.
 * @throws {StorageError} with a hint if it cannot be opened or written, is damaged, newer, or cannot promise durability.
 */
export async function openDatabase({ dir, readOnly = false }: { dir: string; readOnly?: boolean }): Promise<Database> {
  const path = join(dir, 'bursar.db')
  try {
    if (!readOnly) {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      createPrivately(path) // SQLite gives the log and the shared memory the mode of the file
    }
    checkHeader(path)
    return readOnly ? await openToRead(path) : await openToWrite(path)
  } catch (reason) {
    throw storageFailure(reason, path)
  }
}

async function openToWrite(path: string): Promise<Database> {
  const writer = openWriter(path)
  try {
    await migrate(writer, path)
    const reader = openReader(path, { readOnly: false })
    const close = (): void => {
      reader.close()
      writer.close()
    }
    return { path, reader: reader.db, writer, close }
  } catch (reason) {
    writer.close()
    throw reason
  }
}

async function openToRead(path: string): Promise<Database> {
  const reader = openReader(path, { readOnly: true })
  try {
    await assertMigrated(reader.db, path)
    return { path, reader: reader.db, writer: undefined, close: reader.close }
  } catch (reason) {
    reader.close()
    throw reason
  }
}

const magic = 'SQLite format 3\0'
const headerBytes = 100

/**
 * Refuse a file that is no database or has lost its end, before SQLite serves what is left of it.
 * Offsets: https://www.sqlite.org/fileformat2.html#the_database_header
 */
function checkHeader(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return // SQLite takes an empty file for a new database, and so do we
  const header = Buffer.alloc(headerBytes)
  const fd = openSync(path, 'r')
  try {
    readSync(fd, header, 0, headerBytes, 0)
    if (header.toString('latin1', 0, magic.length) !== magic)
      throw new StorageError(damaged(path, 'it is not a database'))
    const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
    const expected = pageBytes * header.readUInt32BE(28)
    // After a crash in a checkpoint the file may still be short of pages that the log (-wal) holds.
    const logged = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
    if (!logged && fstatSync(fd).size < expected) {
      throw new StorageError(damaged(path, `${fstatSync(fd).size} of ${expected} bytes are left`))
    }
  } finally {
    closeSync(fd)
  }
}
