import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { copyDemo, repository } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'

const files = (name: string): string => join(repository, 'corpora/interactions', name)
const shipped = ['rec', 'import', '--customers', files('customers.jsonl'), '--events', files('events.jsonl')]
let data: string
const run = (...args: string[]) => bursar([...args, '--data', data, '--json'])
const json = async (...args: string[]) => lastJson(await run(...args)) as Record<string, unknown>

beforeAll(async () => {
  data = copyDemo(temporaryFolder())
})

describe('offers by command line', { timeout: 120_000 }, () => {
  it('keeps nothing of who has not consented, and takes the bank’s word for those who have', async () => {
    expect(await json(...shipped)).toMatchObject({ customers: 0, withoutConsent: 520, events: 0 })
    expect((await run('recommend', '--customer', 'c0002')).code).toBe(1)
    expect(await json(...shipped, '--consented', '--reason', 'forms of 2026')).toMatchObject({
      customers: 520,
      erased: 0,
    })
    const { entries } = (await json('audit', 'list', '--actor', `local:${process.env.USER ?? 'root'}`)) as {
      entries: { action: string; subject: string; reason?: string }[]
    }
    expect(entries.find(({ reason }) => reason === 'forms of 2026')).toMatchObject({
      ...{ action: 'rec.import', subject: 'consented' },
    })
  })

  it('offers with reasons that the audit finds true, for every customer and product', async () => {
    const { items } = (await json('recommend', '--customer', 'c0002', '--k', '3')) as {
      items: { product: string; reasons: { kind: string; text: string }[] }[]
    }
    expect(items).toHaveLength(3)
    for (const { reasons } of items) expect(reasons[0]?.kind).toBe('what')
    const why = await json('rec', 'why', 'c0002', items[0]!.product)
    expect(why).toMatchObject({ place: 1, reasons: items[0]!.reasons })
    expect(await json('rec', 'why-not', 'c0002', 'plus-current')).toMatchObject({ why: 'held' })
    expect(await json('rec', 'why-not', 'c0002', 'youth-current')).toMatchObject({ why: 'rule' })
    const audit = await json('rec', 'audit', '--all')
    expect(audit).toMatchObject({ customers: 520, violations: [] })
  })

  it('asks somebody new for what the rules need, and offers what their answers allow', async () => {
    const profile = join(temporaryFolder(), 'new.json')
    writeFileSync(profile, JSON.stringify({ facts: { age: 19, resident: true }, region: 'mainland' }))
    const first = (await json('recommend', '--profile', profile, '--k', '40')) as {
      items: { product: string }[]
      questions: { field: string }[]
    }
    expect(first.questions.map(({ field }) => field)).toContain('annualIncome')
    writeFileSync(
      profile,
      JSON.stringify({ facts: { age: 19, resident: true, student: true, annualIncome: 30_000 }, region: 'mainland' }),
    )
    const then = (await json('recommend', '--profile', profile, '--k', '40')) as { items: { product: string }[] }
    expect(then.items.length).toBeGreaterThan(first.items.length)
    expect(then.items.map(({ product }) => product)).toContain('student-current')
  })

  it('names the file, the line and the field of what cannot be, and writes nothing', async () => {
    const lines = readFileSync(files('customers.jsonl'), 'utf8').split('\n').slice(0, 3)
    const bad = async (change: object): Promise<string> => {
      const file = join(temporaryFolder(), 'bad.jsonl')
      writeFileSync(
        file,
        [lines[0], lines[1], JSON.stringify({ ...JSON.parse(lines[2]!), id: 'zz', ...change })].join('\n'),
      )
      const { code, stderr } = await run('rec', 'import', '--customers', file, '--consented')
      expect(code).toBe(1)
      return stderr
    }
    expect(await bad({ age: 200 })).toContain('bad.jsonl:3 column age:')
    expect(await bad({ annualIncome: -1 })).toContain('column annualIncome:')
    expect(await bad({ holds: ['moon-account'] })).toContain('column holds: names moon-account')
    expect((await run('recommend', '--customer', 'zz')).code).toBe(1)
  })

  it('forgets at once', async () => {
    expect(await json('rec', 'forget', 'c0002')).toEqual({ customer: 'c0002', erased: true })
    const { code, stderr } = await run('rec', 'why', 'c0002', 'easy-saver')
    expect([code, stderr]).toEqual([1, expect.stringContaining('nothing is known of c0002')])
  })
})
