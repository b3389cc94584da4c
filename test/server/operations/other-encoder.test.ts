import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { SettingError } from '../../../server/errors.ts'
import { createLogger } from '../../../server/logger.ts'
import { openHouse } from '../../../server/operations/house.ts'
import { createOperations } from '../../../server/operations/table.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { encoderFolder, hiddenStates } from '../../support/tiny-encoder.ts'

const search = { text: 'my card is lost', k: 3, mode: 'hybrid', role: 'customer' }

/** Do something in a house with the encoder in `encoder`. */
async function within<T>(
  dataDir: string,
  encoder: string,
  work: (perform: (name: string, args: object) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const config = readConfig({ BURSAR_ENCODER: encoder, BURSAR_ENGINES: '1' }, { dataDir })
  const house = await openHouse(config, createLogger('silent'), ownDirectory(dataDir))
  const { run } = createOperations(house)
  return work((name, args) => run(name, args, () => undefined)).finally(house.close)
}

describe('a data directory with another encoder', () => {
  it('is searched by it, and embedded again by a third', { timeout: 150_000 }, async () => {
    const [root, data] = [temporaryFolder(), join(temporaryFolder(), 'data')]
    const first = await encoderFolder(join(root, 'first'), hiddenStates())
    const second = await encoderFolder(join(root, 'second'), hiddenStates(), { 'bursar.json': '{"maxTokens": 20}' })
    const page = join(root, 'card.md')
    writeFileSync(page, '# Card\n\nMy card is lost. A fee is a fee.\n')
    const ingest = { paths: [page], sync: false }
    const found = await within(data, first, async (perform) => {
      await perform('ingest', ingest)
      return perform('search', search)
    })
    expect(found).toMatchObject({ passages: [{ doc: expect.stringContaining('card') }] })

    await within(data, second, async (perform) => {
      await expect(perform('search', search)).rejects.toThrow('with this encoder yet: run bursar ingest')
      expect(await perform('ingest', ingest)).toMatchObject({ documents: 1, unchanged: 0 })
      expect(await perform('search', search)).toMatchObject({ passages: [{}] })
    })
  })

  it('is refused when the encoder gives other vectors under the same id', { timeout: 60_000 }, async () => {
    const [root, data] = [temporaryFolder(), join(temporaryFolder(), 'data')]
    const encoder = await encoderFolder(join(root, 'encoder'), hiddenStates(), { 'bursar.json': '{"maxTokens": 20}' })
    await within(data, encoder, async () => undefined)
    await within(data, encoder, async () => undefined)
    const tokenizer = join(encoder, 'tokenizer.json')
    const { default: json } = await import(tokenizer, { with: { type: 'json' } })
    const { vocab } = json.model
    const swapped = { ...vocab, card: vocab.fee, fee: vocab.card, lost: vocab.b, b: vocab.lost }
    writeFileSync(tokenizer, JSON.stringify({ ...json, model: { ...json.model, vocab: swapped } }))
    await expect(within(data, encoder, async () => undefined)).rejects.toThrow(/gives other vectors than those stored/)
  })
})

it('a folder that is not there is refused by the name of its setting', () => {
  const reading = () => readConfig({ BURSAR_ENCODER: join(temporaryFolder(), 'none') })
  expect(reading).toThrow(SettingError)
  expect(reading).toThrow(/BURSAR_ENCODER has to name a folder that exists, not ".*none"/)
})
