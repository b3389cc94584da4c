import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildEncoder } from '../../server/embedding/build-encoder.ts'
import { type Encoder, loadEncoder } from '../../server/embedding/encoder.ts'
import { WEIGHTS } from '../../server/embedding/model-spec.ts'
import { mean } from '../../server/math/statistics.ts'
import { dot, normalise } from '../../server/math/vectors.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testEncoderDir } from '../support/models.ts'
import { figure, outside, rowsOf } from './support/outside.ts'

interface ReferenceText {
  readonly text: string
  readonly ids: readonly number[]
  readonly embedding: readonly number[]
}

const reference = outside('encoder/reference.jsonl')

describe.skipIf(reference.skip)(`the built encoder beside reference.jsonl${reference.note}`, () => {
  let texts: readonly ReferenceText[]
  beforeAll(() => {
    texts = rowsOf(reference.path)
    expect(texts.length).toBeGreaterThan(0)
  })
  const cosineTo = (vector: Float32Array, { embedding }: ReferenceText): number =>
    dot(vector, normalise(Float32Array.from(embedding)))

  it('in int8: equal ids, cosine ≥ 0.985 each and ≥ 0.995 on average, unit vectors', async () => {
    const encoder = await loadEncoder(testEncoderDir())
    const cosines: number[] = []
    for (const row of texts) {
      expect([...encoder.tokenizer.encode(row.text, encoder.maxTokens)], row.text).toEqual(row.ids)
      const vector = await encoder.encode(row.text)
      expect(Math.hypot(...vector), row.text).toBeCloseTo(1, 5)
      cosines.push(cosineTo(vector, row))
    }
    await encoder.close()
    figure('encoder int8 least cosine', Math.min(...cosines), '≥ 0.985')
    figure('encoder int8 mean cosine', mean(cosines), '≥ 0.995')
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.985)
    expect(mean(cosines)).toBeGreaterThanOrEqual(0.995)
  })

  it('in fp32: cosine ≥ 0.99999 each', async () => {
    const weights = await readFile(join(testEncoderDir(), WEIGHTS))
    const config: unknown = JSON.parse(await readFile(join(testEncoderDir(), 'config.json'), 'utf8'))
    const session = await InferenceSession.create(buildEncoder({ weights, config }, { precision: 'fp32' }))
    const cosines: number[] = []
    for (const row of texts) {
      const input = new Tensor('int64', BigInt64Array.from(row.ids, BigInt), [1, row.ids.length])
      const { embedding } = await session.run({ input_ids: input }, ['embedding'])
      if (!(embedding?.data instanceof Float32Array)) throw new TypeError('the output is not float32')
      cosines.push(cosineTo(embedding.data, row))
    }
    await session.release()
    figure('encoder fp32 least cosine', Math.min(...cosines), '≥ 0.99999')
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.99999)
  })
})

const bilingual = outside('encoder/e5-small-en-zh')
const mates = outside('data/insuranceqa_zh_en/dev.jsonl')
const prefixes = { query: 'query: ', passage: 'passage: ' }

describe.skipIf(bilingual.skip)(`another encoder, its model.onnx beside the tokenizer${bilingual.note}`, () => {
  let bare: Encoder
  let encoder: Encoder
  beforeAll(async () => {
    bare = await loadEncoder(bilingual.path)
    encoder = await loadEncoder(await withPrefixes(bilingual.path))
  })
  afterAll(() => Promise.all([bare?.close(), encoder?.close()]))

  it('is taken as it lies there', () => {
    expect(bare).toMatchObject({ dimension: 384, maxTokens: 512, prefixes: { query: '', passage: '' } })
  })

  it('has the prefixes of its bursar.json, which are part of its id', async () => {
    expect(encoder.prefixes).toEqual(prefixes)
    expect(encoder.sha256).toBe(bare.sha256)
    expect(encoder.id).not.toBe(bare.id)
    const text = '我的信用卡丢了，怎么挂失？'
    for (const role of ['query', 'passage'] as const) {
      const ids = encoder.tokenizer.encode(`${role}: ${text}`, 512)
      expect(await encoder.encode(text, role)).toEqual(await encoder.encodeIds(ids, role))
    }
  })

  it('gives unit vectors, whatever the text', async () => {
    const texts = [
      'I lost my card.',
      '我的信用卡丢了。',
      '',
      '🙂',
      '</s><s><mask>',
      'a'.repeat(65_536),
      '卡'.repeat(4_000),
    ]
    for (const text of texts) {
      const vector = await encoder.encode(text)
      expect(Math.hypot(...vector), text.slice(0, 20)).toBeCloseTo(1, 5)
    }
  })

  it('gives no special token for typed ones', () => {
    const [begin, end] = encoder.tokenizer.encode('', 2)
    const inner = [...encoder.tokenizer.encode('</s> <s>', 64)].slice(1, -1)
    expect(inner.length).toBeGreaterThan(0)
    expect(inner.filter((id) => id === begin || id === end)).toEqual([])
  })

  it.skipIf(mates.skip)(
    `finds the English question of a Chinese one as it should: R@1 ≥ 0.63${mates.note}`,
    async () => {
      const rows = rowsOf<{ zh: string; en: string }>(mates.path)
      const english: Float32Array[] = []
      for (const { en } of rows) english.push(await encoder.encode(en, 'passage'))
      let hits = 0
      for (const [i, { zh }] of rows.entries()) {
        const vector = await encoder.encode(zh, 'query')
        const own = dot(vector, english[i]!)
        if (english.every((other) => dot(vector, other) <= own)) hits++
      }
      figure('e5-small-en-zh R@1, Chinese to English', hits / rows.length, '≥ 0.63')
      expect(hits / rows.length).toBeGreaterThanOrEqual(0.63)
    },
  )
})

/** The encoder's files by symbolic link, with settings of our own: what was named is only read. */
async function withPrefixes(dir: string): Promise<string> {
  const own = temporaryFolder()
  for (const name of ['model.onnx', 'tokenizer.json', 'tokenizer_config.json'])
    await symlink(join(dir, name), join(own, name))
  await writeFile(join(own, 'bursar.json'), JSON.stringify({ prefixes }))
  return own
}
