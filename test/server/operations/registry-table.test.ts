import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { today } from '../../../server/config.ts'
import type { TrainDone } from '../../../server/engine/tasks.ts'
import type { CompareDone, OptimiseDone } from '../../../server/engine/version-tasks.ts'
import type { LedgerLine } from '../../../server/models/ledger.ts'
import type { TextManifest } from '../../../server/models/manifest.ts'
import type { Promoted } from '../../../server/operations/promotion.ts'
import type { ListedVersion } from '../../../server/operations/registry-table.ts'
import { repository } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { registerVariant } from '../../support/twin.ts'
import { shareHouse } from '../receipts/support.ts'

const { house, converse, ask, perform } = shareHouse()
const actor = `local:${userInfo().username}`
const asked = ['How much does a replacement card cost?', 'I am so angry with you!', 'When do you open?']
const rows = join(temporaryFolder(), 'rows.jsonl')
let first: number
let gloomy: TrainDone

const variant = (change: Partial<TextManifest>) => registerVariant(house().registry, 'sentiment', change)
const better = () => variant({ metrics: { n: 100, accuracy: 0.99 } })

const promote = (version: number, more: object = {}, service = 'sentiment') =>
  perform('models.promote', {
    ...{ service, version, reason: 'a test', replay: 10, force: false, dryRun: false },
    ...more,
  }) as Promise<Promoted>
const liveOf = async (service = 'sentiment') => (await house().registry.champion(service))!.version
const ledger = async () =>
  ((await perform('models.history', { service: 'sentiment' })) as { history: LedgerLine[] }).history

beforeAll(async () => {
  first = await liveOf()
  for (const question of asked) await ask(await converse(), question) // who is cross is handed over, and read no more
  const texts = {
    negative: ['how much is it', 'when do you open', 'what is the fee'],
    positive: ['I hate you', 'so angry', 'useless'],
  }
  const lines = Object.entries(texts).flatMap(([label, list]) =>
    list.flatMap((text) =>
      ['', '!', ', please', ' today'].map((end) => JSON.stringify({ text: `${text}${end}`, label })),
    ),
  )
  writeFileSync(rows, `${lines.join('\n')}\n`)
  const files = { train: [rows], test: [], validation: [], seed: 1, licence: 'CC0-1.0' }
  gloomy = (await perform('train', { service: 'sentiment', ...files, promote: false })) as TrainDone
}, 120_000)

describe('a training that promotes nothing', () => {
  it('registers a version, with its licence, and leaves what is live', async () => {
    expect(gloomy).toMatchObject({ trained: true })
    expect(await liveOf()).toBe(first)
    expect(house().pool.generation.heads?.sentiment).not.toBe(gloomy.dir)
    const { manifest } = await house().registry.find('sentiment', gloomy.version)
    expect(manifest.data.files).toMatchObject([{ file: 'rows.jsonl', rows: 24, use: 'train', licence: 'CC0-1.0' }])
  })
})

describe('the list of models', () => {
  it('has every version with its state, and a damaged one with what is wrong', async () => {
    const { dir, version } = await better()
    truncateSync(join(dir, 'model.onnx'), 5)
    const { models } = (await perform('models.list', {})) as { models: ListedVersion[] }
    expect([...new Set(models.map(({ service }) => service))]).toEqual(['answerable', 'intent', 'sentiment'])
    const found = (number: number) => models.find((one) => one.service === 'sentiment' && one.version === number)
    expect(found(first)).toMatchObject({ state: 'champion', task: 'text-classification', metric: { name: 'accuracy' } })
    expect(found(gloomy.version)).toMatchObject({ state: 'registered', rows: 24, created: expect.any(String) })
    expect(found(version)).toMatchObject({ state: 'damaged', fault: expect.stringContaining('model.onnx has 5 bytes') })
    await expect(promote(version)).rejects.toThrow(/model.onnx has 5 bytes/)
  })

  it('is narrowed by service, task and words', async () => {
    const names = async (request: object) =>
      new Set(
        ((await perform('models.list', request)) as { models: ListedVersion[] }).models.map(({ service }) => service),
      )
    expect(await names({ service: 'intent' })).toEqual(new Set(['intent']))
    expect(await names({ task: 'text' })).toEqual(new Set(['answerable', 'intent', 'sentiment']))
    expect(await names({ search: 'urgent FEELS' })).toEqual(new Set(['sentiment']))
    expect(await names({ search: 'nothing-of-the-kind' })).toEqual(new Set())
    await expect(names({ service: 'horoscope' })).rejects.toThrow(/no version of horoscope, only of answerable, intent/)
    await expect(names({ service: '../../etc' })).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('a version', () => {
  it('is shown with what it is made of and its lines of the ledger', async () => {
    const shown = (await perform('models.show', { service: 'sentiment', version: 'champion' })) as {
      manifest: TextManifest
      ledger: LedgerLine[]
    }
    expect(shown).toMatchObject({ service: 'sentiment', version: first, state: 'champion' })
    expect(shown.manifest.labels).toHaveLength(4)
    expect(shown.ledger[0]).toMatchObject({ action: 'promote', version: first, from: null })
    expect(shown).not.toHaveProperty('fault')
    await expect(perform('models.show', { service: 'sentiment', version: '999' })).rejects.toThrow(/no version 999/)
    await expect(perform('models.show', { service: 'sentiment', version: 'best' })).rejects.toMatchObject({
      code: 'usage',
    })
  })

  it.each([
    ['of another encoder', { encoder: { id: 'f'.repeat(64), dimension: 384 } }, 'trained with another encoder'],
    ['of another recipe', { recipe: 1 }, 'made by another release'],
    ['below the thresholds', { metrics: { n: 100, accuracy: 0.4 } }, 'accuracy is 0.4000 and has to be 0.5 at least'],
    ['that nobody measured', { metrics: {} }, 'accuracy is not measured'],
  ])('%s does not go live, not even by force', async (_, change, says) => {
    const { version } = await variant(change)
    await expect(promote(version, { force: true })).rejects.toThrow(says)
    expect(await liveOf()).toBe(first)
  })

  it('that is retired does not go live; the live one is not retired', async () => {
    const { version } = await better()
    const retire = (number: number) =>
      perform('models.retire', { service: 'sentiment', version: number, reason: 'old' })
    expect(await retire(version)).toEqual({ service: 'sentiment', version })
    await expect(promote(version)).rejects.toThrow(`version ${version} of sentiment is retired`)
    await expect(retire(first)).rejects.toThrow(/is live/)
    expect((await ledger()).at(-1)).toMatchObject({ action: 'retire', version, by: actor, reason: 'old' })
  })

  it('whose accuracy is below the interval of the live one goes live by force only', { timeout: 60_000 }, async () => {
    const live = (await house().registry.champion('sentiment'))!.manifest.metrics
    const lower = await variant({ metrics: { ...live, accuracy: live.accuracy! - 0.1 } })
    await expect(promote(lower.version)).rejects.toThrow(/below the interval of version .* bursar models compare/)
    const done = await promote(lower.version, { force: true, replay: 0 })
    expect(done.gate).toMatchObject({ replayed: 0, forced: true, metric: { isLower: true } })
    expect((await ledger()).at(-1)?.gate).toEqual(done.gate)
    const back = await perform('models.rollback', { service: 'sentiment', reason: 'it was a test' })
    expect(back).toMatchObject({ version: first, from: lower.version })
  })
})

describe('a promotion', { timeout: 60_000 }, () => {
  it('shows what is read differently, and a dry run changes nothing', async () => {
    const before = await ledger()
    const done = await promote(gloomy.version, { dryRun: true, force: true })
    expect(done).toMatchObject({ changed: false, from: first, gate: { replayed: asked.length } })
    expect(done.changes?.length).toBe(done.gate?.changed)
    expect(done.changes).toContainEqual(
      expect.objectContaining({ question: asked[0], before: { mood: 'neutral' }, now: { mood: 'negative' } }),
    )
    expect([await ledger(), await liveOf()]).toEqual([before, first])
  })

  it('is live in the engines at once, in the ledger and in the log, and nobody who asks meanwhile is lost', async () => {
    const conv = await converse()
    const [done, ...answers] = await Promise.all([
      promote(gloomy.version, { force: true }),
      ...asked.map(async (question) => ask(await converse(), question)),
    ])
    expect(answers).toHaveLength(asked.length)
    expect(done).toMatchObject({ changed: true, from: first, version: gloomy.version })
    expect(house().pool.generation.heads?.sentiment).toBe(gloomy.dir)
    const { mid } = await ask(conv, asked[0]!)
    expect(await perform('why', { message: mid })).toMatchObject({
      receipt: { sentiment: { label: 'negative' }, readWith: { heads: { sentiment: gloomy.version } } },
    })
    const line = (await ledger()).at(-1)!
    expect(line).toMatchObject({ action: 'promote', by: actor, reason: 'a test', gate: done.gate })
    const { entries } = (await perform('audit.list', { subject: 'sentiment', limit: 1 })) as { entries: object[] }
    expect(entries).toMatchObject([
      {
        action: 'models.promote',
        actor,
        reason: 'a test',
        detail: expect.stringContaining(`ledger line ${line.n} sha256 ${line.hash}`),
      },
    ])
    expect(await promote(gloomy.version)).toMatchObject({ changed: false })
    expect((await ledger()).at(-1)).toEqual(line)
  })

  it('is taken back by a rollback', async () => {
    expect(await perform('models.rollback', { service: 'sentiment', reason: 'gloomy' })).toMatchObject({
      version: first,
    })
    expect(await liveOf()).toBe(first)
    const { mid } = await ask(await converse(), asked[0]!)
    expect(await perform('why', { message: mid })).toMatchObject({ receipt: { sentiment: { label: 'neutral' } } })
    await expect(perform('models.rollback', { service: 'answerable', reason: 'none' })).rejects.toThrow(
      /no earlier live version/,
    )
  })

  it('of a version that the engines cannot load leaves engines and ledger as they were', async () => {
    const before = await ledger()
    const { dir } = (await house().registry.champion('sentiment'))!
    const files = new Map([['model.onnx', Buffer.from('no model')]])
    const noModel = await registerVariant(house().registry, 'sentiment', {}, files)
    await expect(promote(noModel.version, { replay: 0 })).rejects.toThrow(/cannot be loaded/)
    expect([await ledger(), await liveOf(), house().pool.generation.heads?.sentiment]).toEqual([before, first, dir])
    expect(await ask(await converse(), asked[0]!)).toMatchObject({ kind: 'answer' })
  })
})

describe('the history', () => {
  it('tells what was live on a day', async () => {
    const day = today(house().config.timeZone)
    const on = (date: string) => perform('models.history', { on: date, service: 'sentiment' })
    const { live } = (await on(day)) as { live: { version: number; until: string | null }[] }
    expect(live.map(({ version }) => version)).toContain(gloomy.version)
    expect(live.at(-1)).toMatchObject({ version: first, until: null })
    expect(await on('2020-05-03')).toEqual({ on: '2020-05-03', live: [] })
    await expect(on('2999-01-01')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('not come yet'),
    })
    await expect(on('2026-02-30')).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('a comparison', { timeout: 60_000 }, () => {
  it('scores two versions on the same rows and tests where they disagree', async () => {
    const request = { service: 'sentiment', a: 'champion', b: String(gloomy.version), test: rows }
    const done = (await perform('models.compare', request)) as CompareDone & { versions: number[] }
    expect(done).toMatchObject({ versions: [first, gloomy.version], n: 24, b: { accuracy: 1 } })
    const accuracy = done.a.accuracy as number
    expect(done.onlyA).toBe(0)
    expect(done.onlyB).toBe(24 - Math.round(24 * accuracy))
    expect(done.p).toBeCloseTo(2 ** (1 - done.onlyB), 12)
    expect(done.rows).toHaveLength(Math.min(20, done.different))
    expect(done.rows[0]).toMatchObject({
      text: expect.any(String),
      gold: [expect.any(String)],
      b: [expect.any(String)],
    })
    const same = (await perform('models.compare', { ...request, b: 'champion' })) as CompareDone
    expect(same).toMatchObject({ onlyA: 0, onlyB: 0, p: 1, different: 0, rows: [] })
  })

  it('of what cannot be compared is refused', async () => {
    const request = { service: 'sentiment', a: 'champion', b: '999', test: rows }
    await expect(perform('models.compare', request)).rejects.toThrow(/no version 999/)
    await expect(perform('models.compare', { ...request, service: 'answerable', b: 'champion' })).rejects.toThrow(
      /does not label texts/,
    )
    writeFileSync(rows.replace('rows', 'others'), '{"text":"a"}\n')
    await expect(
      perform('models.compare', { ...request, b: 'champion', test: rows.replace('rows', 'others') }),
    ).rejects.toThrow(/others.jsonl:1/)
  })
})

describe('smaller weights', { timeout: 60_000 }, () => {
  const test = ['a', 'b'].map((name) => join(repository, `corpora/sentiment/${name}.test.jsonl`))
  const request = { service: 'sentiment', version: 'champion', test, compression: { method: 'int8' }, tolerance: 0.02 }

  it('make another version, with a bill, which can go live', async () => {
    const done = (await perform('models.optimise', { ...request, reason: 'the disk' })) as OptimiseDone
    expect(done).toMatchObject({ service: 'sentiment', parent: first, bill: { n: 320 } })
    const { bytes, gzipBytes, accuracy, p50Ms, recall } = done.bill
    expect(bytes.after).toBeLessThan(0.4 * bytes.before)
    expect(gzipBytes.after).toBeLessThan(0.4 * gzipBytes.before)
    expect(accuracy.after).toBeGreaterThan(accuracy.before - 0.02)
    expect(p50Ms.after).toBeGreaterThan(0)
    expect(Object.keys(recall)).toEqual(['negative', 'neutral', 'positive', 'urgent'])
    const { manifest, dir } = await house().registry.find('sentiment', done.version)
    expect(manifest).toMatchObject({
      parent: { version: first, how: 'int8' },
      metrics: { n: 320, accuracy: accuracy.after },
    })
    expect(statSync(join(dir, 'model.onnx')).size).toBe(bytes.after)
    expect(readFileSync(join(dir, 'card.md'), 'utf8')).toContain(`Made smaller from version ${first}: int8.`)
    expect(await liveOf()).toBe(first)
    expect(await promote(done.version)).toMatchObject({ changed: true })
    expect(await ask(await converse(), asked[0]!)).toMatchObject({ kind: 'answer' })
    await perform('models.rollback', { service: 'sentiment', reason: 'it was a test' })
    // Weights that are small already have nothing to give.
    await expect(perform('models.optimise', { ...request, version: String(done.version) })).rejects.toThrow(
      /small already/,
    )
  })

  it('that cost too much, or were measured on training rows, are refused and leave nothing', async () => {
    const numbers = async () => (await house().registry.list('sentiment')).map(({ version }) => version)
    const before = await numbers()
    const harsh = { ...request, compression: { method: 'prune', share: 0.99 }, tolerance: 0 }
    await expect(perform('models.optimise', harsh)).rejects.toThrow(/accuracy of sentiment on 320 rows would fall from/)
    const seen = { ...request, version: String(gloomy.version), test: [rows] }
    await expect(perform('models.optimise', seen)).rejects.toThrow(/rows.jsonl: version .* was trained on it/)
    await expect(perform('models.optimise', { ...request, service: 'answerable' })).rejects.toThrow(
      /cannot be made smaller|does not label/,
    )
    expect(await numbers()).toEqual(before)
  })
})
