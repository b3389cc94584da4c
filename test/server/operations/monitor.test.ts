import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Context, Options, Outcome } from '../../../server/cli/command.ts'
import { monitorCommands } from '../../../server/cli/monitor.ts'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { addDays } from '../../../server/text/calendar.ts'
import { temporaryFolder } from '../../support/folder.ts'
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
    expect(text).toContain('drift: nothing to tell yet; later days are compared with those to ')
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

describe('monitor labels', () => {
  interface Report {
    readonly stored: {
      readonly added: number
      readonly unchanged: number
      readonly replaced: { readonly ids: string[] }
      readonly unknown: { readonly count: number; readonly ids: string[] }
    }
    readonly strange: string[]
    readonly versions: { readonly n: number; readonly accuracy: number; readonly windows: object[] }[]
  }
  const file = (rows: readonly object[], name = 'labels.jsonl'): string => {
    const path = join(temporaryFolder(), name)
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
    return path
  }
  const tell = async (rows: readonly object[], service = 'intent') => {
    const { json, text, exitCode } = await command('monitor labels', [file(rows)], { service })
    return { ...(json as Report), text, exitCode }
  }
  /** Answers, each with the intent that was read. */
  async function asked() {
    const conv = await converse()
    const texts = ['how much is the late payment fee on a credit card?', 'how do i freeze my card?', 'hello there']
    const answers: { id: string; label: string }[] = []
    for (const text of texts) {
      const { mid } = await ask(conv, text)
      const receipt = (await house().store.receipts.find(mid))?.receipt
      if (receipt?.how !== 'read') throw new Error('was not read')
      answers.push({ id: mid, label: receipt.intent.outOfScope ? 'oos' : receipt.intent.name })
    }
    return answers as [(typeof answers)[0], (typeof answers)[0], (typeof answers)[0]]
  }

  it('joins labels to what was said, once, and a second label takes the place of the first', async () => {
    const [first, second, third] = await asked()
    expect(new Set([first.label, second.label, third.label]).size).toBe(3)
    const before = await tell([first, { ...second, label: third.label }, { id: 'm_nobody', label: first.label }])
    expect(before.stored).toMatchObject({ added: 2, unchanged: 0, replaced: { ids: [] } })
    expect(before.stored.unknown).toEqual({ count: 1, ids: ['m_nobody'] })
    expect(before.exitCode).toBe(1)
    expect(before.versions).toMatchObject([{ n: 2, accuracy: 0.5, windows: [{ n: 2, until: today() }] }])
    expect(before.text).toContain(`  ${third.label}: 0 of 1 right, else ${second.label} 1`)
    const again = await tell([first, { ...second, label: third.label }])
    expect(again.stored).toMatchObject({ added: 0, unchanged: 2, unknown: { count: 0 } })
    expect(again.versions).toEqual(before.versions)
    const after = await tell([second, third])
    expect(after).toMatchObject({ stored: { added: 1, unchanged: 0, replaced: { ids: [second.id] } }, exitCode: 0 })
    expect(after.text).toContain(`1 replaced by another label: ${second.id}`)
    expect(after.versions).toMatchObject([{ n: 3, accuracy: 1 }])
    const { json } = await command('monitor labels', [], { service: 'intent' })
    expect((json as Report).versions).toEqual(after.versions)
    const mood = await tell([{ id: first.id, label: 'urgent' }], 'sentiment')
    expect(mood.versions).toMatchObject([{ n: 1, accuracy: 0 }])
  })

  it('of a row twice keeps the last; labels that the model does not know count as missed and are named', async () => {
    const [first, second] = await asked()
    const twice = await tell([{ ...first, label: second.label }, first, { ...second, label: 'teleportation' }])
    expect(twice.stored).toMatchObject({ added: 2, replaced: { ids: [first.id] } })
    expect(twice.strange).toEqual(['teleportation'])
    expect(twice.text).toContain('labels that the live version does not know: teleportation')
  })

  it('refuses what cannot be right, and keeps nothing of it', async () => {
    const [first] = await asked()
    const count = async () => (await house().store.lateLabels.list('intent', 1_000)).length
    const before = await count()
    const bad = { id: first.id, label: 'teleportation' }
    await expect(tell([bad])).rejects.toThrow(/labels\.jsonl column label: holds none that the model knows, such as '/)
    await expect(tell([first, { id: first.id }])).rejects.toThrow(/labels\.jsonl:2 column label: is missing$/)
    await expect(tell([{ ...first, label: 'x'.repeat(201) }])).rejects.toThrow(
      /labels\.jsonl:1 column label: has 201 characters, more than 200$/,
    )
    await expect(command('monitor labels', [file([first])], { service: 'fear' })).rejects.toThrow(
      '--service has to be one of',
    )
    expect(await count()).toBe(before)
  })
})
