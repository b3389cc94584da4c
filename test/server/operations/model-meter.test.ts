import { expect, it } from 'vitest'
import { BusyError, RateLimitedError } from '../../../server/errors.ts'
import { createModelMeter } from '../../../server/operations/model-meter.ts'
import { createModelUsages } from '../../../server/storage/model-usage.ts'
import { openStore } from '../storage/support.ts'

async function open() {
  const { db, units } = await openStore()
  const usage = createModelUsages(db)
  const clock = { time: Date.parse('2026-11-22T23:59:00.000Z') }
  const start = () => createModelMeter({ units, usage, now: () => new Date(clock.time) })
  return { usage, clock, start }
}
const bounded = { actor: 'key:a', textsPerDay: 10 }
const intent = (texts: number) => ({ model: 'intent', texts })
const done = async () => ({ computeMs: 2 })

it('an asker with a bound gets no more than that in a day, however many ask at once, and after a restart', async () => {
  const { usage, clock, start } = await open()
  const { metered } = start()
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => metered(bounded, intent(3), done)))
  expect(all.map(({ status }) => status)).toEqual([...Array(3).fill('fulfilled'), ...Array(5).fill('rejected')])
  expect(await usage.textsOf('key:a', '2026-11-22')).toBe(9)
  const again = start()
  const refused = again.metered(bounded, intent(2), done)
  await expect(refused).rejects.toThrow(RateLimitedError)
  await expect(refused).rejects.toMatchObject({
    retryAfterMs: 60_000,
    message: 'the key may send 10 texts a day (UTC)',
  })
  await again.metered(bounded, intent(1), done)
  clock.time += 60_000
  await again.metered(bounded, intent(10), done)
  expect((await usage.list()).map(({ day, requests, texts }) => [day, requests, texts])).toEqual([
    ['2026-11-22', 4, 10],
    ['2026-11-23', 1, 10],
  ])
})

it('what fails is not counted', async () => {
  const { usage, start } = await open()
  const { metered } = start()
  const failing = metered(bounded, intent(10), () => Promise.reject(new BusyError('full')))
  await expect(metered(bounded, intent(1), done)).rejects.toThrow(RateLimitedError) // while it is under way
  await expect(failing).rejects.toThrow('full')
  expect(await usage.list()).toEqual([])
  await metered(bounded, intent(10), done)
  await metered({ actor: 'key:b' }, intent(1_000), done)
  expect((await usage.list()).map(({ actor, texts }) => [actor, texts])).toEqual([
    ['key:a', 10],
    ['key:b', 1_000],
  ])
})
