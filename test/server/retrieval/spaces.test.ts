import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CorruptError, ModelError } from '../../../server/errors.ts'
import { dot } from '../../../server/math/vectors.ts'
import { createRetriever, type Question } from '../../../server/retrieval/retriever.ts'
import { openSnapshot } from '../../../server/retrieval/snapshot.ts'
import { writeSnapshot } from '../../../server/retrieval/snapshot-writer.ts'
import { verifySnapshot } from '../../../server/retrieval/verify-snapshot.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testDimension, testPassages } from '../../support/passages.ts'
import { unitVectors } from '../../support/vectors.ts'

const [encoderId, secondId, secondDimension] = ['first', 'second', 24]
const others = unitVectors(120, secondDimension, 3)
/** Every fourth passage is Chinese. */
const passages = testPassages(120).map((passage, i) => ({
  ...passage,
  record: { ...passage.record, lang: i % 4 === 0 ? 'zh' : 'en' },
  second: { vector: others[i]!, unitVectors: Float32Array.from([...others[i]!, ...others[i]!]) },
}))
const byId = new Map(passages.map((passage) => [passage.record.id, passage]))

async function written(exactLimit: number): Promise<string> {
  const dir = join(temporaryFolder(), 'g')
  const second = { encoderId: secondId, dimension: secondDimension }
  await writeSnapshot(dir, passages, { generation: 1, encoderId, dimension: testDimension, second, exactLimit })
  return dir
}
const [vector, second] = [unitVectors(1, testDimension, 5)[0]!, unitVectors(1, secondDimension, 6)[0]!]
const asked: Question = {
  text: 'card fee',
  vector,
  second,
  scope: { role: 'customer', day: '2026-11-22' },
  k: 200,
  mode: 'dense',
}

describe.each([
  ['scanned', await written(200)],
  ['graph', await written(50)],
])('two indexes, %s', (_, dir) => {
  const retriever = createRetriever(openSnapshot(dir, { encoderId, secondId }))

  it('compare each pair by the encoder that knows both languages', () => {
    for (const lang of ['en', 'zh']) {
      const found = retriever.search({ ...asked, lang })
      expect(found.length).toBeGreaterThan(20)
      for (const { id, dense, space } of found) {
        const passage = byId.get(id)!
        const isFirst = lang === 'en' && passage.record.lang === 'en'
        expect(space).toBe(isFirst ? 'first' : 'second')
        expect(dense).toBeCloseTo(isFirst ? dot(vector, passage.vector) : dot(second, passage.second.vector), 5)
      }
    }
  })

  it('show only what the reader may see', () => {
    for (const lang of ['en', 'zh'])
      for (const { id } of retriever.search({ ...asked, lang, mode: 'hybrid' }))
        expect(byId.get(id)?.record.audience).toBe('customer')
  })

  it('need the vectors of the encoders that compare', () => {
    const { second: _, ...without } = asked
    expect(() => retriever.search({ ...without, lang: 'zh' })).toThrow('no vector of the second encoder')
    expect(retriever.needed(true)).toEqual(['second'])
    expect(retriever.needed(false)).toEqual(['first', 'second'])
  })

  it('give a passage beside vectors of either', () => {
    const { record, second: own } = passages[5]!
    expect(retriever.read(record.id, [own.vector], 'second').unitProducts[0]![1]).toBeCloseTo(1, 2)
    expect(retriever.read(record.id, [own.vector], 'second').record).toEqual(record)
    expect(() => retriever.read(record.id, [own.vector])).toThrow(RangeError)
  })

  it('are both verified, and one may be opened alone', () => {
    expect(verifySnapshot({ dir, encoderId }).recallAt10).toBeGreaterThanOrEqual(0.98)
    const alone = createRetriever(openSnapshot(dir, { encoderId }))
    expect(alone.needed(true)).toEqual(['first'])
    expect(alone.search({ ...asked, lang: 'en' }).every(({ space }) => space === 'first')).toBe(true)
    alone.close()
  })
})

it('an index without the second encoder, or of another one, is refused', async () => {
  const dir = await written(200)
  expect(() => openSnapshot(dir, { encoderId, secondId: 'third' })).toThrow(ModelError)
  truncateSync(join(dir, 'second.f32'), 10)
  expect(() => openSnapshot(dir, { encoderId })).toThrow(CorruptError)
})
