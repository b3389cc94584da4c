import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../server/math/random.ts'
import { type Kind, parameterShapes, type Shape } from '../../../../server/models/sequence/architecture.ts'
import { type SequenceModel, writeSequenceModel } from '../../../../server/models/sequence/serving-graph.ts'
import { openTrainingStep } from '../../../../server/models/sequence/training-step.ts'

const kinds: readonly Kind[] = ['lstm', 'rnn', 'cnn']
const names = ['a', 'b', 'c', 'd', 'e']

/** Probabilities of all labels for some words. */
async function say(model: SequenceModel, ...texts: readonly (readonly string[])[]): Promise<number[][]> {
  const labels = model.shape.outputs === 1 ? ['no', 'yes'] : ['x', 'y', 'z']
  const session = await InferenceSession.create(writeSequenceModel(model, labels))
  const said: number[][] = []
  for (const words of texts) {
    const { probabilities } = await session.run({ words: new Tensor('string', [...words], [words.length]) })
    said.push(Array.from(probabilities!.data as Float32Array))
  }
  await session.release()
  return said
}

describe('with the same weights as Keras', async () => {
  const stored = JSON.parse(await readFile(join(import.meta.dirname, 'keras.json'), 'utf8'))
  it.each(stored.cases as readonly Record<string, never>[])(
    '$kind with $outputs outputs says the same',
    async (one) => {
      const { kind, outputs, weights, ids, said } = one as unknown as {
        kind: Kind
        outputs: number
        weights: Record<string, number[]>
        ids: number[][]
        said: number[]
      }
      const { table, ...parameters } = weights
      const model: SequenceModel = {
        shape: {
          kind,
          outputs,
          length: stored.length,
          embedding: stored.embedding,
          units: stored.units,
          window: stored.window,
        },
        fitting: { padding: 'pre', truncating: 'pre' },
        words: names,
        temperature: 1,
        table: Float32Array.from(table!),
        parameters: new Map(Object.entries(parameters).map(([name, values]) => [name, Float32Array.from(values)])),
      }
      const found = await say(model, ...ids.map((row) => row.map((id) => names[id - 1] ?? '')))
      for (const i of ids.keys()) {
        const wanted = said.slice(i * outputs, (i + 1) * outputs)
        const own = outputs === 1 ? [found[i]![1]!] : found[i]!
        own.forEach((value, k) => {
          expect(value).toBeCloseTo(wanted[k]!, 5)
        })
      }
    },
  )

  it('has the parameters of the preset', () => {
    const shape: Shape = { kind: 'lstm', length: 100, embedding: 100, units: 100, window: 5, outputs: 1 }
    const sizes = [...parameterShapes(shape)].map(([name, [rows, columns]]) => [name, rows * columns] as const)
    const count = (dense: boolean) =>
      sizes.filter(([name]) => name.startsWith('dense') === dense).reduce((sum, [, size]) => sum + size, 0)
    expect([count(false), count(true)]).toEqual([80_400, 101])
  })
})

describe('a text', () => {
  const random = createRandom(3)
  const shape: Shape = { kind: 'lstm', length: 4, embedding: 3, units: 2, window: 2, outputs: 3 }
  const model = (fitting: SequenceModel['fitting']): SequenceModel => ({
    shape,
    fitting,
    words: names,
    temperature: 2,
    table: Float32Array.from({ length: 18 }, () => random() - 0.5),
    parameters: new Map(
      [...parameterShapes(shape)].map(([name, [rows, columns]]) => [
        name,
        Float32Array.from({ length: rows * columns }, () => random() - 0.5),
      ]),
    ),
  })

  it('is truncated before and after, and unknown words are left out', async () => {
    const before = await say(
      model({ padding: 'pre', truncating: 'pre' }),
      ['a', 'b', 'c', 'd', 'e'],
      ['b', 'c', 'd', 'e'],
      ['b', '?', 'c', 'd', 'e'],
    )
    expect(before[1]).toEqual(before[0])
    expect(before[2]).toEqual(before[0])
    const after = await say(
      model({ padding: 'post', truncating: 'post' }),
      ['a', 'b', 'c', 'd', 'e'],
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'e'],
    )
    expect(after[1]).toEqual(after[0])
    expect(after[2]).not.toEqual(after[0])
  })

  it('may be empty, and its probabilities sum to 1', async () => {
    const [empty] = await say(model({ padding: 'pre', truncating: 'pre' }), [''])
    expect(empty!.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 6)
  })
})

describe('gradients', () => {
  it.each(kinds.flatMap((kind) => [1, 3].map((outputs) => [kind, outputs] as const)))(
    'of %s with %i outputs are those of finite differences',
    async (kind, outputs) => {
      const shape: Shape = { kind, outputs, length: 4, embedding: 3, units: 5, window: 2 }
      const rows = 3
      const random = createRandom(5)
      const some = (count: number) => Float32Array.from({ length: count }, () => 1.6 * random() - 0.8)
      const parameters = new Map([...parameterShapes(shape)].map(([name, [a, b]]) => [name, some(a * b)]))
      const batch = {
        words: some(shape.length * rows * shape.embedding),
        keep: Float32Array.from({ length: rows * shape.units }, (_, i) => (i % 4 === 0 ? 0 : 1.25)),
        targets: Float32Array.from({ length: rows * outputs }, (_, i) => Number(outputs === 1 ? i % 2 : i % 4 === 0)),
        weights: Float32Array.of(0.5, 0.3, 0.2),
      }
      const step = await openTrainingStep(shape, rows)
      const { words, parameters: slopes } = await step.run(batch, parameters)
      const parts = [...parameters].map(([name, values]) => [name, values, slopes.get(name)!] as const)
      const h = 1e-2
      for (const [name, values, slope] of [...parts, ['words', batch.words, words] as const]) {
        for (let i = 0; i < values.length; i += 3) {
          const was = values[i]!
          values[i] = was + h
          const above = (await step.run(batch, parameters)).loss
          values[i] = was - h
          const below = (await step.run(batch, parameters)).loss
          values[i] = was
          expect(Math.abs((above - below) / (2 * h) - slope[i]!), `${name} ${i}`).toBeLessThan(2e-3)
        }
      }
      await step.close()
    },
  )
})
