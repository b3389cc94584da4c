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
import { createGraph } from '../../../server/onnx/graph.ts'
import { int64, scalar, tensor } from '../../../server/onnx/tensor.ts'
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
        expect(message).toMatch(new RegExp(`^.*${file.replaceAll('.', '\\.')}.*; run \`bursar models pull\`$`))
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
      /encoder.json is missing .*; run `bursar models pull`/,
    )
  })
})

describe('another encoder in the layout of transformers.js', () => {
  const { 'tokenizer.json': tokenizer, 'tokenizer_config.json': config } = tinyBertFiles()
  const table = Float32Array.from({ length: 16 * 3 }, (_, i) => Math.sin(i))

  /** Hidden states are the rows of a table, doubled by a mask and a half, so that every input counts. */
  function hiddenStates(): Uint8Array {
    const graph = createGraph('foreign')
    const names = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) =>
      graph.input(name, 'int64', ['batch', 'n']),
    )
    graph.node('Gather', [graph.init('table', tensor(table, [16, 3])), names[0]!], 'rows')
    graph.node('Add', [names[1]!, names[2]!], 'ones')
    graph.node('Cast', [graph.node('Unsqueeze', ['ones', graph.init('last', int64([2]))], 'column')], 'mask', { to: 1 })
    graph.node('Mul', ['rows', 'mask'], 'last_hidden_state')
    graph.output('last_hidden_state', 'float32', ['batch', 'n', 3])
    return graph.finish({ opset: 18, ir: 8 })
  }
  /** A graph that pools itself, badly: 0/0. */
  function notNumbers(): Uint8Array {
    const graph = createGraph('nan')
    const zero = graph.init('zero', scalar(0))
    graph.node('Cast', [graph.input('input_ids', 'int64', [1, 'n'])], 'ids', { to: 1 })
    graph.node('Div', [graph.node('Mul', ['ids', zero], 'zeros'), zero], 'embedding')
    graph.output('embedding', 'float32', [1, 'n'])
    return graph.finish({ opset: 18, ir: 8 })
  }
  let number = 0
  const folder = (files: Record<string, Uint8Array | string>) =>
    writeFiles(join(root, `foreign-${number++}`), {
      'tokenizer.json': tokenizer!,
      'tokenizer_config.json': config!,
      ...files,
    })
  const withModel = async (name: string, model: Uint8Array, settings?: object) => {
    const dir = await folder(settings ? { 'bursar.json': JSON.stringify(settings) } : {})
    await writeFiles(join(dir, name, '..'), { [name.split('/').at(-1)!]: model })
    return dir
  }

  it('is pooled outside its graph', async () => {
    const encoder = await loadEncoder(await withModel('onnx/model.onnx', hiddenStates()))
    expect(encoder).toMatchObject({ dimension: 3, maxTokens: 32 })
    const ids = encoder.tokenizer.encode('my card is lost.', 32)
    expect(Array.from(ids)).toEqual([2, 4, 5, 6, 7, 12, 3])
    const mean = [0, 1, 2].map((i) => ids.reduce((sum, id) => sum + table[id * 3 + i]!, 0) / ids.length)
    const expected = normalise(Float32Array.from(mean))
    const { vector, tokens } = await encoder.encodeWithTokens(ids)
    expect(dot(vector, expected)).toBeCloseTo(1, 6)
    expect(tokens.subarray(3, 6)).toEqual(table.subarray(12, 15))
    expect(await encoder.encode('my card is lost.')).toEqual(vector)
    await encoder.close()
  })

  it('takes prefixes, longest input and file from bursar.json, which are part of its id', async () => {
    const settings = { file: 'other.onnx', maxTokens: 8, prefixes: { query: 'a ', passage: 'b ' } }
    const encoder = await loadEncoder(await withModel('other.onnx', hiddenStates(), settings))
    expect(encoder.maxTokens).toBe(8)
    expect(await encoder.encode('fee')).toEqual(await encoder.encodeIds(encoder.tokenizer.encode('a fee', 8)))
    expect(await encoder.encode('fee', 'passage')).toEqual(
      await encoder.encodeIds(encoder.tokenizer.encode('b fee', 8)),
    )
    const plain = await loadEncoder(await withModel('model_quantized.onnx', hiddenStates(), { maxTokens: 8 }))
    expect(plain.sha256).toBe(encoder.sha256)
    expect(plain.id).not.toBe(encoder.id)
    await Promise.all([encoder.close(), plain.close()])
  })

  it('may pool itself, and then gives no single tokens', async () => {
    const graph = createGraph('pooled')
    const ids = graph.input('input_ids', 'int64', [1, 'n'])
    graph.node('Gather', [graph.init('table', tensor(table, [16, 3])), ids], 'rows')
    graph.node('ReduceSum', ['rows', graph.init('axis', int64([1]))], 'sentence_embedding', { keepdims: 0 })
    graph.output('sentence_embedding', 'float32', [1, 3])
    const encoder = await loadEncoder(await withModel('model.onnx', graph.finish({ opset: 18, ir: 8 })))
    const sum = [0, 1, 2].map((i) => [2, 8, 3].reduce((total, id) => total + table[id * 3 + i]!, 0))
    expect(dot(await encoder.encode('fee'), normalise(Float32Array.from(sum)))).toBeCloseTo(1, 6)
    await expect(encoder.encodeWithTokens(Int32Array.of(2, 8, 3))).rejects.toThrow(
      /does not give the vectors of single tokens/,
    )
    await encoder.close()
  })

  it('is refused if it gives no numbers', async () => {
    await expect(loadEncoder(await withModel('model.onnx', notNumbers()))).rejects.toThrow(
      /not finite or has no direction/,
    )
  })

  it('is refused if it is no text encoder, or no model at all', async () => {
    const graph = createGraph('image')
    graph.node('Relu', [graph.input('pixels', 'float32', [1, 'n'])], 'y')
    graph.output('y', 'float32', [1, 'n'])
    const image = graph.finish({ opset: 18, ir: 8 })
    await expect(loadEncoder(await withModel('model.onnx', image))).rejects.toThrow(/inputs pixels, outputs y/)
    const garbage = await withModel('model.onnx', Buffer.from('not a model'))
    await expect(loadEncoder(garbage)).rejects.toThrow(/cannot be loaded: /)
    await expect(loadEncoder(await folder({ 'bursar.json': '{}' }))).rejects.toThrow(/model_quantized.onnx is missing/)
  })

  it.each([
    ['no JSON', '{', /is not a JSON object/],
    ['an unknown field', '{"maxtokens": 5}', /maxtokens is not known/],
    ['a bad length', '{"maxTokens": 2}', /maxTokens is not a whole number from 3 to 8192/],
    ['half of the prefixes', '{"prefixes": {"query": "q"}}', /prefixes are not query and passage/],
    ['a file that is none', '{"file": 5}', /file is not text/],
  ])('is refused for a bursar.json with %s', async (_, text, expected) => {
    await expect(loadEncoder(await folder({ 'bursar.json': text }))).rejects.toThrow(expected)
  })
})
