import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../../server/storage/migrate.ts'
import { type Migration, migrations } from '../../../server/storage/migrations/index.ts'
import { openReader, openWriter } from '../../../server/storage/sqlite.ts'
import { reasonOf, temporaryFolder } from './support.ts'

async function open() {
  const path = join(await temporaryFolder(), 'any.db')
  const writer = openWriter(path)
  const reader = openReader(path, { readOnly: false })
  onTestFinished(() => {
    reader.close()
    writer.close()
  })
  const applied = () => reader.db.selectFrom('migrations').select(['number', 'name']).orderBy('number').execute()
  return { path, writer, applied, reader: reader.db }
}
const create = (name: string): Migration => ({
  name,
  up: async (tx) => void (await sql.raw(`create table ${name} (x)`).execute(tx)),
})

describe('migrations', () => {
  it('run once each, in order, and are recorded', async () => {
    const { path, writer, applied } = await open()
    await migrate(writer, path, [create('one')])
    await migrate(writer, path, [create('one')])
    await migrate(writer, path, [create('one'), create('two'), create('three')])
    expect(await applied()).toEqual([
      { number: 1, name: 'one' },
      { number: 2, name: 'two' },
      { number: 3, name: 'three' },
    ])
  })

  it('leave the schema of before when a step fails', async () => {
    const { path, writer, applied, reader } = await open()
    await migrate(writer, path, [create('one')])
    const failing: Migration = { name: 'bad', up: async (tx) => void (await sql`create nonsense`.execute(tx)) }
    expect(await reasonOf(migrate(writer, path, [create('one'), create('two'), failing]))).toBeInstanceOf(Error)
    expect(await applied()).toEqual([{ number: 1, name: 'one' }])
    expect(await reasonOf(sql`select * from two`.execute(reader))).toMatchObject({ message: 'no such table: two' })
    await migrate(writer, path, [create('one'), create('two')])
    expect(await applied()).toHaveLength(2)
  })

  it('make the whole schema in one step from nothing', async () => {
    const { path, writer, applied } = await open()
    await migrate(writer, path)
    expect(await applied()).toHaveLength(migrations.length)
  })
})
