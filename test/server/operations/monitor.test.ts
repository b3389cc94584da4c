import { describe, expect, it } from 'vitest'
import { shareHouse } from '../receipts/support.ts'

const { house, converse, ask } = shareHouse()
const today = () => new Date().toISOString().slice(0, 10)

/** Counts of the live version of a service today: figure → bucket → count. */
async function counted(service: 'intent' | 'sentiment' | 'answerable') {
  const { version } = (await house().registry.champion(service))!
  const rows = await house().store.modelFigures.days(service, version, today(), today())
  const of = (figure: string) => rows.filter((row) => row.figure === figure)
  const total = (figure: string) => of(figure).reduce((sum, { count }) => sum + count, 0)
  return { of, total }
}

describe('figures of live models', () => {
  it('are counted with every answer, without a word of it', async () => {
    const conv = await converse()
    await ask(conv, 'how much is the late payment fee on a credit card?')
    await ask(conv, 'xqzv blorf')
    await ask(await converse(), '信用卡逾期费用是多少？')
    const [intent, sentiment, answerable] = [
      await counted('intent'),
      await counted('sentiment'),
      await counted('answerable'),
    ]
    expect([intent, sentiment, answerable].map(({ total }) => total('label'))).toEqual([2, 3, 3])
    for (const { total } of [intent, sentiment, answerable])
      expect([total('confidence'), total('latency')]).toEqual([total('label'), total('label')])
    expect(intent.total('abstained')).toBe(intent.of('label').find(({ bucket }) => bucket === 'oos')?.count ?? 0)
    expect(answerable.total('abstained')).toBe(1)
    expect(answerable.of('label').map(({ bucket }) => bucket)).toContain('answer')
    expect(sentiment.of('latency')[0]?.sum).toBeGreaterThan(0)
    expect(sentiment.of('confidence').every(({ sum, count }) => sum > 0 && sum <= count)).toBe(true)
    await house().monitor.tidy()
    expect((await counted('intent')).total('label')).toBe(2)
  })

  it('count readings that fail', async () => {
    const { pool, monitor } = house()
    const failing = monitor.watched(
      () => Promise.reject(new Error('an engine was lost')),
      () => pool.generation,
    )
    const job = { kind: 'ask', text: 'x', scope: { role: 'customer', day: today() }, k: 1 } as const
    await expect(failing(job)).rejects.toThrow('an engine was lost')
    await house().units.run(async () => undefined) // behind the one that counts
    expect((await counted('intent')).total('error')).toBe(1)
    expect((await counted('intent')).total('label')).toBe(2)
  })
})
