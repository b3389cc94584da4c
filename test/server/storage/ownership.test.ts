import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StorageError } from '../../../server/errors.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { openStore, start, temporaryFolder } from './support.ts'

describe('owning a data directory', () => {
  it('names the owner to a second process', async () => {
    const dir = await temporaryFolder()
    const { child, lines } = start('owner.ts', [dir])
    expect(await lines.next()).toMatchObject({ value: 'owned' })
    expect(() => ownDirectory(dir)).toThrow(new StorageError(`data directory ${dir} is in use by process ${child.pid}`))
  })

  it('is free at once when the owner is killed', async () => {
    const dir = await temporaryFolder()
    const { child, lines, ended } = start('owner.ts', [dir])
    await lines.next()
    child.kill('SIGKILL')
    await ended
    const ownership = ownDirectory(dir)
    expect(() => ownDirectory(dir)).toThrow(`is in use by process ${process.pid}`)
    ownership.release()
    ownDirectory(dir).release()
  })

  it('does not blame a process of before while the new owner has not written its name', async () => {
    const dir = await temporaryFolder()
    const { child, lines, ended } = start('owner.ts', [dir])
    await lines.next()
    child.kill('SIGKILL')
    await ended
    const lock = new Sqlite(join(dir, 'owner.db'))
    lock.exec('BEGIN EXCLUSIVE')
    expect(() => ownDirectory(dir)).toThrow(new StorageError(`data directory ${dir} is in use by another process`))
    lock.close()
  })

  it('says so when the directory is a file', async () => {
    const dir = join(await temporaryFolder(), 'file')
    writeFileSync(dir, '')
    expect(() => ownDirectory(dir)).toThrow(/owner\.db cannot be opened: a part of its path is a file/)
  })
})

describe('other users', () => {
  const modeOf = (path: string): number => statSync(path).mode & 0o777
  /** Files and folders that others may enter or read. */
  const open = (dir: string) =>
    [dir, ...readdirSync(dir).map((name) => join(dir, name))].filter((path) => modeOf(path) & 0o077)

  it('cannot read a new store, its log and its lock, whatever the umask', async () => {
    const mask = process.umask(0)
    onTestFinished(() => void process.umask(mask))
    const dir = join(await temporaryFolder(), 'data')
    const ownership = ownDirectory(dir)
    const { converse } = await openStore(dir)
    await converse()
    expect(readdirSync(dir).sort()).toEqual(['bursar.db', 'bursar.db-shm', 'bursar.db-wal', 'owner.db', 'owner.pid'])
    expect(open(dir)).toEqual([])
    ownership.release()
  })

  it('can no longer read one that was open', async () => {
    const dir = await temporaryFolder()
    for (const name of ['generations', 'models']) mkdirSync(join(dir, name))
    for (const name of ['bursar.db', 'bursar.db-wal', 'bursar.db-shm', 'owner.db']) writeFileSync(join(dir, name), '')
    for (const path of [dir, ...readdirSync(dir).map((name) => join(dir, name))]) chmodSync(path, 0o755)
    ownDirectory(dir).release()
    expect(open(dir)).toEqual([])
  })

  it('keep what is theirs: only ours is closed, and no link is followed', async () => {
    const [dir, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
    chmodSync(elsewhere, 0o755)
    symlinkSync(elsewhere, join(dir, 'models'))
    for (const name of ['bursar.db', 'theirs.txt']) writeFileSync(join(dir, name), '', { mode: 0o644 })
    chmodSync(dir, 0o755)
    ownDirectory(dir).release()
    expect(['', 'theirs.txt', 'bursar.db'].map((name) => modeOf(join(dir, name)))).toEqual([0o755, 0o644, 0o600])
    expect(modeOf(elsewhere)).toBe(0o755)
  })
})
