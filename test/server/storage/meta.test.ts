import { describe, expect, it } from 'vitest'
import { createMeta } from '../../../server/storage/meta.ts'
import { openStore } from './support.ts'

describe('meta', () => {
  it('keeps the last value of a key', async () => {
    const { db, units } = await openStore()
    const meta = createMeta(db)
    expect(await meta.get('generation')).toBeUndefined()
    for (const value of ['1', '2']) await units.run((tx) => meta.set(tx, 'generation', value))
    expect([await meta.get('generation'), await meta.get('other')]).toEqual(['2', undefined])
  })
})
