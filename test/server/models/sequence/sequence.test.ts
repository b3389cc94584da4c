import { describe, expect, it } from 'vitest'
import { createRegistry } from '../../../../server/models/registry.ts'
import { sequenceService } from '../../../../server/models/sequence/sequence.ts'
import { sequenceOptions } from '../../../../server/models/sequence/sequence-options.ts'
import { fitWords, sequenceOf, wordsOf } from '../../../../server/models/sequence/words.ts'
import type { Example } from '../../../../server/models/service.ts'
import { temporaryFolder } from '../../../support/folder.ts'

const nothing = new Float32Array()
/** Texts whose label is told by the order of two words, which no bag of words could tell. */
const examples: readonly Example[] = ['the', 'a', 'my', 'your', 'this'].flatMap((article) =>
  ['card', 'loan', 'account', 'bank', 'fee', 'rate'].flatMap((noun) => [
    { text: `up then down with ${article} ${noun}`, label: 'fall' },
    { text: `down then up with ${article} ${noun}`, label: 'rise' },
  ]),
)
const small = { length: '8', embedding: '8', units: '8', epochs: '60', batch: '8', rate: '0.02', window: '3' }
const train = (rows: readonly Example[], method: string, options: Readonly<Record<string, string>> = small, seed = 1) =>
  sequenceService.train({ examples: rows, vectors: rows.map(() => nothing), seed, method, options })

describe('words', () => {
  it('are letters and digits in lower case, and Chinese characters one by one', () => {
    expect(wordsOf('Pay £12.50 — TODAY! 信用卡 abc')).toEqual(['pay', '12', '50', 'today', '信', '用', '卡', 'abc'])
  })

  it('are numbered by frequency, then by first use', () => {
    expect(fitWords([['b', 'a', 'c'], ['c', 'a'], ['c']], 3)).toEqual(['c', 'a', 'b'])
    expect(fitWords([['b', 'a', 'c'], ['c', 'a'], ['c']], 1)).toEqual(['c'])
  })

  it('are padded and truncated at either end', () => {
    const ids = new Map([...'abcde'].map((word, i) => [word, i + 1] as const))
    const of = (text: string, padding: 'pre' | 'post', truncating: 'pre' | 'post') =>
      Array.from(sequenceOf([...text], ids, { length: 3, padding, truncating }))
    expect(of('a?b', 'pre', 'pre')).toEqual([0, 1, 2])
    expect(of('a?b', 'post', 'pre')).toEqual([1, 2, 0])
    expect(of('abcde', 'pre', 'pre')).toEqual([3, 4, 5])
    expect(of('abcde', 'post', 'post')).toEqual([1, 2, 3])
  })
})

describe('a classifier of sequences', () => {
  it.each(['lstm-text', 'rnn-text', 'cnn-text'])('learns the order of words as %s', async (method) => {
    const artifact = await train(examples, method)
    expect(artifact.metrics.accuracy).toBe(1)
    expect(artifact.metrics.heldOutLoss).toBeLessThan(0.2)
    const judge = await sequenceService.open(artifact, 0)
    const { labels, probabilities } = await judge.judge('down then up with the card', nothing)
    expect(labels).toEqual(['rise'])
    expect(Array.from(probabilities).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 6)
    expect((await judge.judge('', nothing)).confidence).toBeGreaterThan(0)
    await judge.close()
  })

  it('has the same bytes for the same rows and seed, others for another seed', async () => {
    const few = { ...small, epochs: '2', balanced: 'yes', clip: '1', dropout: '0.2' }
    const bytes = async (seed: number) => (await train(examples, 'lstm-text', few, seed)).files.get('model.onnx')
    const first = await bytes(1)
    expect(await bytes(1)).toEqual(first)
    expect(await bytes(2)).not.toEqual(first)
  })

  it('knows more than two labels, and is loaded from its folder without an encoder', async () => {
    const three = [...examples, ...examples.slice(0, 20).map(({ text }) => ({ text: `stay ${text}`, label: 'same' }))]
    const artifact = await train(three, 'cnn-text', { ...small, epochs: '30' })
    expect(artifact.labels).toEqual(['fall', 'rise', 'same'])
    const registry = createRegistry(temporaryFolder())
    const origin = { recipe: sequenceService.recipe, seed: 1, data: [] }
    const { dir, manifest } = await registry.register('sequence', artifact, origin)
    expect(manifest.task).toBe('sequence-classification')
    const reader = await sequenceService.load(dir)
    expect((await reader.judge('stay up then down with my card', nothing)).top).toBe('same')
    const only = await reader.judge('stay up then down with my card', nothing, new Set(['fall', 'rise']))
    expect(only.top).not.toBe('same')
    await reader.close()
  })

  it.each([
    [() => train(examples.slice(0, 4), 'lstm-text'), /4 are too few/],
    [
      () =>
        train(
          examples.filter(({ label }) => label === 'rise'),
          'lstm-text',
        ),
      /two labels are needed/,
    ],
    [
      () =>
        train(
          examples.map((one) => ({ ...one, labels: [one.label] })),
          'lstm-text',
        ),
      /one label a text/,
    ],
    [async () => sequenceOptions('gru'), /--method: is one of lstm-text, rnn-text, cnn-text, not 'gru'/],
    [async () => sequenceOptions('lstm-text', { units: '0' }), /--option column units/],
    [async () => sequenceOptions('lstm-text', { unit: '5' }), /unit/],
    [async () => sequenceOptions('cnn-text', { window: '6', length: '5' }), /longer than a text of 5 words/],
  ])('is refused %#', async (attempt, message) => {
    await expect(attempt()).rejects.toThrow(message)
  })
})
