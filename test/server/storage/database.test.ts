import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../../server/errors.ts'
import { openDatabase } from '../../../server/storage/database.ts'
import { createMeta } from '../../../server/storage/meta.ts'
import { assertDurable } from '../../../server/storage/sqlite.ts'
import type { Tx } from '../../../server/storage/types.ts'
import { openStore, reasonOf, start, temporaryFolder } from './support.ts'

/** Rows enough for a few hundred pages, closed and folded into one file. */
async function storedFile(): Promise<{ dir: string; path: string }> {
  const dir = await temporaryFolder()
  const { db, units } = await openStore(dir)
  const meta = createMeta(db)
  await Promise.all(
    Array.from({ length: 200 }, (_, i) => units.run((tx) => meta.set(tx, `key ${i}`, 'x'.repeat(3_000)))),
  )
  await units.close()
  return { dir, path: db.path }
}

const settings = ['journal_mode', 'synchronous', 'foreign_keys', 'journal_size_limit'] as const
async function settingsOf(connection: Tx): Promise<unknown[]> {
  const values = settings.map(async (name) => {
    const { rows } = await sql<Record<string, unknown>>`${sql.raw(`pragma ${name}`)}`.execute(connection)
    return rows[0]?.[name]
  })
  return Promise.all(values)
}

describe('durability', () => {
  it('is set on every connection', async () => {
    const { db, units } = await openStore()
    const wanted = ['wal', 2, 1, 64 * 1024 * 1024]
    expect(await settingsOf(db.reader)).toEqual(wanted)
    expect(await units.run(settingsOf)).toEqual(wanted)
  })

  it.each([
    ['synchronous is 1', 'pragma synchronous = NORMAL'],
    ['synchronous is 0', 'pragma synchronous = OFF'],
    ['journal_mode is delete', 'pragma journal_mode = DELETE'],
    ['foreign_keys is 0', 'pragma foreign_keys = OFF'],
  ])('is refused where %s', async (found, statement) => {
    const raw = new Sqlite(join(await temporaryFolder(), 'any.db'))
    raw.exec('pragma journal_mode = WAL; pragma synchronous = FULL; pragma foreign_keys = ON')
    expect(() => assertDurable(raw, 'any.db')).not.toThrow()
    raw.exec(statement)
    expect(() => assertDurable(raw, 'any.db')).toThrow(`any.db: ${found} instead of`)
    raw.close()
  })

  it('keeps every acknowledged message of a killed process, once and in order', async () => {
    const dir = await temporaryFolder()
    const { units, converse } = await openStore(dir)
    const conv = await converse()
    await units.close()
    const { child, lines, ended } = start('writer.ts', [dir, conv])
    const acknowledged: [string, string][] = []
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      const [seq, mid] = line.value.split(' ') as [string, string]
      acknowledged.push([seq, mid])
      if (acknowledged.length === 200) child.kill('SIGKILL')
    }
    await ended
    expect(acknowledged.length).toBeGreaterThanOrEqual(200)
    const { conversations } = await openStore(dir)
    const events = await conversations.events(conv, 0, 100_000) // throws on a gap
    const stored = new Map(events.map((event) => [String(event.seq), event.t === 'msg.created' ? event.d.mid : '']))
    expect(new Set(stored.values()).size).toBe(events.length)
    for (const [seq, mid] of acknowledged) expect(stored.get(seq)).toBe(mid)
    const waiting = await conversations.takePending(conv, { most: 100_000, gapMs: 60_000 })
    expect(waiting.map(({ mid }) => mid)).toEqual([...stored.values()])
  })
})

describe('opening a store', () => {
  it('creates folder and file for this user alone, and an empty file is as good as none', async () => {
    const dir = join(await temporaryFolder(), 'a', 'b')
    await openStore(dir)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    const other = await temporaryFolder()
    writeFileSync(join(other, 'bursar.db'), '')
    const { converse, conversations } = await openStore(other)
    expect(await conversations.find(await converse())).toMatchObject({ head: 0 })
  })

  it('reads a store without changing it', async () => {
    const { dir, path } = await storedFile()
    const before = readFileSync(path)
    const db = await openDatabase({ dir, readOnly: true })
    expect(await createMeta(db).get('key 7')).toHaveLength(3_000)
    expect(db.writer).toBeUndefined()
    db.close()
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('does not create one to read', async () => {
    const dir = await temporaryFolder()
    expect(await reasonOf(openDatabase({ dir, readOnly: true }))).toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('bursar.db cannot be opened: check that its folder exists'),
    })
    expect(existsSync(join(dir, 'bursar.db'))).toBe(false)
  })

  it('goes on where a killed process left its log', async () => {
    const dir = await temporaryFolder()
    const { db, units } = await openStore(dir)
    await units.run((tx) => createMeta(db).set(tx, 'key', 'v'))
    const copy = await temporaryFolder()
    for (const file of ['bursar.db', 'bursar.db-wal']) copyFileSync(join(dir, file), join(copy, file))
    const { db: reopened } = await openStore(copy)
    expect(await createMeta(reopened).get('key')).toBe('v')
  })
})

describe('refusing a store', () => {
  async function refusal(dir: string, readOnly = false): Promise<string> {
    const reason = await reasonOf(openDatabase({ dir, readOnly }))
    expect(reason).toBeInstanceOf(StorageError)
    return reason instanceof Error ? reason.message : ''
  }
  const hint = 'restore a backup of the data directory, or move the file away to start empty'

  it('that is no database', async () => {
    const { dir, path } = await storedFile()
    writeFileSync(path, 'x'.repeat(10_000))
    expect(await refusal(dir)).toBe(`${path} is damaged (it is not a database): ${hint}`)
    writeFileSync(path, 'SQLite')
    expect(await refusal(dir)).toBe(`${path} is damaged (it is not a database): ${hint}`)
  })

  it.each([100, 4_096, 100_000])('that was cut to %i bytes', async (bytes) => {
    const { dir, path } = await storedFile()
    const size = statSync(path).size
    truncateSync(path, bytes)
    expect(await refusal(dir)).toBe(`${path} is damaged (${bytes} of ${size} bytes are left): ${hint}`)
    expect(await refusal(dir, true)).toBe(`${path} is damaged (${bytes} of ${size} bytes are left): ${hint}`)
  })

  it.each([0, 1, 2, 3, 5, 8])('whose page %i was overwritten', async (page) => {
    const { dir, path } = await storedFile()
    const file = openSync(path, 'r+')
    // The first page begins with the file's own header, which other tests damage.
    const from = page === 0 ? 100 : 0
    writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096 - from, page * 4_096 + from)
    closeSync(file)
    expect(await refusal(dir)).toBe(`${path} is damaged (its pages contradict each other): ${hint}`)
  })

  it('of another program, leaving it as it was', async () => {
    const dir = await temporaryFolder()
    const path = join(dir, 'bursar.db')
    const foreign = new Sqlite(path)
    foreign.exec('create table theirs (x)')
    foreign.close()
    const before = readFileSync(path)
    expect(await refusal(dir)).toBe(`${path} belongs to another program: name another data directory`)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('of a newer schema, leaving it as it was', async () => {
    const { dir, path } = await storedFile()
    const raw = new Sqlite(path)
    raw.exec("insert into migrations values (99, 'later', '2030-01-01')")
    raw.close()
    const message =
      /bursar\.db was written by a newer Bursar \(schema 99, this one knows \d+\): run that version, or restore an older backup/
    expect(await refusal(dir)).toMatch(message)
    expect(await refusal(dir, true)).toMatch(message)
  })

  it('of an older schema, to read only', async () => {
    const { dir, path } = await storedFile()
    const raw = new Sqlite(path)
    raw.exec('delete from migrations')
    raw.close()
    expect(await refusal(dir, true)).toMatch(/has schema 0, this program needs \d+: open it once for writing/)
  })

  it('that another program has locked', async () => {
    const { dir, path } = await storedFile()
    const raw = new Sqlite(path)
    raw.exec('pragma locking_mode = exclusive; begin exclusive')
    expect(await refusal(dir)).toBe(`${path} is locked by another program: close it and try again`)
    raw.close()
  })

  it('in a folder that is a file', async () => {
    const dir = join(await temporaryFolder(), 'file')
    writeFileSync(dir, '')
    expect(await refusal(dir)).toMatch(/a part of its path is a file, not a folder/)
  })

  it('in a directory that this user may only read', async () => {
    const { dir, path } = await storedFile()
    await chmod(path, 0o444)
    await chmod(dir, 0o555)
    const { lines, ended } = start('no-rights.ts', [dir])
    const [database, ownership] = [await lines.next(), await lines.next()]
    expect(database.value).toMatch(/bursar\.db cannot be (written|opened): .*write/)
    expect(ownership.value).toMatch(/owner\.db cannot be (written|opened): .*write/)
    expect(await ended).toBe(0)
    await chmod(dir, 0o755)
  })

  it('in a directory that this user may not enter', async () => {
    const dir = join(await temporaryFolder(), 'closed')
    await mkdir(dir, { mode: 0o000 })
    const { lines, ended } = start('no-rights.ts', [dir])
    expect((await lines.next()).value).toMatch(/bursar\.db cannot be opened: give this user read and write access/)
    expect(await ended).toBe(0)
  })
})
