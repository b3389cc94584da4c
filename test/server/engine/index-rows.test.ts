import { expect, it } from 'vitest'
import { forIndex } from '../../../server/engine/index-rows.ts'
import type { SnapshotPassage } from '../../../server/retrieval/snapshot-writer.ts'
import { passageHash } from '../../../server/storage/passage-hash.ts'
import { createSecondVectors } from '../../../server/storage/second-vectors.ts'
import type { NewPassage } from '../../../server/storage/types.ts'
import { newPassage, newVersion, openStore } from '../storage/support.ts'

const { text } = newVersion('fees.md')
/** With the checksum that ingestion gives it. */
const sealed = (passage: NewPassage): NewPassage => ({
  ...passage,
  hash: passageHash(passage.heading, text.slice(passage.start, passage.end)),
})
const early = sealed(newPassage(0, [1, 0], { heading: 'early' })).hash

it('a text that was altered in the store is not indexed', async () => {
  const { db, units, documents, passages } = await openStore()
  await units.run(async (tx) => {
    const { id } = await documents.addVersion(tx, newVersion('fees.md'))
    await passages.add(tx, id, 'first', [
      sealed(newPassage(0, [1, 0])),
      { ...sealed(newPassage(1, [1, 0])), hash: early },
    ])
  })
  const read = async () => {
    for await (const _ of forIndex(db, passages.live('first'), undefined));
  }
  await expect(read()).rejects.toThrow('fees.md@1: the text in the database is not the one that was ingested')
})

it('an index with a second encoder leaves what that has not embedded yet to the next one', async () => {
  const { db, units, documents, passages } = await openStore()
  const secondVectors = createSecondVectors(db)
  const vector = Float32Array.of(0, 1, 0)
  const ids = await units.run(async (tx) => {
    const { id } = await documents.addVersion(tx, newVersion('fees.md'))
    const rows = ['early', 'late'].map((heading, i) => sealed(newPassage(i, [1, 0], { heading })))
    return passages.add(tx, id, 'first', rows)
  })
  expect(await secondVectors.missing('second')).toEqual(ids)
  await units.run((tx) => secondVectors.add(tx, 'second', new Map([[early, { vector, unitVectors: vector }]])))
  expect(await secondVectors.missing('second')).toEqual(ids.slice(1))
  async function rowsOf(secondId?: string): Promise<SnapshotPassage[]> {
    const rows: SnapshotPassage[] = []
    for await (const row of forIndex(db, passages.live('first'), secondId)) rows.push(row)
    return rows
  }
  expect((await rowsOf('second')).map(({ record, second }) => [record.id, second?.vector])).toEqual([[ids[0], vector]])
  expect((await rowsOf()).map(({ record, second }) => [record.id, second])).toEqual(ids.map((id) => [id, undefined]))
})
