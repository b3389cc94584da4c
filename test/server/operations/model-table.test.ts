import { mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import type { TrainDone } from '../../../server/engine/tasks.ts'
import { createLogger } from '../../../server/logger.ts'
import { type House, openHouse } from '../../../server/operations/house.ts'
import { createOperations } from '../../../server/operations/table.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { copyDemo } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'

/** What is rented, with its price, each on a page of its own. */
const pages = { lockers: '£77', umbrellas: '£3', bicycles: '£12', lanterns: '£5', sledges: '£9' }
const forms = [
  'how much do X cost a day?',
  'what is the price of X?',
  'what do I pay for X at the harbour?',
  'X price?',
]
const folder = temporaryFolder()
const questions = join(folder, 'questions.jsonl')
let house: House
let run: (name: string, args: object) => Promise<unknown>

interface Entry {
  readonly seq: number
  readonly action: string
  readonly detail: string
}
let since: number

beforeAll(async () => {
  const data = copyDemo(folder)
  const config = readConfig({ BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1' }, { dataDir: data })
  house = await openHouse(config, createLogger('silent'), ownDirectory(data))
  const operations = createOperations(house)
  run = (name, args) => operations.run(name, args, () => undefined)
  const rented = join(folder, 'rented')
  mkdirSync(rented)
  for (const [name, price] of Object.entries(pages))
    writeFileSync(join(rented, `${name}.md`), `# Rent\n\nAt our harbour branch ${name} cost ${price} a day.\n`)
  await run('ingest', { paths: [rented], sync: false })
  const lines = Object.keys(pages).flatMap((name) =>
    forms.map((form, i) => {
      const gold = [{ doc: `rented/${name}.md` }]
      return JSON.stringify({ id: `${name}-${i}`, text: form.replace('X', name), answerable: true, gold })
    }),
  )
  const strangers = [
    'do penguins vote?',
    'who won the cup?',
    'is it raining?',
    'what rhymes with orange?',
    'who are you?',
  ]
  const unanswerable = strangers.map((text, i) => JSON.stringify({ id: `stranger-${i}`, text, answerable: false }))
  writeFileSync(questions, [...lines, ...unanswerable].join('\n'))
  since = ((await run('audit.verify', {})) as { head: { seq: number } }).head.seq
})
afterAll(() => house.close())

const train = async (): Promise<TrainDone> => {
  const files = { train: [questions], test: [], validation: [], seed: 1 }
  return (await run('train', { service: 'answerable', ...files, reason: 'the harbour opened' })) as TrainDone
}
/** What the log says of a subject since these tests began: the demo was trained before. */
const log = async (subject: string) => {
  const { entries } = (await run('audit.list', { subject, limit: 10 })) as { entries: Entry[] }
  return entries.filter(({ seq }) => seq > since)
}

describe('training', { timeout: 120_000 }, () => {
  it('looks questions up in the changes since the index was written, too, and the log hears of it', async () => {
    const { delta, heads } = house.pool.generation
    expect(delta?.number).toBe(1)
    const done = await train()
    // Only the changes hold what answers.
    expect(done.metrics.shownRight).toBeGreaterThan(0.9)
    const { data } = (await house.registry.find('answerable', done.version)).manifest
    const { number } = house.pool.generation
    expect(data.files.map(({ file }) => file).slice(1)).toEqual([
      `${number}/manifest.json`,
      `${number}.1/manifest.json`,
    ])
    const [live, entry] = await log('answerable')
    const line = (await house.registry.ledger('answerable')).at(-1)!
    expect(live).toMatchObject({
      action: 'models.promote',
      detail: `version ${line.from} to version ${done.version}, ledger line ${line.n} sha256 ${line.hash}`,
    })
    expect(entry).toMatchObject({
      ...{ action: 'models.train', actor: `local:${userInfo().username}`, reason: 'the harbour opened' },
      detail: expect.stringMatching(
        `^version ${done.version}, trained, artifact sha256 ${done.artifactSha256}, .*shownRight `,
      ),
    })
    expect(house.pool.generation.heads?.answerable).toBe(done.dir)
    expect(heads?.answerable).not.toBe(done.dir)
  })

  it('from the same inputs makes no other version, and the engines adopt nothing', async () => {
    expect(await train()).toMatchObject({ trained: false })
    expect((await log('answerable')).map(({ action, detail }) => [action, detail.split(', ')[1]])).toEqual([
      ['models.train', 'made from the same inputs before'],
      ['models.promote', expect.stringContaining('ledger line')],
      ['models.train', 'trained'],
    ])
    await run('adopt', {})
    expect(await log('engines')).toHaveLength(0)
    expect(await run('audit.verify', {})).toMatchObject({ head: { seq: expect.any(Number) } })
  })
})
