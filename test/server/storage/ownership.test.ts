import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../../server/errors.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { start, temporaryFolder } from './support.ts'

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
