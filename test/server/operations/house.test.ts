import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { openHouse } from '../../../server/operations/house.ts'
import { createOperations } from '../../../server/operations/table.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { hashSecret } from '../../../server/storage/conversations.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { newCommandId } from '../../support/client.ts'
import { copyDemo, liveVersion, newestIndex } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'

/** A house over a data directory, closed with the test. */
async function open(dataDir: string) {
  const config = readConfig({ BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1' }, { dataDir })
  const house = await openHouse(config, createLogger('silent'), ownDirectory(dataDir))
  let isOpen = true
  const close = async (): Promise<void> => {
    if (isOpen) await house.close()
    isOpen = false
  }
  onTestFinished(close)
  const { run } = createOperations(house)
  return { house, close, perform: (name: string, args: object) => run(name, args, () => undefined) }
}

const question = { text: 'how much is the late payment fee on a credit card?', role: 'customer' }
const search = { text: 'late payment fee', k: 3, mode: 'hybrid', role: 'customer' }

describe('a data directory whose index', () => {
  it('is truncated gets a new one from the store, which finds as before', async () => {
    const data = copyDemo(temporaryFolder())
    const first = await open(data)
    const before = await first.perform('search', search)
    const { number } = first.house.pool.generation
    await first.close()
    truncateSync(join(newestIndex(data), 'vectors.f32'), 1_000)
    const { house, perform } = await open(data)
    expect(house.pool.generation.number).toBeGreaterThan(number)
    expect({ ...((await perform('search', search)) as object), tookMs: 0 }).toEqual({
      ...(before as object),
      tookMs: 0,
    })
  })

  it('is gone gets a new one', async () => {
    const data = copyDemo(temporaryFolder())
    rmSync(join(data, 'generations'), { recursive: true })
    const { perform } = await open(data)
    expect(await perform('search', search)).toMatchObject({ passages: [{}, {}, {}] })
  })

  it('is damaged while it is in use is built anew, and who asked meanwhile gets the answer', async () => {
    const data = copyDemo(temporaryFolder())
    const { house } = await open(data)
    const { number } = house.pool.generation
    const { id: conv } = await house.store.conversations.create({ id: mintId('c'), secretHash: hashSecret('s') })
    truncateSync(join(newestIndex(data), 'passages.bin'), 10)
    const answer = new Promise<unknown>((resolve) => {
      house.chat.subscribe(conv, (event) => {
        if (event.t === 'msg.completed') resolve(event.d)
      })
    })
    await house.chat.send(conv, { id: newCommandId(), text: 'How much does a replacement card cost?' })
    expect(await answer).toMatchObject({ kind: 'answer' })
    expect(house.pool.generation.number).toBeGreaterThan(number)
  })

  it('is removed while it is in use is written whole by the next change', async () => {
    const data = copyDemo(temporaryFolder())
    const { perform } = await open(data)
    rmSync(join(data, 'generations'), { recursive: true })
    const file = join(temporaryFolder(), 'sundials.md')
    writeFileSync(file, '# Sundials\n\nSundials are set to the time of the branch.\n')
    await perform('ingest', { paths: [file], collection: 'late', sync: false })
    const found = await perform('search', { ...search, text: 'sundials of the branch' })
    expect(found).toMatchObject({ passages: [{ doc: 'late/sundials.md' }, {}, {}] })
  })

  it('is of another encoder gets a new one', async () => {
    const data = copyDemo(temporaryFolder())
    const manifest = join(newestIndex(data), 'manifest.json')
    const { encoderId } = JSON.parse(readFileSync(manifest, 'utf8'))
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(encoderId, 'f'.repeat(64)))
    const { perform } = await open(data)
    expect(await perform('search', search)).toMatchObject({ passages: [{}, {}, {}] })
  })

  it('is behind the store, as its building was killed, is brought up to it', async () => {
    const data = copyDemo(temporaryFolder())
    const first = await open(data)
    const { doc } = (await first.house.store.documents.list({}))[0]!
    await first.house.units.run((tx) => first.house.store.documents.remove(tx, doc))
    expect(await first.house.generations.isBehind()).toBe(true)
    await first.close()
    const { house } = await open(data)
    expect(await house.generations.isBehind()).toBe(false)
  })
})

describe('a data directory whose heads', () => {
  it.each([
    ['are altered', (dir: string) => truncateSync(join(dir, 'model.onnx'), 100), 'has 100 bytes instead of'],
    [
      'have an altered manifest',
      (dir: string) => writeFileSync(join(dir, 'manifest.json'), '{}'),
      'bursar train sentiment',
    ],
    ['are gone', (dir: string) => rmSync(dir, { recursive: true }), 'there is no version'],
  ])(
    '%s is opened for everything but answers, which name the command',
    { timeout: 120_000 },
    async (_, damage, says) => {
      const data = copyDemo(temporaryFolder())
      damage(join(data, 'models/sentiment', String(liveVersion(data, 'sentiment'))))
      const { perform, house } = await open(data)
      expect(house.pool.generation.heads).toBeUndefined()
      const refused = perform('ask', question)
      await expect(refused).rejects.toThrow(says)
      await expect(refused).rejects.toThrow('bursar train sentiment')
      expect(await perform('search', { text: 'late fee', k: 3, mode: 'hybrid', role: 'customer' })).toMatchObject({
        passages: [{}, {}, {}],
      })
    },
  )
})

describe('an operation', () => {
  it('that is unheard of, or lacks an argument, is refused in one line', async () => {
    const { perform } = await open(join(temporaryFolder(), 'data'))
    for (const [name, args, says] of [
      ['drop', {}, 'there is no operation drop'],
      ['toString', {}, 'there is no operation toString'],
      ['ask', {}, 'ask: text'],
      ['ask', { ...question, asOf: '2026-02-31' }, 'ask: asOf'],
      ['search', { ...search, k: 0 }, 'search: k'],
    ] as const) {
      await expect(perform(name, args)).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining(says),
      })
    }
  })
})
