import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildEncoder } from '../../server/embedding/build-encoder.ts'
import { sha256Of } from '../../server/embedding/files.ts'
import { type ModelSpec, WEIGHTS } from '../../server/embedding/model-spec.ts'
import { createRandom } from '../../server/math/random.ts'

const sizes = { layers: 2, heads: 2, dimension: 8, inner: 16, positions: 32 }
const vocabulary = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  'my',
  'card',
  'is',
  'lost',
  'fee',
  '##s',
  'a',
  'b',
  '.',
  '[',
  ']',
  'sep',
]

/** A .safetensors file of float32 tensors. */
export function safetensorsOf(tensors: Readonly<Record<string, { shape: number[]; data: Float32Array }>>): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let offset = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const data = Object.values(tensors).map((tensor) => Buffer.from(tensor.data.buffer))
  return Buffer.concat([headerOf(JSON.stringify(header)), ...data])
}

/** The beginning of a .safetensors file: a length and that much text, padded to 8 bytes as writers do. */
export function headerOf(text: string): Buffer {
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  return Buffer.concat([length, padded])
}

/** The official files of a BERT with random weights, small enough to be built in a millisecond. */
export function tinyBertFiles(seed = 1): Readonly<Record<string, Buffer>> {
  const config = {
    model_type: 'bert',
    hidden_act: 'gelu',
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    hidden_size: sizes.dimension,
    intermediate_size: sizes.inner,
    vocab_size: vocabulary.length,
    max_position_embeddings: sizes.positions,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
  }
  return {
    'tokenizer_config.json': Buffer.from(
      JSON.stringify({ tokenizer_class: 'BertTokenizer', unk_token: '[UNK]', model_max_length: 32 }),
    ),
    'config.json': Buffer.from(JSON.stringify(config)),
    'tokenizer.json': Buffer.from(JSON.stringify(tinyTokenizer())),
    [WEIGHTS]: safetensorsOf(tinyWeights(seed)),
  }
}

/** {@link tinyBertFiles} with the checksums that pin them, and those of what is built from them. */
export function tinySpec(files: Readonly<Record<string, Buffer>> = tinyBertFiles()): ModelSpec {
  const model = { weights: files[WEIGHTS]!, config: JSON.parse(String(files['config.json'])) }
  return {
    name: 'tiny',
    hub: 'somebody/tiny',
    wheel: { package: 'a-tiny-one', version: '0.1.0', folder: 'a_tiny_one/model' },
    files: Object.entries(files).map(([name, data]) => ({ name, bytes: data.length, sha256: sha256Of(data) })),
    encoderSha256: sha256Of(buildEncoder(model, { precision: 'int8' })),
    smoothing: async () => new Map(),
    maxTokens: 16,
    prefixes: { query: '', passage: '' },
  }
}

/** Write files into a folder, made if need be. @returns the folder. */
export async function writeFiles(dir: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  await mkdir(dir, { recursive: true })
  for (const [name, data] of Object.entries(files)) await writeFile(join(dir, name), data)
  return dir
}

/** `tokenizer.json` of a WordPiece vocabulary whose first four tokens are the special ones. */
export function tinyTokenizer(words: readonly string[] = vocabulary) {
  const special = (id: number) => ({ id, content: words[id], special: true, normalized: false })
  const framed = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
  return {
    // As in the official file: both must be ignored.
    truncation: { max_length: 4, strategy: 'LongestFirst', stride: 0 },
    padding: { strategy: { Fixed: 4 }, direction: 'Right', pad_id: 0, pad_type_id: 0, pad_token: '[PAD]' },
    added_tokens: [0, 1, 2, 3].map(special),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [framed('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, framed('[SEP]')],
      pair: [],
      special_tokens: {},
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words.map((token, id) => [token, id])),
    },
  }
}

function tinyWeights(seed: number) {
  const random = createRandom(seed)
  const { dimension: d, inner } = sizes
  const shapes: Record<string, number[]> = {
    'embeddings.word_embeddings.weight': [vocabulary.length, d],
    'embeddings.position_embeddings.weight': [sizes.positions, d],
    'embeddings.token_type_embeddings.weight': [2, d],
    'embeddings.LayerNorm.weight': [d],
    'embeddings.LayerNorm.bias': [d],
  }
  for (let i = 0; i < sizes.layers; i++) {
    const linears: [string, number, number][] = [
      ['attention.self.query', d, d],
      ['attention.self.key', d, d],
      ['attention.self.value', d, d],
      ['attention.output.dense', d, d],
      ['intermediate.dense', inner, d],
      ['output.dense', d, inner],
    ]
    for (const [name, outputs, inputs] of linears) {
      shapes[`encoder.layer.${i}.${name}.weight`] = [outputs, inputs]
      shapes[`encoder.layer.${i}.${name}.bias`] = [outputs]
    }
    for (const name of ['attention.output.LayerNorm', 'output.LayerNorm']) {
      shapes[`encoder.layer.${i}.${name}.weight`] = [d]
      shapes[`encoder.layer.${i}.${name}.bias`] = [d]
    }
  }
  const filled = Object.entries(shapes).map(([name, shape]) => {
    const size = shape.reduce((product, dim) => product * dim, 1)
    return [name, { shape, data: Float32Array.from({ length: size }, () => random() * 2 - 1) }] as const
  })
  return Object.fromEntries(filled)
}
