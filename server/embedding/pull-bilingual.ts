import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ModelError, messageOf } from '../errors.ts'
import { bertShape } from './bert.ts'
import { buildEncoder, type OfficialModel } from './build-encoder.ts'
import { cutVocabulary } from './cut-vocabulary.ts'
import type { Progress } from './fetch-files.ts'
import { exists, hashFile, readBytes, readJson, sha256Of, systemCode, writeSynced } from './files.ts'
import { WEIGHTS } from './model-spec.ts'
import { directorySource, hubSource, type Source } from './sources.ts'

/** multilingual-e5-small, MIT: 12 layers, 384 dimensions, a hundred languages, of which two are kept. */
export const multilingualE5 = {
  name: 'multilingual-e5-small',
  hub: 'intfloat/multilingual-e5-small',
  files: [{ name: 'tokenizer_config.json' }, { name: 'config.json' }, { name: 'tokenizer.json' }, { name: WEIGHTS }],
}
/** The E5 family was trained with these, and does not name them itself. */
const prefixes = { query: 'query: ', passage: 'passage: ' }
const longestInput = 512
/** More than any of the official files has; a hostile source may send without end. */
const maxBytes = 1_000_000_000
const modelFile = 'model.onnx' as const
/** What was built of what, written last. */
const recordFile = 'built.json'
const builtFiles = ['tokenizer_config.json', 'config.json', 'tokenizer.json', 'bursar.json', modelFile] as const

export interface BilingualOptions {
  readonly modelsDir: string
  /** A folder with the official files: then nothing else is tried, and the encoder is built anew. */
  readonly from?: string
  readonly offline?: boolean
  /** SHA-256 that official files have to have, by their names. */
  readonly pins: ReadonlyMap<string, string>
  /** Texts to make smoothing vectors from; without them nothing is smoothed. */
  readonly calibrate?: readonly string[]
  readonly onProgress?: (progress: Progress) => void
}

export interface BilingualResult {
  readonly path: string
  /** Of model.onnx. */
  readonly sha256: string
  readonly bytes: number
  /** Pieces that are left of the vocabulary. */
  readonly pieces: number
  readonly source: string
  /** SHA-256 of the official files, by their names. */
  readonly official: Readonly<Record<string, string>>
  readonly built: boolean
}

/**
 * Build the second encoder from its official files: vocabulary cut to English and Chinese, weights quantised as our own encoder's.
 * Nothing is put in place before all of it is done. @throws {ModelError} in one line that says what to do.
 */
export async function pullBilingual(options: BilingualOptions): Promise<BilingualResult> {
  const { modelsDir, from, pins, calibrate } = options
  const path = join(modelsDir, multilingualE5.name)
  const there = from === undefined && !calibrate ? await present(path) : undefined
  if (there) {
    checkPins(there.official, pins)
    return there
  }
  let work: string | undefined
  try {
    await mkdir(modelsDir, { recursive: true })
    work = await mkdtemp(join(modelsDir, `.pull-${process.pid}-`))
    return await build(options, work, path)
  } catch (cause) {
    if (systemCode(cause) === undefined) throw cause
    throw new ModelError(`the encoder cannot be put into ${path}: ${messageOf(cause)}`, { cause })
  } finally {
    if (work) await rm(work, { recursive: true, force: true })
  }
}

/** What a pull leaves beside the encoder. */
const recordSchema = z.object({
  sha256: z.string(),
  bytes: z.int(),
  pieces: z.int(),
  source: z.string(),
  official: z.record(z.string(), z.string()),
  /** SHA-256 of what lies there, by name. */
  files: z.record(z.enum(builtFiles), z.string()),
})

/** The build that lies there, if all of it is what was written. */
async function present(path: string): Promise<BilingualResult | undefined> {
  if (!(await exists(join(path, recordFile)))) return undefined
  const { data } = recordSchema.safeParse(await readJson(join(path, recordFile)))
  if (!data) return undefined
  const { files, ...record } = data
  for (const name of builtFiles)
    if (!(await exists(join(path, name))) || (await hashFile(join(path, name))).sha256 !== files[name]) return undefined
  return { ...record, path, built: false }
}

async function build(options: BilingualOptions, work: string, path: string): Promise<BilingualResult> {
  const { pins, calibrate, onProgress = () => {} } = options
  const { source, official } = await fetchOfficial(options, work, onProgress)
  checkPins(official, pins)
  const { tokenizer, kept } = cutVocabulary(await readJson(join(work, 'tokenizer.json')), 'tokenizer.json')
  await writeSynced(join(work, 'tokenizer.json'), JSON.stringify(tokenizer))
  const config = await readJson(join(work, 'config.json'))
  const { positions } = bertShape(config, 'config.json')
  const maxTokens = Math.min(longestInput, positions)
  const model: OfficialModel = { weights: await readBytes(join(work, WEIGHTS)), config, rows: kept }
  const smoothing = calibrate && (await smoothed(calibrate, model, work, maxTokens, source, onProgress))
  onProgress({ step: 'build', file: modelFile, source, done: 0, total: 0 })
  const encoder = buildEncoder(model, { precision: 'int8', ...(smoothing && { smoothing }) })
  const settings = { file: modelFile, maxTokens, pooling: 'mean', prefixes }
  const record = { sha256: sha256Of(encoder), bytes: encoder.length, pieces: kept.length, source, official }
  await writeSynced(join(work, modelFile), encoder)
  await writeSynced(join(work, 'bursar.json'), `${JSON.stringify(settings, null, 2)}\n`)
  const sums = builtFiles.map(async (name) => [name, (await hashFile(join(work, name))).sha256] as const)
  const files = Object.fromEntries(await Promise.all(sums))
  await writeSynced(join(work, recordFile), `${JSON.stringify({ ...record, files }, null, 2)}\n`)
  await mkdir(path, { recursive: true })
  for (const name of [...builtFiles, recordFile]) await rename(join(work, name), join(path, name))
  return { ...record, path, built: true }
}

async function smoothed(
  texts: readonly string[],
  model: OfficialModel,
  dir: string,
  maxTokens: number,
  source: string,
  onProgress: (progress: Progress) => void,
) {
  const { calibrate } = await import('./calibrate.ts') // loads ONNX Runtime
  const report = (done: number) => onProgress({ step: 'calibrate', file: WEIGHTS, source, done, total: texts.length })
  return calibrate(model, dir, texts, maxTokens, report)
}

/** Bring the files from the first place that has them. Their checksums are not known beforehand, so they are told. */
async function fetchOfficial(
  { modelsDir, from, offline = false }: BilingualOptions,
  work: string,
  onProgress: (progress: Progress) => void,
): Promise<{ source: string; official: Record<string, string> }> {
  const own = [directorySource(modelsDir, multilingualE5), ...(offline ? [] : [hubSource(multilingualE5)])]
  const sources: Source[] = from === undefined ? own : [directorySource(from, multilingualE5)]
  const failures: string[] = []
  for (const { label: source, open: ready } of sources) {
    try {
      onProgress({ step: 'ask', file: '', source, done: 0, total: 0 })
      const read = await ready()
      const official: Record<string, string> = {}
      for (const { name } of multilingualE5.files)
        official[name] = await store(await read(name), join(work, name), name)
      return { source, official }
    } catch (reason) {
      if (systemCode(reason) === 'ENOSPC') throw reason
      failures.push(`${source}: ${messageOf(reason)}`)
    }
  }
  const names = multilingualE5.files.map(({ name }) => name).join(', ')
  throw new ModelError(
    `the weights of ${multilingualE5.name} could not be had. Tried ${failures.join('; ')}. Fetch ${names} of ${multilingualE5.hub} and run \`bursar models pull ${multilingualE5.name} --from DIR\``,
  )
}

/** @returns the file's SHA-256. @throws {ModelError} if it does not end. */
async function store(chunks: AsyncIterable<Uint8Array>, path: string, name: string): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path, 'w')
  let bytes = 0
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new ModelError(`${name} is longer than ${maxBytes} bytes`)
      hash.update(chunk)
      await file.writeFile(chunk)
    }
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}

/** @throws {ModelError} naming the file that is another than the operator has pinned. */
function checkPins(official: Readonly<Record<string, string>>, pins: ReadonlyMap<string, string>): void {
  for (const [name, wanted] of pins)
    if (official[name] !== wanted)
      throw new ModelError(`${name} is not the one that was pinned: its SHA-256 is ${official[name] ?? 'not known'}`)
}
