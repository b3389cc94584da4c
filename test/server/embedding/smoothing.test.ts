import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bertLayer, bertShape } from '../../../server/embedding/bert.ts'
import { buildEncoder } from '../../../server/embedding/build-encoder.ts'
import { calibrate } from '../../../server/embedding/calibrate.ts'
import { checkCanaries } from '../../../server/embedding/canaries.ts'
import { loadEncoder } from '../../../server/embedding/encoder.ts'
import type { Progress } from '../../../server/embedding/fetch-files.ts'
import { sha256Of } from '../../../server/embedding/files.ts'
import { pullEncoder } from '../../../server/embedding/model-files.ts'
import { allMiniLm, WEIGHTS } from '../../../server/embedding/model-spec.ts'
import { readSafetensors } from '../../../server/embedding/safetensors.ts'
import { formatSmoothing, parseSmoothing, smoothingFrom } from '../../../server/embedding/smoothing.ts'
import { ModelError } from '../../../server/errors.ts'
import { readReference } from '../../support/encoder-reference.ts'
import { testEncoderDir } from '../../support/models.ts'
import { tinyBertFiles, tinySpec, writeFiles } from '../../support/tiny-bert.ts'

const files = tinyBertFiles()
const model = { weights: files[WEIGHTS]!, config: JSON.parse(String(files['config.json'])) }
const shape = bertShape(model.config, 'config.json')
const texts = ['my card is lost.', 'fees', 'a b a b', 'is my fee lost']
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bursar-smoothing-'))
  await writeFiles(join(root, 'official'), files)
})
afterAll(() => rm(root, { recursive: true }))

describe('smoothing vectors', () => {
  it('balance activations against weights, around a geometric mean of 1', () => {
    const weights = readSafetensors(model.weights, WEIGHTS)
    const names = ['qkv', 'ao', 'fi', 'fo'].flatMap((part) => [0, 1].map((i) => `encoder.layer.${i}.${part}`))
    const peaks = new Map(
      names.map((name) => [name, new Float32Array(name.endsWith('fo') ? 16 : 8).map((_, i) => i + 1)]),
    )
    const smoothing = smoothingFrom(peaks, weights, shape)
    expect([...smoothing.keys()]).toEqual(
      [0, 1].flatMap((i) => ['qkv', 'vfold', 'fi', 'fo'].map((part) => `encoder.layer.${i}.${part}`)),
    )
    for (const vector of smoothing.values()) {
      expect(vector.reduce((sum, value) => sum + Math.log(value), 0)).toBeCloseTo(0, 4)
    }
    const { weight } = bertLayer(weights, shape, 1).up
    const largest = (channel: number) => Math.max(...weight.filter((_, i) => i % 8 === channel).map(Math.abs))
    const ratio = (channel: number) => (channel + 1) ** 0.75 / largest(channel) ** 0.25
    const [first, last] = [smoothing.get('encoder.layer.1.fi')!.at(0)!, smoothing.get('encoder.layer.1.fi')!.at(-1)!]
    expect(last / first).toBeCloseTo(ratio(7) / ratio(0), 4)
    peaks.delete('encoder.layer.1.ao')
    expect(() => smoothingFrom(peaks, weights, shape)).toThrow(/no peaks for encoder.layer.1.ao/)
  })

  it('are read as they were written, to the bit', async () => {
    const shipped = await allMiniLm.smoothing()
    expect([...shipped.values()].map((vector) => vector.length)).toEqual(
      Array.from({ length: 6 }, () => [384, 384, 384, 1536]).flat(),
    )
    expect(parseSmoothing(JSON.parse(formatSmoothing(shipped, 'm')), 'f')).toEqual(shipped)
    expect(() => parseSmoothing({ vectors: {} }, 'own.json')).toThrow(ModelError)
  })
})

describe('calibrating on own texts', () => {
  it('gives vectors that change the build, and makes it the encoder', async () => {
    const steps: Progress[] = []
    const pull = { modelsDir: join(root, 'models'), from: join(root, 'official'), spec: tinySpec(files) }
    const shipped = await pullEncoder(pull)
    const own = await pullEncoder({ ...pull, calibrate: texts, onProgress: (step) => steps.push(step) })
    expect(own.sha256).not.toBe(shipped.sha256)
    expect(own.encoder).not.toBe(shipped.encoder)
    expect(steps.filter(({ step }) => step === 'calibrate').map(({ done, total }) => `${done}/${total}`)).toEqual([
      '1/4',
      '2/4',
      '3/4',
      '4/4',
    ])
    expect(await pullEncoder(pull)).toEqual({ ...own, built: false })
    const kept = parseSmoothing(JSON.parse(await readFile(join(own.path, 'smoothing.json'), 'utf8')), 'smoothing.json')
    expect(sha256Of(buildEncoder(model, { precision: 'int8', smoothing: kept }))).toBe(own.sha256)
    const encoder = await loadEncoder(own.path)
    expect(Math.hypot(...(await encoder.encode('my fees')))).toBeCloseTo(1, 5)
    await encoder.close()
  })

  it('needs texts', async () => {
    await expect(calibrate(model, join(root, 'official'), [], 16, () => {})).rejects.toThrow(RangeError)
  })

  it('keeps the real encoder close to what it was', { timeout: 60_000 }, async () => {
    const reference = await readReference()
    const { path } = await pullEncoder({
      modelsDir: join(root, 'real'),
      from: testEncoderDir(),
      calibrate: reference.map(({ text }) => text),
    })
    const encoder = await loadEncoder(path)
    await expect(checkCanaries(encoder)).resolves.toBeUndefined()
    expect(encoder.sha256).not.toBe(allMiniLm.encoderSha256)
    await encoder.close()
  })
})
