import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Encoder, loadEncoder } from '../../../server/embedding/encoder.ts'
import { encoderId } from '../../../server/embedding/manifest.ts'
import { pullEncoder } from '../../../server/embedding/model-files.ts'
import { allMiniLm } from '../../../server/embedding/model-spec.ts'
import { ModelError } from '../../../server/errors.ts'
import { mean } from '../../../server/math/statistics.ts'
import { dot, normalise } from '../../../server/math/vectors.ts'
import { readReference } from '../../support/encoder-reference.ts'
import { testEncoderDir } from '../../support/models.ts'
import { tinyBertFiles, tinySpec, writeFiles } from '../../support/tiny-bert.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bursar-encoder-'))
})
afterAll(() => rm(root, { recursive: true }))

describe('the encoder', () => {
  let encoder: Encoder
  beforeAll(async () => {
    encoder = await loadEncoder(testEncoderDir())
  })
  afterAll(() => encoder.close())

  it('says who it is', () => {
    expect(encoder).toMatchObject({
      name: 'all-minilm-l6-v2',
      dimension: 384,
      maxTokens: 256,
      sha256: allMiniLm.encoderSha256,
    })
    expect(encoder.id).toBe(encoderId(encoder.sha256, 256, { query: '', passage: '' }))
  })

  it('gives the vectors of the official model', async () => {
    const cosines: number[] = []
    for (const { text, embedding } of await readReference()) {
      const vector = await encoder.encode(text)
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
      cosines.push(dot(vector, normalise(embedding)))
    }
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.985)
    expect(mean(cosines)).toBeGreaterThanOrEqual(0.995)
  })

  it('gives a text the same vector every time, whatever else is encoded', async () => {
    const alone = await encoder.encode('I lost my card.')
    const among = await Promise.all(
      ['fee', 'I lost my card.', 'mortgage '.repeat(200)].map((text) => encoder.encode(text)),
    )
    expect(among[1]).toEqual(alone)
  })

  it('gives the vectors of single tokens, of which the text has the mean', async () => {
    const ids = encoder.tokenizer.encode('Using your card abroad costs 2.75 % of the amount.', 256)
    const { vector, tokens } = await encoder.encodeWithTokens(ids)
    expect(tokens).toHaveLength(ids.length * 384)
    expect(vector).toEqual(await encoder.encodeIds(ids))
    const sum = new Float32Array(384)
    tokens.forEach((value, i) => {
      sum[i % 384]! += value
    })
    expect(dot(normalise(sum), vector)).toBeCloseTo(1, 5)
  })

  it('refuses ids that it cannot take', async () => {
    await expect(encoder.encodeIds(new Int32Array(0))).rejects.toThrow(RangeError)
    await expect(encoder.encodeIds(new Int32Array(257))).rejects.toThrow(/257 ids; 1 to 256/)
    await expect(encoder.encodeIds(Int32Array.of(101, -1, 102))).rejects.toThrow(RangeError)
    await expect(encoder.encodeIds(Int32Array.of(101, 40_000, 102))).rejects.toThrow(ModelError)
  })
})

describe('an encoder whose files are not what they should be', () => {
  let good: string
  let dir: string
  beforeAll(async () => {
    const from = await writeFiles(join(root, 'official'), tinyBertFiles())
    good = (await pullEncoder({ modelsDir: join(root, 'models'), from, spec: tinySpec() })).path
  })

  async function damaged(damage: (path: string) => Promise<void>, file: string): Promise<string> {
    dir = await mkdtemp(join(root, 'damaged-'))
    await cp(good, dir, { recursive: true })
    await damage(join(dir, file))
    return loadEncoder(dir).then(
      () => 'it was loaded',
      (reason: unknown) => (reason instanceof ModelError ? reason.message : `not a ModelError: ${reason}`),
    )
  }
  const flip = async (path: string) => {
    const data = await readFile(path)
    await writeFile(
      path,
      data.map((byte, i) => (i === data.length - 2 ? byte ^ 1 : byte)),
    )
  }

  it.each(['encoder.onnx', 'tokenizer.json', 'tokenizer_config.json', 'config.json', 'encoder.json'])(
    'is refused in one line that names %s',
    async (file) => {
      const missing = await damaged((path) => rm(path), file)
      const cut = await damaged((path) => truncate(path, 100), file)
      const altered = await damaged(flip, file)
      for (const message of [missing, cut, altered]) {
        expect(message).toMatch(new RegExp(`^.*${file.replaceAll('.', '\\.')}.*[; ]run \`bursar models pull\`$`))
      }
    },
  )

  it('is refused when its manifest contradicts itself or points elsewhere', async () => {
    const edited = (edit: (manifest: Record<string, unknown>) => void) =>
      damaged(async (path) => {
        const manifest = JSON.parse(await readFile(path, 'utf8'))
        edit(manifest)
        await writeFile(path, JSON.stringify(manifest))
      }, 'encoder.json')
    expect(await edited((manifest) => Object.assign(manifest, { maxTokens: 12 }))).toMatch(/encoder.json is damaged/)
    const elsewhere = { files: [{ name: '../../etc/passwd', bytes: 1, sha256: '0'.repeat(64) }] }
    expect(await edited((manifest) => Object.assign(manifest, elsewhere))).toMatch(/encoder.json is damaged/)
    expect(await edited(() => {})).toBe('it was loaded')
  })

  it('is refused when there is no folder', async () => {
    await expect(loadEncoder(join(root, 'nowhere'))).rejects.toThrow(
      /holds neither encoder.json nor one of .*: correct the setting that names it, or leave it out and run `bursar models pull`$/,
    )
  })
})
