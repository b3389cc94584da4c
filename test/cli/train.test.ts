import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, onlyJson } from '../support/program.ts'

const env = { BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' }
const run = (args: readonly string[]) => bursar(args, { env })

describe('training', { timeout: 180_000 }, () => {
  it('gives the same artefact for the same rows and seed', async () => {
    const dir = temporaryFolder()
    const moods = {
      positive: [
        'thank you so much',
        'great service',
        'that was quick and kind',
        'I love the new app',
        'wonderful help',
      ],
      neutral: [
        'what is the fee',
        'how do I order a card',
        'where is the branch',
        'is there a limit',
        'when do you open',
      ],
      negative: ['this is useless', 'I am fed up with you', 'the worst bank', 'nobody answers me', 'so disappointed'],
      urgent: ['my card is stolen right now', 'stop the payment at once', 'help, fraud', 'block it now', 'emergency'],
    }
    const rows = Object.entries(moods).flatMap(([label, texts]) =>
      texts.flatMap((text) => ['', ', please', '!'].map((end) => JSON.stringify({ text: `${text}${end}`, label }))),
    )
    writeFileSync(join(dir, 'rows.jsonl'), `${rows.join('\n')}\n`)
    const train = async (data: string, seed: string) =>
      onlyJson(
        await run([
          ...['train', 'sentiment', '--train', join(dir, 'rows.jsonl'), '--seed', seed],
          ...['--json', '--data', join(dir, data)],
        ]),
      )
    const [one, two] = [await train('one', '1'), await train('two', '1')]
    expect(one).toMatchObject({
      service: 'sentiment',
      version: 1,
      artifactSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(two.artifactSha256).toBe(one.artifactSha256)
    expect(await train('one', '1')).toMatchObject({ version: 1, artifactSha256: one.artifactSha256 })
    const test = ['--test', join(dir, 'rows.jsonl'), '--json', '--data', join(dir, 'one')]
    const scored = onlyJson(await run(['eval', 'sentiment', '--model', 'champion', ...test]))
    expect(Object.keys(scored)).toEqual(
      ['n', 'accuracy', 'macroF1', 'ece', 'negativeRecall']
        .flatMap((name) => (name === 'n' ? [name] : [name, `${name}_ci`]))
        .concat('perItemMs'),
    )
    expect(scored.accuracy).toBeGreaterThan(0.9)
  })

  it('and scoring registers nothing, and needs no data directory', async () => {
    const dir = temporaryFolder()
    const texts = [
      'I lost my card',
      'my card is gone',
      'missing card',
      'when do you open',
      'closing time',
      'are you open',
    ]
    writeFileSync(
      join(dir, 'rows.csv'),
      `text,intent\n${texts.map((text, i) => `${text},${i < 3 ? 'card' : 'hours'}`).join('\n')}\n`,
    )
    const files = ['--train', join(dir, 'rows.csv'), '--test', join(dir, 'rows.csv')]
    const scored = onlyJson(await run(['eval', 'intent', ...files, '--json', '--data', join(dir, 'data')]))
    expect(scored).toMatchObject({ n: 6, accuracy: 1, perItemMs: expect.any(Number) })
    expect(existsSync(join(dir, 'data'))).toBe(false)
  })

  it('of a service that there is none of, or on a row without a label, is refused', async () => {
    const data = join(temporaryFolder(), 'data')
    expect(await run(['train', 'horoscope', '--data', data])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the corpora hold nothing for horoscope'),
    })
    const file = join(temporaryFolder(), 'rows.jsonl')
    writeFileSync(file, '{"text":"hello","label":"neutral"}\n{"text":"bye"}\n')
    const ended = await run(['train', 'sentiment', '--train', file, '--data', data])
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file}:2`) })
  })
})
