import { expect, it } from 'vitest'
import { createJobs } from '../../../server/storage/jobs.ts'
import { at, openStore } from './support.ts'

it('jobs that a stopped process has left fail with a reason, and old ones are forgotten', async () => {
  const { db, units } = await openStore()
  const jobs = createJobs(db)
  const job = { kind: 'documents.put', actor: 'key:bk_1', at } as const
  await units.run(async (tx) => {
    await jobs.add(tx, { ...job, id: 'waits', state: 'waiting' })
    await jobs.add(tx, { ...job, id: 'runs', state: 'running' })
    await jobs.add(tx, { ...job, id: 'old', state: 'done', finishedAt: '2026-11-01T00:00:00.000Z', outcome: '{}' })
    await jobs.add(tx, { ...job, id: 'new', state: 'waiting' })
    await jobs.change(tx, 'new', { state: 'done', finishedAt: at, outcome: '{"report":{}}' })
  })
  const now = '2026-11-23T00:00:00.000Z'
  await units.run((tx) => jobs.tidy(tx, now, '{"error":{}}', '2026-11-15T00:00:00.000Z'))
  const failed = { ...job, state: 'failed', finishedAt: now, outcome: '{"error":{}}' }
  expect(await jobs.find('waits')).toEqual({ ...failed, id: 'waits' })
  expect(await jobs.find('runs')).toEqual({ ...failed, id: 'runs' })
  expect(await jobs.find('old')).toBeUndefined()
  expect(await jobs.find('new')).toMatchObject({ state: 'done', outcome: '{"report":{}}' })
})
