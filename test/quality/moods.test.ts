import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Encoder, loadEncoder } from '../../server/embedding/encoder.ts'
import { createRegistry } from '../../server/models/registry.ts'
import { type Mood, sentimentService } from '../../server/models/sentiment.ts'
import { copyDemo } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testEncoderDir } from '../support/models.ts'
import { moodChecks } from './support/mood-cases.ts'

/** The shipped model, as the demo bank uses it. */
let read: (text: string) => Promise<Mood>
const open: (() => Promise<void>)[] = []

beforeAll(async () => {
  const champion = await createRegistry(join(copyDemo(temporaryFolder()), 'models')).champion('sentiment')
  const [encoder, reader]: [Encoder, Awaited<ReturnType<typeof sentimentService.load>>] = await Promise.all([
    loadEncoder(testEncoderDir()),
    sentimentService.load(champion?.dir ?? ''),
  ])
  open.push(
    () => encoder.close(),
    () => reader.close(),
  )
  read = async (text) => (await reader.read(text, await encoder.encode(text, 'query'))).label
})
afterAll(async () => {
  for (const close of open) await close()
})

const textsOf = (texts: (typeof moodChecks)[number]['texts']): (readonly [string, string])[] =>
  Object.entries(texts).flatMap(([mood, list]) => list.map((text) => [mood, text] as const))

describe('moods, one thing at a time', () => {
  it('are checked by 150 sentences or more, each once', () => {
    const all = moodChecks.flatMap(({ texts }) => textsOf(texts).map(([, text]) => text))
    expect(all.length).toBeGreaterThanOrEqual(150)
    expect(new Set(all).size).toBe(all.length)
  })

  const titled = moodChecks.map((one) => {
    const title = `${one.checks}: at most ${one.wrong} of ${textsOf(one.texts).length} read wrongly`
    return [title, one] as const
  })
  it.each(titled)('%s', async (_, { texts, wrong }) => {
    const faults: string[] = []
    for (const [mood, text] of textsOf(texts)) {
      const said = await read(text)
      if (said !== mood) faults.push(`${mood} read as ${said}: ${text}`)
    }
    expect(faults.length, faults.join('\n')).toBeLessThanOrEqual(wrong)
  })
})
