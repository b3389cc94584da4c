import { expect, it } from 'vitest'
import { createModelUsages } from '../../../server/storage/model-usage.ts'
import { openStore } from './support.ts'

it('usage of models is summed by actor, day and model', async () => {
  const { db, units } = await openStore()
  const usage = createModelUsages(db)
  const row = (actor: string, day: string, model: string, texts: number) => ({
    ...{ actor, day, model, requests: 1, texts, computeMs: 1.5 * texts },
  })
  await units.run(async (tx) => {
    await usage.add(tx, row('key:b', '2026-11-22', 'intent', 2))
    await usage.add(tx, row('key:a', '2026-11-22', 'intent', 3))
    await usage.add(tx, row('key:a', '2026-11-22', 'embeddings', 4))
    await usage.add(tx, row('key:a', '2026-11-21', 'intent', 5))
  })
  await units.run((tx) => usage.add(tx, row('key:a', '2026-11-22', 'intent', 10)))
  const sum = { requests: 2, texts: 13, computeMs: 19.5 }
  expect(await usage.list()).toEqual([
    row('key:a', '2026-11-21', 'intent', 5),
    row('key:a', '2026-11-22', 'embeddings', 4),
    { ...row('key:a', '2026-11-22', 'intent', 13), ...sum },
    row('key:b', '2026-11-22', 'intent', 2),
  ])
  expect(await usage.list({ until: '2026-11-21' })).toHaveLength(1)
  expect(await usage.list({ from: '2026-11-22', until: '2026-11-22' })).toHaveLength(3)
  expect([await usage.textsOf('key:a', '2026-11-22'), await usage.textsOf('key:c', '2026-11-22')]).toEqual([17, 0])
})
