import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildEncoder, type OfficialModel } from '../../../server/embedding/build-encoder.ts'
import { sha256Of } from '../../../server/embedding/files.ts'
import { allMiniLm, WEIGHTS } from '../../../server/embedding/model-spec.ts'
import { ModelError } from '../../../server/errors.ts'
import { mean } from '../../../server/math/statistics.ts'
import { dot, normalise } from '../../../server/math/vectors.ts'
import { readReference } from '../../support/encoder-reference.ts'
import { testEncoderDir } from '../../support/models.ts'
import { tinyBertFiles } from '../../support/tiny-bert.ts'

const reference = await readReference()
let model: OfficialModel
beforeAll(async () => {
  const dir = testEncoderDir()
  model = {
    weights: await readFile(join(dir, WEIGHTS)),
    config: JSON.parse(await readFile(join(dir, 'config.json'), 'utf8')),
  }
})

/** The cosine of each reference text's vector to the reference's own, which came from the official fp32 model. */
async function cosines(file: Uint8Array): Promise<number[]> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 })
  const found: number[] = []
  for (const { ids, embedding } of reference) {
    const input = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length])
    const { embedding: output } = await session.run({ input_ids: input }, ['embedding'])
    if (!(output?.data instanceof Float32Array)) throw new TypeError('the output is not float32')
    expect(Math.hypot(...output.data)).toBeCloseTo(1, 5)
    found.push(dot(output.data, normalise(embedding)))
  }
  await session.release()
  return found
}

describe('the encoder built from official weights', { timeout: 30_000 }, () => {
  it('is the pinned file, to the bit, and close to the official model', async () => {
    const file = buildEncoder(model, { precision: 'int8', smoothing: await allMiniLm.smoothing() })
    expect(sha256Of(file)).toBe(allMiniLm.encoderSha256)
    const found = await cosines(file)
    expect(found).toHaveLength(21)
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0.985)
    expect(mean(found)).toBeGreaterThanOrEqual(0.995)
  })

  it('equals the official model in fp32', async () => {
    expect(Math.min(...(await cosines(buildEncoder(model, { precision: 'fp32' }))))).toBeGreaterThanOrEqual(0.99999)
  })

  it('refuses a configuration that it cannot build', () => {
    const config = JSON.parse(String(tinyBertFiles()['config.json']))
    const build = (changes: object) => () =>
      buildEncoder({ ...model, config: { ...config, ...changes } }, { precision: 'int8' })
    expect(build({ hidden_act: 'relu' })).toThrow(/config.json: hidden_act/)
    expect(build({ model_type: 'roberta' })).toThrow(ModelError)
    expect(build({ num_hidden_layers: -1 })).toThrow(/num_hidden_layers/)
    expect(build({})).toThrow(
      /model.safetensors: embeddings.word_embeddings.weight is F32 \[30522,384\], expected F32 \[16,8\]/,
    )
    expect(() => buildEncoder({ ...model, config: undefined }, { precision: 'int8' })).toThrow(/config.json: the file/)
  })
})
