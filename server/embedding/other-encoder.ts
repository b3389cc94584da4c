import { join } from 'node:path'
import { ModelError } from '../errors.ts'
import { exists, hashFile, readJson, sha256Of } from './files.ts'
import { chinesePairs, englishPairs } from './known-pairs.ts'
import { encoderId, isObject, isPrefixes } from './manifest.ts'
import type { EncoderFiles, Pooling, Prefixes } from './model-spec.ts'

/** What `bursar.json` may say about an encoder. */
interface Settings {
  readonly file?: string
  readonly maxTokens?: number
  readonly pooling?: Pooling
  readonly prefixes?: Prefixes
}

/** Where encoders keep their ONNX file; the quantised one first, as transformers.js does. */
export const otherModels = [
  'onnx/model_quantized.onnx',
  'onnx/model.onnx',
  'model_quantized.onnx',
  'model.onnx',
] as const
/** BERT-like encoders have 512 positions unless they say otherwise. */
const POSITIONS = 512
const LONGEST = 8192
/** Two special tokens and one of the text. */
const SHORTEST = 3
/** These number their positions from 2. */
const SHIFTED = ['roberta', 'xlm-roberta', 'camembert']
const REMEDY = 'mend the folder, or name another in BURSAR_ENCODER'

/**
 * Check the folder of an encoder that Bursar did not build, in transformers.js layout: the ONNX file, `tokenizer.json`,
 * `tokenizer_config.json`; `config.json` (positions), `1_Pooling/config.json` and `config_sentence_transformers.json` (prompts
 * `query` and `passage` or `document`) where they are. An optional `bursar.json` goes before all of them:
 * `{"file"?, "maxTokens"?, "pooling"?: "mean" | "cls", "prefixes"?: {"query", "passage"}}`. What nothing says is the mean, no
 * prefixes, and up to 512 tokens.
 * @param found the ONNX file, from the folder. @throws {ModelError} in one line that names the file and the field.
 */
export async function checkOtherEncoder(dir: string, found: string): Promise<EncoderFiles> {
  const settings = await readSettings(join(dir, 'bursar.json'))
  const model = join(dir, settings.file ?? found)
  const { sha256 } = await hashFile(model, REMEDY)
  const maxTokens = settings.maxTokens ?? (await longestInput(dir))
  const prefixes = settings.prefixes ?? (await readPrompts(join(dir, 'config_sentence_transformers.json')))
  const pooling = settings.pooling ?? (await readPooling(join(dir, '1_Pooling/config.json')))
  // Its vectors also depend on the texts by which their middle is measured, and on how texts are read.
  const known = sha256Of(JSON.stringify([englishPairs, chinesePairs, 'simplified']))
  const id = encoderId(sha256, maxTokens, prefixes, pooling, known)
  return { id, name: dir, model, sha256, maxTokens, prefixes, pooling, isOwn: false, remedy: REMEDY }
}

/** The tokenizer may state a number without meaning, such as 10³⁰; no more than the model has positions. */
async function longestInput(dir: string): Promise<number> {
  const tokenizer = await readObject(join(dir, 'tokenizer_config.json'))
  const path = join(dir, 'config.json')
  const config = (await exists(path)) ? await readObject(path) : {}
  const stated = isLength(tokenizer.model_max_length) ? tokenizer.model_max_length : POSITIONS
  const { max_position_embeddings: positions = POSITIONS, model_type: type } = config
  const shift = typeof type === 'string' && SHIFTED.includes(type) ? 2 : 0
  if (!isLength(Number(positions) - shift)) throw malformed(path, 'max_position_embeddings is not a usable number')
  return Math.min(stated, Number(positions) - shift, POSITIONS)
}

async function readPooling(path: string): Promise<Pooling> {
  if (!(await exists(path))) return 'mean'
  const json = await readObject(path)
  const modes = Object.keys(json).filter((key) => key.startsWith('pooling_mode_') && json[key] === true)
  if (modes.length === 1 && modes[0] === 'pooling_mode_mean_tokens') return 'mean'
  if (modes.length === 1 && modes[0] === 'pooling_mode_cls_token') return 'cls'
  throw malformed(path, `${modes.join(' with ') || 'no pooling mode'} is not possible; mean or CLS alone is`)
}

async function readPrompts(path: string): Promise<Prefixes> {
  const json = (await exists(path)) ? await readObject(path) : {}
  const prompts = isObject(json.prompts) ? json.prompts : {}
  const { query = '', document = '', passage = document } = prompts
  const prefixes = { query, passage }
  if (!isPrefixes(prefixes)) throw malformed(path, 'prompts are not texts')
  return prefixes
}

async function readSettings(path: string): Promise<Settings> {
  if (!(await exists(path))) return {}
  const { file, maxTokens, pooling, prefixes, ...unknown } = await readObject(path)
  const [stranger] = Object.keys(unknown)
  if (stranger !== undefined)
    throw malformed(path, `${stranger} is not known; file, maxTokens, pooling and prefixes are`)
  if (file !== undefined && typeof file !== 'string') throw malformed(path, 'file is not text')
  if (maxTokens !== undefined && !isLength(maxTokens)) {
    throw malformed(path, `maxTokens is not a whole number from ${SHORTEST} to ${LONGEST}`)
  }
  if (pooling !== undefined && pooling !== 'mean' && pooling !== 'cls')
    throw malformed(path, 'pooling is not mean or cls')
  if (prefixes !== undefined && !isPrefixes(prefixes)) throw malformed(path, 'prefixes are not query and passage')
  return {
    ...(file !== undefined && { file }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(pooling && { pooling }),
    ...(prefixes && { prefixes: { query: prefixes.query, passage: prefixes.passage } }),
  }
}

async function readObject(path: string): Promise<Readonly<Record<string, unknown>>> {
  const json = await readJson(path, REMEDY)
  if (!isObject(json)) throw malformed(path, 'this is not a JSON object')
  return json
}

const malformed = (path: string, what: string) => new ModelError(`${path}: ${what}; ${REMEDY}`)

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= SHORTEST && Number(value) <= LONGEST
}
