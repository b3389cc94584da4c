import { InferenceSession, Tensor } from 'onnxruntime-node'
import { ModelError, messageOf } from '../errors.ts'
import { normalise } from '../math/vectors.ts'
import { checkEncoderFiles } from './encoder-files.ts'
import { fromMiddle, type Middle, measureMiddle } from './middle.ts'
import type { EncoderFiles, Pooling, Prefixes } from './model-spec.ts'
import { inSimplified, loadTokenizer, type Tokenizer } from './tokenizer.ts'

/** What a text is, for models that were trained to tell questions and passages apart. */
type TextRole = keyof Prefixes

/** Texts to unit vectors, one at a time: a text's vector never depends on its neighbours. */
export interface Encoder {
  /** SHA-256 over file, longest input and prefixes, for other encoders over pooling too. Vectors of two ids never mix. */
  readonly id: string
  readonly name: string
  /** SHA-256 of the ONNX file. */
  readonly sha256: string
  readonly dimension: number
  /** Longest input in tokens, with the two special ones. */
  readonly maxTokens: number
  readonly prefixes: Prefixes
  /** False for the encoder that Bursar builds; of another one, eight questions tell. */
  readonly knowsChinese: boolean
  /** Whether it is the one that Bursar builds. */
  readonly isOwn: boolean
  /** Whether the vectors of single tokens can be had: not if the graph pools and keeps its hidden states to itself. */
  readonly givesTokens: boolean
  readonly tokenizer: Tokenizer
  /**
   * The vector of a text, cut to the longest input. @param role decides on the prefix; default `query`.
   * @throws {ModelError} if the model fails or gives a vector that is not finite.
   */
  encode(text: string, role?: TextRole): Promise<Float32Array>
  /**
   * The vector of a text whose ids are known, as {@link Tokenizer.encode} or {@link Tokenizer.frame} give them, prefix
   * included. @throws {RangeError} unless there are 1 to `maxTokens` ids of 0 or more.
   */
  encodeIds(ids: Int32Array, role?: TextRole): Promise<Float32Array>
  /**
   * The vector of a passage, and the last hidden states from which it was pooled: `tokens` is [ids, dimension], row-major, not of length 1.
   * The mean of some of its rows is the vector of that part of the text, seen in its context (late chunking).
   */
  encodeWithTokens(ids: Int32Array): Promise<{ vector: Float32Array; tokens: Float32Array }>
  /** Free the model; use nothing of it afterwards. */
  close(): Promise<void>
}

/** A loaded file, and which of its outputs are what. */
interface Model {
  readonly session: InferenceSession
  readonly name: string
  /** The pooled vector, where the graph pools itself. */
  readonly pooled: string | undefined
  /** The last hidden states, where the graph lets them out. */
  readonly hidden: string | undefined
  /** Where the graph does not. */
  readonly pooling: Pooling
}

const KNOWN_INPUTS = ['input_ids', 'attention_mask', 'token_type_ids']
const POOLED_OUTPUTS = ['embedding', 'sentence_embedding']
const HIDDEN_OUTPUTS = ['tokens', 'last_hidden_state']

/** One thread: on few cores an engine per core beats threads within one, and threads that spin starve the others. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // Only what is fatal: every other failure comes back as an error, and stderr belongs to our own log.
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

/**
 * Load the encoder in `dir`: one that `bursar models pull` made, or another BERT-like one, see {@link checkEncoderFiles}. The
 * vectors of another one are counted from its middle, see {@link measureMiddle}.
 * @throws {ModelError} in one line, if a file is missing, cut off, altered or not an encoder.
 */
export async function loadEncoder(dir: string): Promise<Encoder> {
  const files = await checkEncoderFiles(dir)
  const read = await loadTokenizer(dir, files.remedy)
  const tokenizer = files.isOwn ? read : inSimplified(read)
  const model = await loadModel(files)
  try {
    return await createEncoder(files, tokenizer, model)
  } catch (reason) {
    await model.session.release()
    throw reason
  }
}

async function createEncoder(files: EncoderFiles, tokenizer: Tokenizer, model: Model): Promise<Encoder> {
  const { maxTokens, prefixes, isOwn } = files
  const idsOf = (text: string, role: TextRole) => tokenizer.encode(prefixes[role] + text, maxTokens)
  const dimension = await dimensionOf(model, tokenizer.encode('', maxTokens))
  const middle = isOwn ? undefined : await measureMiddle((text, role) => vectorOf(model, idsOf(text, role)))

  async function encodeIds(ids: Int32Array, role: TextRole = 'query'): Promise<Float32Array> {
    checkIds(ids, maxTokens)
    const vector = await vectorOf(model, ids)
    return middle ? centred(vector, middle[role], model) : vector
  }

  return {
    id: files.id,
    name: files.name,
    sha256: files.sha256,
    ...{ dimension, maxTokens, prefixes, tokenizer, isOwn, encodeIds },
    givesTokens: model.hidden !== undefined,
    knowsChinese: middle?.knowsChinese ?? false,
    encode: (text, role = 'query') => encodeIds(idsOf(text, role), role),
    async encodeWithTokens(ids) {
      checkIds(ids, maxTokens)
      const whole = await vectorAndTokens(model, ids)
      return middle ? centredTokens(whole, middle, model) : whole
    },
    close: () => model.session.release(),
  }
}

/** One run, to learn the dimension from the model itself; it also takes the cost of the first run out of the first question. */
async function dimensionOf(model: Model, ids: Int32Array): Promise<number> {
  if (model.hidden === undefined) return (await vectorOf(model, ids)).length
  const { vector, tokens } = await vectorAndTokens(model, ids)
  if (tokens.length === ids.length * vector.length) return vector.length
  const found = `${tokens.length} numbers for ${ids.length} tokens and ${vector.length} for the text`
  throw new ModelError(`encoder ${model.name} gives ${found}: its tokens and texts do not lie in one space`)
}

async function loadModel({ name, model, pooling, remedy }: EncoderFiles): Promise<Model> {
  let session: InferenceSession
  try {
    session = await InferenceSession.create(model, SESSION_OPTIONS)
  } catch (cause) {
    throw new ModelError(`encoder ${name} cannot be loaded: ${messageOf(cause)}; ${remedy}`, { cause })
  }
  const has = (wanted: readonly string[]) => wanted.find((output) => session.outputNames.includes(output))
  const [pooled, hidden] = [has(POOLED_OUTPUTS), has(HIDDEN_OUTPUTS)]
  const strange = session.inputNames.filter((input) => !KNOWN_INPUTS.includes(input))
  if (strange.length > 0 || !session.inputNames.includes('input_ids') || !(pooled ?? hidden)) {
    await session.release()
    const found = `inputs ${session.inputNames}, outputs ${session.outputNames}`
    throw new ModelError(`${name} is not a text encoder that Bursar knows: ${found}; ${remedy}`)
  }
  return { session, name, pooled, hidden, pooling }
}

async function vectorOf(model: Model, ids: Int32Array): Promise<Float32Array> {
  if (model.pooled === undefined) return (await vectorAndTokens(model, ids)).vector
  const outputs = await run(model, ids, [model.pooled])
  return unit(outputs[0]!, model)
}

async function vectorAndTokens(model: Model, ids: Int32Array): Promise<{ vector: Float32Array; tokens: Float32Array }> {
  const { pooled, hidden, pooling } = model
  if (hidden === undefined) throw new ModelError(`encoder ${model.name} does not give the vectors of single tokens`)
  const [tokens, vector] = await run(model, ids, pooled === undefined ? [hidden] : [hidden, pooled])
  const pool = () => (pooling === 'cls' ? tokens!.slice(0, tokens!.length / ids.length) : meanRow(tokens!, ids.length))
  return { tokens: tokens!, vector: unit(vector ?? pool(), model) }
}

function centred(vector: Float32Array, middle: Float32Array, { name }: Model): Float32Array {
  try {
    return fromMiddle(vector, middle)
  } catch (cause) {
    throw new ModelError(`encoder ${name} tells a text from no other`, { cause })
  }
}

/** Tokens are first made so long that their mean has the length of the vectors from which the middle was taken. */
function centredTokens(
  { vector, tokens }: { vector: Float32Array; tokens: Float32Array },
  { passage }: Middle,
  model: Model,
): { vector: Float32Array; tokens: Float32Array } {
  const dimension = vector.length
  const length = Math.hypot(...meanRow(tokens, tokens.length / dimension)) || 1
  return {
    vector: centred(vector, passage, model),
    tokens: tokens.map((value, i) => value / length - passage[i % dimension]!),
  }
}

/** One text through the model. @returns the outputs `names`, in that order. */
async function run({ session, name }: Model, ids: Int32Array, names: readonly string[]): Promise<Float32Array[]> {
  let outputs: InferenceSession.ReturnType
  try {
    outputs = await session.run(feeds(session, ids), [...names])
  } catch (cause) {
    throw new ModelError(`encoder ${name} failed: ${messageOf(cause)}`, { cause })
  }
  return names.map((output) => {
    const data = outputs[output]?.data
    if (!(data instanceof Float32Array)) throw new ModelError(`encoder ${name}: ${output} is not float32`)
    return data
  })
}

/** A batch of one is never padded: every position counts, and there is only one kind of token. */
function feeds({ inputNames }: InferenceSession, ids: Int32Array): Record<string, Tensor> {
  const dims = [1, ids.length]
  const given: Record<string, () => Int32Array> = {
    input_ids: () => ids,
    attention_mask: () => new Int32Array(ids.length).fill(1),
    token_type_ids: () => new Int32Array(ids.length),
  }
  // Names other than these three were refused when the model was loaded.
  return Object.fromEntries(inputNames.map((input) => [input, new Tensor('int64', toInt64(given[input]!()), dims)]))
}

/** Non-negative int32 to int64 without a BigInt each. Little-endian, as all platforms of ONNX Runtime are. */
function toInt64(values: Int32Array): BigInt64Array {
  const wide = new BigInt64Array(values.length)
  const halves = new Int32Array(wide.buffer)
  for (let i = 0; i < values.length; i++) halves[2 * i] = values[i]!
  return wide
}

function meanRow(rows: Float32Array, count: number): Float32Array {
  const mean = new Float32Array(rows.length / count)
  for (let i = 0; i < rows.length; i++) mean[i % mean.length]! += rows[i]! / count
  return mean
}

function unit(vector: Float32Array, { name }: Model): Float32Array {
  try {
    return normalise(vector)
  } catch (cause) {
    throw new ModelError(`encoder ${name} gave a vector that is not finite or has no direction`, { cause })
  }
}

function checkIds(ids: Int32Array, maxTokens: number): void {
  if (ids.length < 1 || ids.length > maxTokens)
    throw new RangeError(`${ids.length} ids; 1 to ${maxTokens} are possible`)
  if (ids.some((id) => id < 0)) throw new RangeError('a token id is never negative')
}
