import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Encoder, loadEncoder } from '../../../server/embedding/encoder.ts'
import { createRandom } from '../../../server/math/random.ts'
import { readExamples } from '../../../server/models/examples.ts'
import { explainText } from '../../../server/models/explain.ts'
import { createRegistry } from '../../../server/models/registry.ts'
import { type SentimentReading, sentimentService } from '../../../server/models/sentiment.ts'
import type { Artifact, Example, Reader } from '../../../server/models/service.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testEncoderDir } from '../../support/models.ts'
import { outcomesOf } from './support.ts'

const corpus = new URL('../../../corpora/sentiment/a.train.jsonl', import.meta.url).pathname

let encoder: Encoder
let examples: readonly Example[]
let vectors: Float32Array[]
let artifact: Artifact
let reader: Reader<SentimentReading>

beforeAll(async () => {
  encoder = await loadEncoder(testEncoderDir())
  examples = (await readExamples(corpus)).examples.slice(0, 400)
  vectors = await embed(examples)
  artifact = await sentimentService.train({ examples, vectors, seed: 1 })
  reader = await load(artifact)
})
afterAll(async () => {
  await reader.close()
  await encoder.close()
})

async function embed(rows: readonly Example[]): Promise<Float32Array[]> {
  const all: Float32Array[] = []
  for (const { text } of rows) all.push(await encoder.encode(text))
  return all
}

async function load(made: Artifact): Promise<Reader<SentimentReading>> {
  const { recipe } = sentimentService
  const origin = { recipe, seed: 1, data: [], encoder: { id: encoder.id, dimension: encoder.dimension } }
  return sentimentService.load((await createRegistry(temporaryFolder()).register('sentiment', made, origin)).dir)
}

describe('sentiment', () => {
  it.each([
    ['Thank you so much, the lady at the counter was wonderful and so kind 😊', 'positive'],
    ['What is the daily limit for transfers?', 'neutral'],
    ['This is an awful bank, you have ignored me for weeks and I am furious', 'negative'],
    ['Help! Someone is taking money out of my account right now, block it immediately', 'urgent'],
  ])('reads "%s" as %s', async (text, label) => {
    const reading = await reader.read(text, await encoder.encode(text))
    expect(reading.label).toBe(label)
    expect(reading.score).toBeGreaterThan(0.25)
    expect(reading.score).toBeLessThanOrEqual(1)
  })

  it('is far better than chance on rows that it was not fitted to', () => {
    expect(artifact.metrics).toMatchObject({ n: 400 })
    expect(artifact.metrics.accuracy).toBeGreaterThan(0.7)
    expect(artifact.metrics.macroF1).toBeGreaterThan(0.7)
    expect(artifact.metrics.negativeRecall).toBeGreaterThan(0.5)
    expect(artifact.metrics.ece).toBeLessThan(0.1)
  })

  it('says served what it said in training', async () => {
    const rows = examples.slice(0, 30).map((row) => ({ ...row, text: `${row.text} indeed`, split: 'test' as const }))
    const all = [...examples, ...rows]
    const { metrics } = await sentimentService.train({
      examples: all,
      vectors: [...vectors, ...(await embed(rows))],
      seed: 1,
    })
    const served = { n: 30, ...sentimentService.figures(await outcomesOf(reader, rows, await embed(rows))) }
    expect(metrics.n).toBe(30)
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(served).sort())
    for (const [name, value] of Object.entries(served)) expect(metrics[name]).toBeCloseTo(value, 3)
  })

  it('is the same file for the same examples and seed', async () => {
    expect(await sentimentService.train({ examples, vectors, seed: 1 })).toEqual(artifact)
  })

  it('counts urgent as negative where nobody labelled urgency', async () => {
    const text = 'Someone is emptying my account right now, stop them immediately'
    const vector = await encoder.encode(text)
    expect((await reader.read(text, vector)).label).toBe('urgent')
    const metrics = sentimentService.figures(await outcomesOf(reader, [{ text, label: 'negative' }], [vector]))
    expect(metrics).toMatchObject({ accuracy: 1, negativeRecall: 1 })
  })

  it('learns from two moods only, and gives a score to each', async () => {
    const two = examples.flatMap(({ label }, i) => (label === 'positive' || label === 'negative' ? [i] : []))
    const made = await sentimentService.train({
      examples: two.map((i) => examples[i]!),
      vectors: two.map((i) => vectors[i]!),
      seed: 1,
    })
    const small = await load(made)
    const { probabilities } = await small.judge('lovely', await encoder.encode('lovely'))
    expect(small.labels).toEqual(['negative', 'positive'])
    expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 5)
    await small.close()
  })

  it('chooses among the labels that are asked for', async () => {
    const text = 'What is the daily limit for transfers?'
    const only = new Set(['positive', 'negative'])
    const { top, confidence, probabilities } = await reader.judge(text, await encoder.encode(text), only)
    expect(only).toContain(top)
    expect(confidence).toBeGreaterThanOrEqual(0.5)
    expect(Array.from(probabilities).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
    expect(probabilities[reader.labels.indexOf('neutral')]).toBe(0)
  })

  it('refuses a mood that it does not know, and a vector that is not finite', async () => {
    const odd = [...examples, { text: 'meh', label: 'bored' }, { text: 'meh, too', label: 'bored' }]
    const request = { examples: odd, vectors: [...vectors, vectors[0]!, vectors[1]!], seed: 1 }
    await expect(sentimentService.train(request)).rejects.toThrow(
      /'bored' is none of positive, neutral, negative, urgent/,
    )
    await expect(reader.read('hm', new Float32Array(encoder.dimension).fill(Number.NaN))).rejects.toThrow(/not finite/)
  })
})

const vectorOf = (text: string) => encoder.encode(text, 'query')
/** Texts to be explained. */
const texts = [
  'The lady at the counter was wonderful, thank you',
  'You have ignored my letters and I am furious about it',
  'What is the daily limit for transfers from my account?',
  'Somebody is stealing money from my account right now, help',
  'Your app is terrible and the queue was endless today',
  'I am delighted with how quickly the loan was paid',
]

describe('an explanation', () => {
  it('names words where they stand, the most helpful first', async () => {
    const text = texts[0]!
    const { top } = await reader.judge(text, await vectorOf(text))
    const found = await explainText(reader, vectorOf, text, top)
    expect(found.map(({ word }) => word).sort()).toEqual(text.match(/[a-z]+/gi)!.sort())
    for (const { word, start, end } of found) expect(text.slice(start, end)).toBe(word)
    expect(found.map(({ weight }) => weight)).toEqual(found.map(({ weight }) => weight).sort((a, b) => b - a))
  })

  it('is borne out: without its first words the label is less probable than without as many others', async () => {
    const random = createRandom(3)
    let [ours, others] = [0, 0]
    for (const text of texts) {
      const { top } = await reader.judge(text, await vectorOf(text))
      const place = reader.labels.indexOf(top)
      const without = async (words: readonly { readonly start: number; readonly end: number }[]) => {
        let left = text
        for (const { start, end } of words.toSorted((a, b) => b.start - a.start))
          left = left.slice(0, start) + left.slice(end)
        return (await reader.judge(left, await vectorOf(left))).probabilities[place]!
      }
      const found = await explainText(reader, vectorOf, text, top)
      ours += await without(found.slice(0, 2))
      others += await without(found.toSorted(() => random() - 0.5).slice(0, 2))
    }
    expect(ours).toBeLessThan(others)
  })

  it('of a text without words is empty, of a label that there is not an error', async () => {
    expect(await explainText(reader, vectorOf, '?!', 'neutral')).toEqual([])
    await expect(explainText(reader, vectorOf, 'fee', 'sleepy')).rejects.toThrow("no label 'sleepy'")
  })
})
