import { describe, expect, it } from 'vitest'
import { createInteractions } from '../../../server/storage/interactions.ts'
import { at, openStore, reasonOf } from './support.ts'

describe('interactions', () => {
  it('tell which products a customer has waved away', async () => {
    const { db, units, converse } = await openStore()
    const interactions = createInteractions(db)
    const [conv, other] = [await converse(), await converse()]
    await units.run(async (tx) => {
      await interactions.add(tx, { conv, product: 'gold', kind: 'view', at })
      await interactions.add(tx, { conv, product: 'gold', kind: 'dismiss', at })
      await interactions.add(tx, { conv, product: 'gold', kind: 'dismiss', at })
      await interactions.add(tx, { conv, product: 'saver', kind: 'click', at })
      await interactions.add(tx, { conv: other, product: 'saver', kind: 'dismiss', at })
    })
    expect(await interactions.dismissed(conv)).toEqual(new Set(['gold']))
  })

  it('belong to a conversation that exists', async () => {
    const { db, units } = await openStore()
    const stray = units.run((tx) =>
      createInteractions(db).add(tx, { conv: 'c_none', product: 'gold', kind: 'view', at }),
    )
    expect(await reasonOf(stray)).toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' })
  })
})
