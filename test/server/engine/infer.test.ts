import { expect, it } from 'vitest'
import { encoderOnly, openPool } from './support.ts'

it('models answer before anything was ingested, and heads say that they are not there', async () => {
  const pool = openPool(encoderOnly())
  const { dimension, encoderId } = await pool.facts()
  const texts = ['the fee', 'the fee', 'a cat']
  const { version, outputs, computeMs } = await pool.run({ kind: 'infer', model: 'embeddings', texts }, 'background')
  expect([outputs.embedding?.length, encoderId.startsWith(version)]).toEqual([3 * dimension, true])
  expect(computeMs).toBeGreaterThan(0)
  const others = ['the fee', 'a dog', 'the fee']
  const pairs = await pool.run({ kind: 'infer', model: 'similarity', texts, others }, 'background')
  const [same, one, two] = [...(pairs.outputs.similarity ?? [])].map(Number)
  expect(same).toBeCloseTo(1, 5)
  expect(Math.max(one!, two!)).toBeLessThan(0.9)
  const head = pool.run({ kind: 'infer', model: 'intent', texts }, 'background')
  await expect(head).rejects.toThrow('there is no intent head: run bursar train intent')
})
