import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Encoder, loadEncoder } from '../../../server/embedding/encoder.ts'
import { InputError, ModelError } from '../../../server/errors.ts'
import { type ScoredIntent, intentService as service } from '../../../server/models/intent.ts'
import { nameOf } from '../../../server/models/preparation.ts'
import { createRegistry } from '../../../server/models/registry.ts'
import type { Artifact, Example, Reader } from '../../../server/models/service.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testEncoderDir } from '../../support/models.ts'
import { outcomesOf } from './support.ts'

const texts: Readonly<Record<string, readonly string[]>> = {
  lost_card: [
    'I lost my card on the train',
    'my debit card is gone, I cannot find it anywhere',
    'where do I report a lost card',
    'card fell out of my pocket',
    'I think I left my bank card in a taxi',
    'missing card, please block it',
  ],
  savings_rates: [
    'what interest do you pay on savings',
    'best savings rate please',
    'how much would my money earn in a savings account',
    'is the interest on the saver going up',
    'what is the AER of your easy access account',
    'savings rate today?',
  ],
  opening_hours: [
    'when does the branch open',
    'are you open on Saturday',
    'what time do you close today',
    'opening times of the branch in town',
    'is the bank open on a bank holiday',
    'how late can I come to the counter',
  ],
  oos: [
    'what will the weather be tomorrow',
    'tell me a joke about cats',
    'who won the football match',
    'how do I cook rice',
    'play some jazz',
    'how tall is the Eiffel tower',
    'recommend a novel for the beach',
    'how do I fix a flat bicycle tyre',
    'translate good morning into Spanish',
    'what is the capital of Peru',
    'my houseplant has yellow leaves',
    'when is the next train to Leeds',
  ],
}
const examples: Example[] = Object.entries(texts).flatMap(([label, all]) => all.map((text) => ({ text, label })))

let encoder: Encoder
let vectors: Float32Array[]
let artifact: Artifact
let dir: string
let reader: Reader<ScoredIntent>

beforeAll(async () => {
  encoder = await loadEncoder(testEncoderDir())
  vectors = await embed(examples)
  artifact = await service.train({ examples, vectors, seed: 1 })
  dir = await registered(artifact)
  reader = await service.load(dir)
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

async function registered(made: Artifact, recipe = service.recipe): Promise<string> {
  const origin = { recipe, seed: 1, data: [], encoder: { id: encoder.id, dimension: encoder.dimension } }
  return (await createRegistry(temporaryFolder()).register('intent', made, origin)).dir
}

const read = async (text: string) => reader.read(text, await encoder.encode(text))

describe('intent', () => {
  it.each([
    ['my card has vanished', 'lost_card'],
    ['how much interest will I get on what I save', 'savings_rates'],
    ['until what hour is your branch open', 'opening_hours'],
  ])('knows what "%s" is about', async (text, name) => {
    const reading = await read(text)
    expect(reading).toMatchObject({ name, outOfScope: false })
    expect(reading.confidence).toBeGreaterThan(0.5)
    expect(reading.confidence).toBeLessThanOrEqual(1)
  })

  it.each(['which planet is the largest', 'sing me a song', 'how do I boil an egg'])(
    'knows that "%s" is none of its intents',
    async (text) => {
      expect((await read(text)).outOfScope).toBe(true)
    },
  )

  it('has probabilities of all intents that sum to 1, the highest being the confidence', async () => {
    const text = 'card gone'
    const vector = await encoder.encode(text)
    const scores = Array.from((await reader.judge(text, vector)).probabilities)
    expect(reader.labels).toEqual(['lost_card', 'opening_hours', 'savings_rates'])
    expect(scores.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
    expect(Math.max(...scores)).toBe((await reader.read(text, vector)).confidence)
  })

  it('measures itself on rows that it was not fitted to', () => {
    expect(artifact.metrics).toMatchObject({ n: examples.length })
    for (const metric of ['accuracy', 'macroF1', 'ece', 'inScopeAccuracy', 'oosRecall', 'oosAuroc']) {
      expect(artifact.metrics[metric]).toBeGreaterThanOrEqual(0)
      expect(artifact.metrics[metric]).toBeLessThanOrEqual(1)
    }
    expect(artifact.metrics.oosAuroc).toBeGreaterThan(0.8)
  })

  it('says served what it said in training: the metrics of test rows are the same', async () => {
    const test: Example[] = [
      { text: 'I cannot find my card', label: 'lost_card', split: 'test' },
      { text: 'closing time?', label: 'opening_hours', split: 'test' },
      { text: 'what do savers earn', label: 'opening_hours', split: 'test' },
      { text: 'who wrote Hamlet', label: 'oos', split: 'test' },
    ]
    const all = [...examples, ...test]
    const { metrics } = await service.train({ examples: all, vectors: await embed(all), seed: 1 })
    const served = { n: 4, ...service.figures(await outcomesOf(reader, test, await embed(test), 'oos')) }
    expect(metrics).toMatchObject({ n: 4, accuracy: 0.75, oosRecall: 1 })
    for (const [name, value] of Object.entries(served)) expect(metrics[name]).toBeCloseTo(value, 2)
  })

  it('is the same file for the same examples and seed', async () => {
    const again = await service.train({ examples, vectors, seed: 1 })
    expect(again).toEqual(artifact)
  })

  it('uses n-grams where examples are many, and serves them as it learnt them', async () => {
    const many = Array.from({ length: 240 }, (_, i): Example => {
      const label = i % 2 === 0 ? 'even' : 'odd'
      return { text: `message ${i} about ${label === 'even' ? 'zanzibar' : 'quagga'}`, label }
    })
    // Vectors that say nothing: only the words can tell the labels apart.
    const same = many.map(() => vectors[0]!)
    const words = await service.load(await registered(await service.train({ examples: many, vectors: same, seed: 1 })))
    expect((await words.read('a zanzibar question', vectors[0]!)).name).toBe('even')
    expect((await words.read('a quagga question', vectors[0]!)).name).toBe('odd')
    expect(await words.read('☂', vectors[0]!)).toMatchObject({ confidence: expect.any(Number) })
    await words.close()
  })

  it('reports how far training is, up to the end', async () => {
    const shares: number[] = []
    await service.train({ examples, vectors, seed: 1, onProgress: (share) => shares.push(share) })
    expect(shares.length).toBeGreaterThan(2)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(shares.at(-1)).toBe(1)
  })

  it('does without strangers', async () => {
    const rows = examples.flatMap(({ label }, i) => (label === 'oos' ? [] : [i]))
    const made = await service.train({
      examples: rows.map((i) => examples[i]!),
      vectors: rows.map((i) => vectors[i]!),
      seed: 1,
    })
    expect(Object.keys(made.metrics).sort()).toEqual(['accuracy', 'ece', 'macroF1', 'n'])
    const closed = await service.load(await registered(made))
    const text = 'I lost my card'
    expect(await closed.read(text, await encoder.encode(text))).toMatchObject({ name: 'lost_card', outOfScope: false })
    await closed.close()
  })

  it('learns from real files: lonely labels, one text under two labels, a test label that nobody taught', async () => {
    const odd: Example[] = [
      ...examples,
      { text: 'do you sell stamps', label: 'stamps' },
      { text: ' i LOST my card on the train', label: 'opening_hours' },
      { text: examples[1]!.text, label: examples[1]!.label },
      { text: 'may I bring my dog', label: 'dogs', split: 'test' },
    ]
    const made = await service.train({ examples: odd, vectors: await embed(odd), seed: 1 })
    expect(made.labels).toEqual(['lost_card', 'opening_hours', 'savings_rates', 'stamps'])
    expect(made.metrics).toMatchObject({ n: 1, accuracy: 0, labelConflicts: 1, duplicates: 1 })
  })

  it('learns from the names of the labels where examples are few', async () => {
    // Texts of a label have nothing in common but what they share with its name.
    const labels = ['north', 'east', 'south', 'west', 'up', 'down']
    const vectorOf = (own: number, shared: number) => {
      const vector = new Float32Array(18)
      vector[own] = 0.95
      vector[shared] = 0.3
      return vector
    }
    const few = Array.from({ length: 12 }, (_, i): Example => ({ text: `text ${i}`, label: labels[i % 6]! }))
    const request = { examples: few, vectors: few.map((_, i) => vectorOf(6 + i, i % 6)), seed: 1 }
    const names = new Map(labels.map((label, i) => [label, new Float32Array(18).fill(1, i, i + 1)]))
    const [plain, helped] = [await service.train(request), await service.train({ ...request, names })]
    expect(helped.metrics.ece).not.toBe(plain.metrics.ece)
    expect(helped.files.get('model.onnx')).not.toEqual(plain.files.get('model.onnx'))
    expect(nameOf('Refund_notShowing-up')).toBe('refund not showing up')
  })

  it('gives several labels, one or none where examples have lists', async () => {
    const lists = [['card'], ['card', 'abroad'], ['abroad'], []]
    const words = ['my card', 'my card in another country', 'travelling in another country', 'good morning']
    const several = Array.from({ length: 80 }, (_, i): Example => {
      const labels = lists[i % 4]!
      return { text: `${words[i % 4]} ${i}`, label: labels.join(' '), labels }
    })
    const made = await service.train({ examples: several, vectors: await embed(several), seed: 1 })
    expect(made.metrics.microF1).toBeGreaterThan(0.95)
    const judge = await service.open(made, encoder.dimension)
    const said = async (text: string) => (await judge.judge(text, await encoder.encode(text))).labels
    expect(await said('my card in another country 7')).toEqual(['abroad', 'card'])
    expect(await said('good morning 99')).toEqual([])
    await judge.close()
  })

  it('loads in stock ONNX Runtime with its labels inside', async () => {
    const session = await InferenceSession.create(artifact.files.get('model.onnx')!)
    expect(session.inputNames).toContain('features')
    expect(session.outputNames).toEqual(['probabilities', 'score'])
    await session.release()
  })
})

describe('examples that intents cannot be learnt from', () => {
  const train = (rows: readonly Example[], of = rows.map(() => vectors[0]!)) =>
    service.train({ examples: rows, vectors: of, seed: 1 })

  it.each([
    ['none at all', [], /there are none/],
    ['one label only', [examples[0]!, examples[1]!], /at least two labels/],
    ['strangers only', examples.filter(({ label }) => label === 'oos'), /at least two labels/],
  ])('are refused: %s', async (_, rows, message) => {
    await expect(train(rows)).rejects.toThrow(InputError)
    await expect(train(rows)).rejects.toThrow(message)
  })

  it('are refused when their vectors do not fit', async () => {
    const broken = vectors.with(3, vectors[3]!.with(7, Number.NaN))
    await expect(train(examples, broken)).rejects.toThrow(/example 4 holds a number that is not finite/)
    await expect(train(examples, vectors.slice(1))).rejects.toThrow(/29 vectors for 30 examples/)
    const short = vectors.with(3, new Float32Array(3))
    await expect(train(examples, short)).rejects.toThrow(/example 4 has 3 dimensions, not 384/)
  })
})

describe('a version that cannot be used', () => {
  it('is refused when its file was altered', async () => {
    const broken = await registered(artifact)
    const bytes = Buffer.from(artifact.files.get('model.onnx')!)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(join(broken, 'model.onnx'), bytes)
    await expect(service.load(broken)).rejects.toThrow(ModelError)
    await expect(service.load(broken)).rejects.toThrow(/model\.onnx was altered.*bursar train intent/)
  })

  it('is refused when another release made it', async () => {
    const old = await registered(artifact, service.recipe - 1)
    await expect(service.load(old)).rejects.toThrow(/another release.*bursar train intent/)
  })

  it('is refused when it holds something else than a model', async () => {
    const files = new Map([['model.onnx', Buffer.from('not a model')]])
    const odd = await registered({ ...artifact, files })
    await expect(service.load(odd)).rejects.toThrow(/model\.onnx cannot be loaded/)
    const none = await registered({ ...artifact, files: new Map([['other.bin', Buffer.from('x')]]) })
    await expect(service.load(none)).rejects.toThrow(/holds no model\.onnx/)
  })

  it('does not read a vector that is not finite, or of another encoder', async () => {
    const vector = vectors[0]!.with(5, Number.NaN)
    await expect(reader.read('hello', vector)).rejects.toThrow(/not finite/)
    await expect(reader.read('hello', new Float32Array(5))).rejects.toThrow(/384 dimensions, not 5/)
  })
})
