import { expect, it } from 'vitest'
import { prepared } from '../../../server/storage/prepared.ts'
import { openStore } from './support.ts'

const rowsOf = prepared((db, ids: readonly string[], most: number) =>
  db.selectFrom('meta').selectAll().where('key', 'in', ids).where('key', '!=', 'never').orderBy('key').limit(most),
)
const put = prepared((db, key: string, value: string) => db.insertInto('meta').values({ key, value }))

it('a prepared query takes its values anew at each run, lists of any length, and keeps its own constants', async () => {
  const { db, units } = await openStore()
  await units.run(async (tx) => {
    for (const key of ['one', 'two', 'three', 'never']) await put(tx, key, `value of ${key}`)
  })
  const keys = async (ids: readonly string[], most: number) =>
    (await rowsOf(db.reader, ids, most)).map(({ key }) => key)
  expect(await keys(['one', 'never'], 5)).toEqual(['one'])
  expect(await keys(['two', 'three'], 5)).toEqual(['three', 'two'])
  expect(await keys(['two', 'three'], 1)).toEqual(['three'])
  expect(await keys(['one', 'two', 'three'], 5)).toEqual(['one', 'three', 'two'])
  expect(await rowsOf(db.reader, ['two'], 1)).toEqual([{ key: 'two', value: 'value of two' }])
})

it('a prepared query belongs to the unit that it runs in', async () => {
  const { db, units } = await openStore()
  const failed = units.run(async (tx) => {
    await put(tx, 'one', 'undone')
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(await rowsOf(db.reader, ['one'], 1)).toEqual([])
})
