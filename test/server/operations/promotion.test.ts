import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TrainDone } from '../../../server/engine/tasks.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { registerVariant } from '../../support/twin.ts'
import { shareHouse } from '../receipts/support.ts'

const { house, converse, ask, perform } = shareHouse()
const service = 'sentiment'
const rows = join(temporaryFolder(), 'rows.jsonl')
const training = { service, train: [rows], test: [], validation: [], seed: 1, promote: false }
let first: number
let twin: number
let trained: TrainDone

const promotion = (version: number) => ({
  ...{ service, version, reason: 'a test' },
  ...{ replay: 10, force: true, dryRun: false },
})
const liveOf = async () => (await house().registry.champion(service))!.version
const ledger = () => house().registry.ledger(service)
const numbers = async () => (await house().registry.list(service)).map(({ version }) => version)

beforeAll(async () => {
  first = await liveOf()
  twin = (await registerVariant(house().registry, service)).version
  const conv = await converse()
  for (const question of ['How much does a replacement card cost?', 'When do you open?']) await ask(conv, question)
  const texts = { negative: ['I hate you', 'so angry', 'useless'], positive: ['well done', 'thank you', 'great'] }
  const lines = Object.entries(texts).flatMap(([label, list]) =>
    list.flatMap((text) => ['', '!', ' today'].map((end) => JSON.stringify({ text: `${text}${end}`, label }))),
  )
  writeFileSync(rows, `${lines.join('\n')}\n`)
  trained = (await perform('train', training)) as TrainDone
}, 120_000)

describe('a training', { timeout: 60_000 }, () => {
  it('whose version the engines cannot load makes nothing live', async () => {
    const before = await ledger()
    const { data, seed } = (await house().registry.find(service, trained.version)).manifest
    const files = new Map([['model.onnx', Buffer.from('no model')]])
    const broken = await registerVariant(house().registry, service, { data, seed }, files)
    await expect(perform('train', { ...training, promote: true })).rejects.toThrow(/cannot be loaded/)
    expect([await ledger(), await liveOf()]).toEqual([before, first])
    await perform('models.retire', { service, version: broken.version, reason: 'broken' })
  })

  it('that nobody waits for any more registers nothing', async () => {
    const before = await numbers()
    const gone = new AbortController()
    const request = { ...training, seed: 2, promote: true }
    await expect(perform('train', request, () => gone.abort(), gone.signal)).rejects.toMatchObject({
      code: 'engine_lost',
    })
    await expect(perform('train', { ...training, promote: true }, undefined, gone.signal)).rejects.toThrow()
    expect([await numbers(), await liveOf()]).toEqual([before, first])
  })
})

describe('a rehearsal', { timeout: 60_000 }, () => {
  it('that nobody waits for any more ends, and nothing goes live', async () => {
    const before = await ledger()
    const gone = new AbortController()
    let told = 0
    const onProgress = (): void => {
      told++
      gone.abort()
    }
    await expect(perform('models.promote', promotion(twin), onProgress, gone.signal)).rejects.toThrow(/stopped before/)
    expect(told).toBe(1)
    expect(await ledger()).toEqual(before)
  })

  it('keeps no rollback waiting, and its promotion is refused when another version went live', async () => {
    await perform('models.promote', { ...promotion(twin), replay: 0 })
    let rolledBack: Promise<unknown> | undefined
    const onProgress = (): void => {
      rolledBack ??= perform('models.rollback', { service, reason: 'at once' })
    }
    await expect(perform('models.promote', promotion(trained.version), onProgress)).rejects.toThrow(
      /another version of sentiment went live meanwhile/,
    )
    expect(await rolledBack).toMatchObject({ version: first, from: twin })
    expect(await liveOf()).toBe(first)
  })
})

describe('engines that do without heads', () => {
  it('are said to until a change has succeeded', { timeout: 60_000 }, async () => {
    const { generations } = house()
    const files = new Map([['model.onnx', Buffer.from('no model')]])
    const { version } = await registerVariant(house().registry, service, {}, files)
    generations.doWithoutHeads(new Error('a head is damaged'))
    await expect(perform('models.promote', { ...promotion(version), replay: 0 })).rejects.toThrow(/cannot be loaded/)
    expect(generations.headsFault()?.message).toBe('a head is damaged')
    await perform('adopt', {})
    expect(generations.headsFault()).toBeUndefined()
    expect(house().pool.generation.heads?.[service]).toBe((await house().registry.champion(service))!.dir)
  })
})

describe('audit verify', { timeout: 60_000 }, () => {
  it('finds a ledger whose end was cut off, altered or taken away', async () => {
    await perform('models.retire', { service, version: trained.version, reason: 'a test' })
    const file = join(house().registry.root, service, 'ledger.jsonl')
    const whole = readFileSync(file, 'utf8')
    const { n } = (await ledger()).at(-1)!
    const verify = () => perform('audit.verify', {})
    expect(await verify()).toMatchObject({ head: { seq: expect.any(Number) } })
    writeFileSync(file, whole.slice(0, whole.lastIndexOf('\n', whole.length - 2) + 1))
    await expect(verify()).rejects.toThrow(
      new RegExp(`the ledger of sentiment .* line ${n}, which row \\d+ of the audit log names, is missing`),
    )
    writeFileSync(file, whole.replace(/"by":"[^"]*"(?=[^\n]*\n$)/, '"by":"local:nobody"'))
    await expect(verify()).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('was altered') })
    writeFileSync(file, '')
    await expect(verify()).rejects.toThrow(/is missing/)
    // A line that the log has not heard of was written by a process that was killed then.
    writeFileSync(file, whole)
    await house().registry.promote(service, twin, { by: 'local:somebody' })
    expect(await verify()).toMatchObject({ head: { seq: expect.any(Number) } })
  })

  it('names the line of a ledger that is damaged, and nothing is promoted over it', async () => {
    const file = join(house().registry.root, service, 'ledger.jsonl')
    appendFileSync(file, 'no line\n')
    await expect(perform('audit.verify', {})).rejects.toThrow(/ledger\.jsonl:\d+ is damaged/)
    const damaged = readFileSync(file, 'utf8')
    await expect(perform('models.promote', { ...promotion(first), replay: 0 })).rejects.toThrow(
      /bursar train sentiment/,
    )
    expect(readFileSync(file, 'utf8')).toBe(damaged)
  })
})
