import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareCanaries, takeCanaries } from '../../../server/embedding/canaries.ts'
import { type Encoder, loadEncoder } from '../../../server/embedding/encoder.ts'
import { measureMiddle } from '../../../server/embedding/middle.ts'
import { embedPassages } from '../../../server/engine/embed.ts'
import { ModelError } from '../../../server/errors.ts'
import { dot, normalise } from '../../../server/math/vectors.ts'
import { createGraph } from '../../../server/onnx/graph.ts'
import { int64, scalar, tensor } from '../../../server/onnx/tensor.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { encoderFolder, hiddenStates, tinyTable } from '../../support/tiny-encoder.ts'

const folder = (model: Uint8Array, more: Record<string, string> = {}, file?: string) =>
  encoderFolder(temporaryFolder(), model, more, file)
const settings = (value: object) => ({ 'bursar.json': JSON.stringify(value) })
const row = (id: number) => tinyTable.subarray(id * 3, id * 3 + 3)
const meanOf = (ids: Iterable<number>) => {
  const list = [...ids]
  return Float32Array.from([0, 1, 2], (i) => list.reduce((sum, id) => sum + row(id)[i]!, 0) / list.length)
}
/** The vectors that the encoder should give for these ids, as it would be without a middle. */
const middleOf = ({ tokenizer, prefixes, maxTokens }: Encoder, vector: (ids: Int32Array) => Float32Array) =>
  measureMiddle(async (text, role) => vector(tokenizer.encode(prefixes[role] + text, maxTokens)))
const from = (vector: Float32Array, middle: Float32Array) => normalise(vector.map((value, i) => value - middle[i]!))

/** A graph that pools itself, and keeps its hidden states. */
function pooled(): Uint8Array {
  const graph = createGraph('pooled')
  const ids = graph.input('input_ids', 'int64', [1, 'n'])
  graph.node('Gather', [graph.init('table', tensor(tinyTable, [16, 3])), ids], 'rows')
  graph.node('ReduceSum', ['rows', graph.init('axis', int64([1]))], 'sentence_embedding', { keepdims: 0 })
  graph.output('sentence_embedding', 'float32', [1, 3])
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

describe('another encoder in the layout of transformers.js', () => {
  it.each([
    ['all three inputs', ['input_ids', 'attention_mask', 'token_type_ids']],
    ['no token types', ['input_ids', 'attention_mask']],
  ])('with %s is pooled outside its graph, and counted from its middle', async (_, inputs) => {
    const encoder = await loadEncoder(await folder(hiddenStates(inputs)))
    expect(encoder).toMatchObject({ dimension: 3, maxTokens: 32, knowsChinese: false, givesTokens: true })
    const ids = encoder.tokenizer.encode('my card is lost.', 32)
    expect(Array.from(ids)).toEqual([2, 4, 5, 6, 7, 12, 3])
    const middle = await middleOf(encoder, (all) => normalise(meanOf(all)))
    const whole = normalise(meanOf(ids))
    expect(dot(await encoder.encode('my card is lost.'), from(whole, middle.query))).toBeCloseTo(1, 5)
    const { vector, tokens } = await encoder.encodeWithTokens(ids)
    expect(dot(vector, from(whole, middle.passage))).toBeCloseTo(1, 5)
    expect(dot(vector, await encoder.encode('my card is lost.', 'passage'))).toBeCloseTo(1, 5)
    const rows = ids.map((_id, i) => i)
    const mean = [0, 1, 2].map((i) => rows.reduce((sum, at) => sum + tokens[at * 3 + i]!, 0) / ids.length)
    expect(dot(normalise(Float32Array.from(mean)), vector)).toBeCloseTo(1, 5)
    await encoder.close()
  })

  it('takes the first token where its folder says so', async () => {
    const cls = JSON.stringify({ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false })
    const encoder = await loadEncoder(await folder(hiddenStates(), { '1_Pooling/config.json': cls }))
    // Every text begins with the same token, and a token of this graph does not see the others.
    expect(await encoder.encode('fee')).toEqual(await encoder.encode('my card is lost.'))
    await encoder.close()
  })

  it('takes prefixes, longest input and file from bursar.json, which are part of its id', async () => {
    const said = settings({ file: 'other.onnx', maxTokens: 8, prefixes: { query: 'a ', passage: 'b ' } })
    const encoder = await loadEncoder(await folder(hiddenStates(), said, 'other.onnx'))
    expect(encoder.maxTokens).toBe(8)
    expect(await encoder.encode('fee')).toEqual(await encoder.encodeIds(encoder.tokenizer.encode('a fee', 8)))
    expect(await encoder.encode('fee', 'passage')).toEqual(
      await encoder.encodeIds(encoder.tokenizer.encode('b fee', 8), 'passage'),
    )
    const plain = await loadEncoder(await folder(hiddenStates(), settings({ maxTokens: 8 }), 'model_quantized.onnx'))
    expect(plain.sha256).toBe(encoder.sha256)
    expect(plain.id).not.toBe(encoder.id)
    await Promise.all([encoder.close(), plain.close()])
  })

  it('takes prompts and positions from the files that such encoders come with', async () => {
    const encoder = await loadEncoder(
      await folder(hiddenStates(), {
        'config_sentence_transformers.json': '{"prompts": {"query": "a ", "document": "b "}}',
        'config.json': '{"model_type": "xlm-roberta", "max_position_embeddings": 12}',
      }),
    )
    expect(encoder).toMatchObject({ prefixes: { query: 'a ', passage: 'b ' }, maxTokens: 10 })
    await encoder.close()
  })

  it('may pool itself: then each unit is read behind its heading, as no tokens come out', async () => {
    const encoder = await loadEncoder(await folder(pooled(), {}, 'model.onnx'))
    expect(encoder.givesTokens).toBe(false)
    await expect(encoder.encodeWithTokens(Int32Array.of(2, 8, 3))).rejects.toThrow(
      /does not give the vectors of single/,
    )
    const { vectors } = await embedPassages(encoder, {
      kind: 'embed',
      passages: [{ heading: 'fee', units: ['my card', 'is lost'] }],
    })
    expect(vectors[0]!.vector).toEqual(await encoder.encode('fee my card is lost', 'passage'))
    expect(vectors[0]!.units.subarray(3)).toEqual(await encoder.encode('fee is lost', 'passage'))
    await encoder.close()
  })
})

describe('the folder of another encoder', () => {
  const loading = async (model: Uint8Array, more: Record<string, string> = {}) =>
    loadEncoder(await folder(model, more)).then(
      () => 'it was loaded',
      (reason: unknown) => (reason instanceof ModelError ? reason.message : `not a ModelError: ${reason}`),
    )

  it.each([
    ['no numbers come out', notNumbers(), /not finite or has no direction/],
    ['it is no model', Buffer.from('not a model'), /cannot be loaded: .*; mend the folder/],
    ['it is cut off', hiddenStates().slice(0, 200), /cannot be loaded: .*; mend the folder/],
  ])('is refused if %s', async (_, model, expected) => {
    const message = await loading(model)
    expect(message).toMatch(expected)
    expect(message).not.toContain('\n')
  })

  it('is refused if it holds another kind of model, or none', async () => {
    const graph = createGraph('image')
    graph.node('Relu', [graph.input('pixels', 'float32', [1, 'n'])], 'y')
    graph.output('y', 'float32', [1, 'n'])
    expect(await loading(graph.finish({ opset: 18, ir: 8 }))).toMatch(/inputs pixels, outputs y/)
    const dir = await folder(hiddenStates(), settings({}))
    await rm(join(dir, 'onnx'), { recursive: true })
    await expect(loadEncoder(dir)).rejects.toThrow(/model_quantized.onnx is missing .*; mend the folder/)
    await rm(join(dir, 'bursar.json'))
    await expect(loadEncoder(dir)).rejects.toThrow(/holds neither encoder.json nor one of onnx\/model_quantized.onnx/)
  })

  it.each(['tokenizer.json', 'tokenizer_config.json'])('is refused without a whole %s', async (file) => {
    const dir = await folder(hiddenStates())
    await truncate(join(dir, file), 20)
    await expect(loadEncoder(dir)).rejects.toThrow(new RegExp(`${file.replace('.', '\\.')}.*; mend the folder`))
    await rm(join(dir, file))
    await expect(loadEncoder(dir)).rejects.toThrow(new RegExp(`${file.replace('.', '\\.')} is missing`))
    await writeFile(join(dir, file), '[]')
    await expect(loadEncoder(dir)).rejects.toThrow(ModelError)
  })

  it.each([
    ['bursar.json', '{', /is not a JSON object/],
    ['bursar.json', '{"maxtokens": 5}', /maxtokens is not known/],
    ['bursar.json', '{"maxTokens": 2}', /maxTokens is not a whole number from 3 to 8192/],
    ['bursar.json', '{"prefixes": {"query": "q"}}', /prefixes are not query and passage/],
    ['bursar.json', '{"pooling": "max"}', /pooling is not mean or cls/],
    ['bursar.json', '{"file": 5}', /file is not text/],
    ['config.json', 'nothing', /is not a JSON object/],
    ['config.json', '{"max_position_embeddings": "many"}', /max_position_embeddings is not a usable number/],
    ['1_Pooling/config.json', '{"pooling_mode_max_tokens": true}', /pooling_mode_max_tokens is not possible/],
    ['config_sentence_transformers.json', '{"prompts": {"query": 5}}', /prompts are not texts/],
  ])('is refused for a %s of %s', async (file, text, expected) => {
    const message = await loading(hiddenStates(), { [file]: text })
    expect(message).toMatch(expected)
    expect(message).toContain(file)
  })
})

describe('the middle', () => {
  const spread = (text: string, length: number) =>
    normalise(Float32Array.from({ length }, (_, i) => Math.sin(text.length + i)))

  it('tells whether an encoder knows Chinese', async () => {
    const number = new Map<string, number>()
    // Questions and statements of the same place in their list are the same to this one.
    const knowing = await measureMiddle(async (_, role) => {
      const at = number.get(role) ?? 0
      number.set(role, at + 1)
      return Float32Array.from({ length: 16 }, (__, i) => (i === at % 16 ? 1 : 0))
    })
    expect(knowing.knowsChinese).toBe(true)
    expect((await measureMiddle(async (text) => spread(text, 8))).knowsChinese).toBe(false)
  })
})

describe('canaries of another encoder', () => {
  const encode = async (text: string) =>
    normalise(Float32Array.from({ length: 8 }, (_, i) => Math.cos(i + text.length)))

  it('are the same at the next start, and tell another tokenizer', async () => {
    const kept = await takeCanaries({ encode })
    const again = await takeCanaries({ encode })
    expect(again).toEqual(kept)
    expect(compareCanaries('x', kept, again)).toBeUndefined()
    const now = await takeCanaries({ encode: (text) => encode(`${text}…`) })
    expect(() => compareCanaries('x', kept, now)).toThrow(/encoder x gives other vectors .*: restore its files/)
    expect(() => compareCanaries('x', [], now)).toThrow(ModelError)
  })
})
