import { describe, expect, it } from 'vitest'
import type { Context, Options, Outcome } from '../../../server/cli/command.ts'
import { monitorCommands } from '../../../server/cli/monitor.ts'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { addDays } from '../../../server/text/calendar.ts'
import { shareHouse } from '../receipts/support.ts'

const { house, converse, ask, perform } = shareHouse()
const today = () => new Date().toISOString().slice(0, 10)

/** Run a command as the command line does, on the shared house. */
async function command(name: string, words: string[], options: Options = {}): Promise<Outcome> {
  const found = monitorCommands.find((one) => one.name === name)!
  const context: Context = {
    ...{ config: readConfig({}), logger: createLogger('silent'), perform },
    ...{ progress: () => undefined, announce: () => undefined },
  }
  return (await found.run(context, words, options))!
}

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

describe('monitor status', () => {
  it('tells of each version that was asked in the last days', async () => {
    const { text, json } = await command('monitor status', [])
    expect(text).toMatch(/intent v\d+ \(live\), first asked \d{4}-\d\d-\d\d\n {2}requests 3, errors 1, mean \d+\.\d ms/)
    expect(text).toContain('drift: no day is over since the reference, which ends ')
    expect(json).toMatchObject({ days: 7, versions: [{ service: 'answerable', live: true, drift: [] }, {}, {}] })
    const { json: one } = await command('monitor status', [], { service: 'sentiment', days: '1' })
    expect(one).toMatchObject({ days: 1, versions: [{ service: 'sentiment', requests: 4 }] })
  })

  it('tells how far a version has moved from its first days', async () => {
    const { store, units } = house()
    for (let ago = 12; ago > 0; ago--) {
      const at = `${addDays(today(), -ago)}T10:00:00.000Z`
      const count = { service: 'sentiment', version: 999, figure: 'label' as const, count: 100, sum: 0 }
      const bucket = ago > 5 ? 'neutral' : 'negative'
      await units.run((tx) => store.modelFigures.add(tx, at, [{ ...count, bucket }]))
    }
    const { text } = await command('monitor status', [], { service: 'sentiment' })
    expect(text).toMatch(/sentiment v999, first asked/)
    expect(text).toMatch(/drift of label: psi \d+\.\d{3} to .*, by chance up to 0\.\d{3} {2}alarm/)
  })

  it('refuses another service and days without number', async () => {
    await expect(command('monitor status', [], { service: 'fees' })).rejects.toThrow(
      '--service has to be one of intent',
    )
    await expect(command('monitor status', [], { days: '0' })).rejects.toThrow('--days has to be')
  })
})
