import { join } from 'node:path'
import { ModelError } from '../errors.ts'
import { exists, hashFile, readJson, verifyFile } from './files.ts'
import { ENCODER, encoderId, isObject, isPrefixes, MANIFEST, readManifest } from './manifest.ts'
import type { Prefixes } from './model-spec.ts'

/** An encoder as it lies in its folder, checked but not yet loaded. */
export interface EncoderFiles {
  /** See {@link encoderId}. */
  readonly id: string
  readonly name: string
  /** Path of the .onnx file, and its SHA-256. */
  readonly model: string
  readonly sha256: string
  readonly maxTokens: number
  readonly prefixes: Prefixes
}

/** What `bursar.json` may say about another encoder. */
interface Settings {
  readonly file?: string
  readonly maxTokens?: number
  readonly prefixes?: Prefixes
}

/** Where other encoders keep their ONNX file; the quantised one first, as transformers.js does. */
const FOREIGN_MODELS = ['onnx/model_quantized.onnx', 'onnx/model.onnx', 'model_quantized.onnx', 'model.onnx']
/** BERT-like encoders have 512 positions unless they say otherwise. */
const POSITIONS = 512
const LONGEST = 8192
/** Two special tokens and one of the text. */
const SHORTEST = 3

/**
 * Check an encoder's folder: one that `bursar models pull` made, every file against its manifest, or any BERT-like encoder
 * in transformers.js layout, with its longest input and prefixes in an optional `bursar.json`
 * (`{"file"?, "maxTokens"?, "prefixes"?: {"query", "passage"}}`).
 * @throws {ModelError} in one line that names the file, if one is missing, cut off, altered or malformed.
 */
export async function checkEncoderFiles(dir: string): Promise<EncoderFiles> {
  const foreign = await findForeign(dir)
  return foreign === undefined ? checkOwn(dir) : checkForeign(dir, foreign)
}

async function checkOwn(dir: string): Promise<EncoderFiles> {
  const { id, name, sha256, bytes, maxTokens, prefixes, files } = await readManifest(dir)
  for (const file of [{ name: ENCODER, bytes, sha256 }, ...files]) await verifyFile(dir, file)
  return { id, name, model: join(dir, ENCODER), sha256, maxTokens, prefixes }
}

/** The ONNX file of a foreign encoder, or its settings' say; undefined where the folder is one of ours, or meant to be. */
async function findForeign(dir: string): Promise<string | undefined> {
  if (await exists(join(dir, MANIFEST))) return undefined
  for (const file of FOREIGN_MODELS) if (await exists(join(dir, file))) return file
  return (await exists(join(dir, 'bursar.json'))) ? FOREIGN_MODELS[0] : undefined
}

async function checkForeign(dir: string, found: string): Promise<EncoderFiles> {
  const settings = await readSettings(join(dir, 'bursar.json'))
  const model = join(dir, settings.file ?? found)
  const { sha256 } = await hashFile(model)
  const maxTokens = settings.maxTokens ?? (await longestInput(join(dir, 'tokenizer_config.json')))
  const prefixes = settings.prefixes ?? { query: '', passage: '' }
  return { id: encoderId(sha256, maxTokens, prefixes), name: dir, model, sha256, maxTokens, prefixes }
}

/** What the tokenizer states, which may be a number without meaning, such as 10³⁰. */
async function longestInput(tokenizerConfig: string): Promise<number> {
  const json = await readJson(tokenizerConfig)
  const stated = isObject(json) ? json.model_max_length : undefined
  return isLength(stated) ? Math.min(stated, POSITIONS) : POSITIONS
}

async function readSettings(path: string): Promise<Settings> {
  if (!(await exists(path))) return {}
  const json = await readJson(path)
  if (!isObject(json)) throw new ModelError(`${path} is not a JSON object`)
  const { file, maxTokens, prefixes, ...unknown } = json
  const [stranger] = Object.keys(unknown)
  if (stranger !== undefined)
    throw new ModelError(`${path}: ${stranger} is not known; file, maxTokens and prefixes are`)
  if (file !== undefined && typeof file !== 'string') throw new ModelError(`${path}: file is not text`)
  if (maxTokens !== undefined && !isLength(maxTokens)) {
    throw new ModelError(`${path}: maxTokens is not a whole number from ${SHORTEST} to ${LONGEST}`)
  }
  if (prefixes !== undefined && !isPrefixes(prefixes))
    throw new ModelError(`${path}: prefixes are not query and passage`)
  return {
    ...(file !== undefined && { file }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(prefixes && { prefixes }),
  }
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= SHORTEST && Number(value) <= LONGEST
}
