import { expect, it } from 'vitest'
import { forIndex } from '../../../server/engine/index-rows.ts'
import type { SnapshotPassage } from '../../../server/retrieval/snapshot-writer.ts'
import { createSecondVectors } from '../../../server/storage/second-vectors.ts'
import { newPassage, newVersion, openStore } from '../storage/support.ts'

it('an index with a second encoder leaves what that has not embedded yet to the next one', async () => {
  const { db, units, documents, passages } = await openStore()
  const secondVectors = createSecondVectors(db)
  const vector = Float32Array.of(0, 1, 0)
  const ids = await units.run(async (tx) => {
    const { id } = await documents.addVersion(tx, newVersion('fees.md'))
    const rows = ['early', 'late'].map((hash, i) => newPassage(i, [1, 0], { hash }))
    return passages.add(tx, id, 'first', rows)
  })
  expect(await secondVectors.missing('second')).toEqual(ids)
  await units.run((tx) => secondVectors.add(tx, 'second', new Map([['early', { vector, unitVectors: vector }]])))
  expect(await secondVectors.missing('second')).toEqual(ids.slice(1))
  async function rowsOf(secondId?: string): Promise<SnapshotPassage[]> {
    const rows: SnapshotPassage[] = []
    for await (const row of forIndex(db, passages.live('first'), secondId)) rows.push(row)
    return rows
  }
  expect((await rowsOf('second')).map(({ record, second }) => [record.id, second?.vector])).toEqual([[ids[0], vector]])
  expect((await rowsOf()).map(({ record, second }) => [record.id, second])).toEqual(ids.map((id) => [id, undefined]))
})
