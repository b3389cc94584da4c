import { expect, it } from 'vitest'
import { createModelFigures, type ModelCount } from '../../../server/storage/model-figures.ts'
import { openStore } from './support.ts'

const label = (bucket: string, version = 1, service = 'intent'): ModelCount => ({
  ...{ service, version, figure: 'label', bucket, count: 1, sum: 0 },
})

async function open() {
  const { db, units } = await openStore()
  const figures = createModelFigures(db)
  const add = (at: string, ...counts: ModelCount[]) => units.run((tx) => figures.add(tx, at, counts))
  return { figures, units, add }
}

it('counts of models are summed by hour, and told by day', async () => {
  const { figures, add } = await open()
  const sure: ModelCount = { ...label('19'), figure: 'confidence', sum: 0.5 }
  await add('2026-11-22T09:00:00.000Z', label('fees'), sure, label('fees', 2))
  await add('2026-11-22T23:59:59.999Z', label('fees'), { ...sure, sum: 0.25 })
  await add('2026-11-23T00:00:00.000Z', label('cards'), label('fees'))
  await add('2026-11-24T00:00:00.000Z', label('fees'))
  await add('2026-11-24T00:00:00.000Z')
  expect(await figures.days('intent', 1, '2026-11-22', '2026-11-23')).toEqual([
    { ...sure, day: '2026-11-22', count: 2, sum: 0.75 },
    { ...label('fees'), day: '2026-11-22', count: 2 },
    { ...label('cards'), day: '2026-11-23' },
    { ...label('fees'), day: '2026-11-23' },
  ])
  expect(await figures.spans()).toEqual([
    { service: 'intent', version: 1, first: '2026-11-22', last: '2026-11-24' },
    { service: 'intent', version: 2, first: '2026-11-22', last: '2026-11-22' },
  ])
})

it('old counts go, but for the first days of a version that is still asked', async () => {
  const { figures, units, add } = await open()
  for (const day of ['01', '02', '03', '20']) await add(`2026-11-${day}T10:00:00.000Z`, label('fees'))
  await add('2026-11-01T10:00:00.000Z', label('fees', 2), label('fees', 1, 'sentiment'))
  expect(await units.run((tx) => figures.prune(tx, '2026-11-20', 2))).toBe(3)
  const days = await figures.days('intent', 1, '2026-11-01', '2026-11-30')
  expect(days.map(({ day }) => day)).toEqual(['2026-11-01', '2026-11-02', '2026-11-20'])
  expect((await figures.spans()).map(({ service, version }) => [service, version])).toEqual([['intent', 1]])
  expect(await units.run((tx) => figures.prune(tx, '2026-11-20', 2))).toBe(0)
})

it('an answer that is not stored leaves no counts', async () => {
  const { figures, units } = await open()
  const failing = units.run(async (tx) => {
    await figures.add(tx, '2026-11-22T09:00:00.000Z', [label('fees')])
    throw new Error('undone')
  })
  await expect(failing).rejects.toThrow('undone')
  expect(await figures.spans()).toEqual([])
})
