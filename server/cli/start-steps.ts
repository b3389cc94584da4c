import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'
import { checkEncoderFiles } from '../embedding/encoder-files.ts'
import { pullEncoder } from '../embedding/model-files.ts'
import type { OnProgress } from '../engine/tasks.ts'
import type { Logger } from '../logger.ts'
import type { Composition } from '../main.ts'
import { mean } from '../math/statistics.ts'
import { encoderIdOf } from '../models/manifest.ts'
import { readVersion } from '../models/version-folder.ts'
import { heads } from '../operations/generations.ts'
import { type Corpora, readCorpora } from '../operations/manifest.ts'
import { withTemporaryHouse } from './perform.ts'

/** The corpora that come with the product: the demo bank, and what the heads are trained on. */
export const corporaManifest = fileURLToPath(new URL('../../corpora/manifest.json', import.meta.url))

const loadedKey = 'corpora'

/** Fetch and build the encoder if it is not there. Others that are named have to be there. @throws {ModelError} */
export async function ensureEncoder(config: Config, onProgress: OnProgress): Promise<void> {
  const { modelsDir, encoder, secondEncoder, offline } = config
  if (secondEncoder !== undefined) await checkEncoderFiles(secondEncoder)
  if (encoder !== undefined) return void (await checkEncoderFiles(encoder))
  await pullEncoder({
    modelsDir,
    offline,
    onProgress: ({ step, file, done, total }) => onProgress(total ? done / total : 0, `${step} ${file}`),
  })
}

/** Ingest the demo bank's documents, unless this very version of them was ingested before. */
export async function ensureDocuments({ house, run }: Composition, onProgress: OnProgress): Promise<void> {
  const stamp = createHash('sha256')
    .update(await readFile(corporaManifest))
    .digest('hex')
  const isIndexed = house.pool.generation.snapshot !== undefined
  if (isIndexed && (await house.store.meta.get(loadedKey)) === stamp) return
  const { documents } = await readCorpora(corporaManifest)
  await run('ingest', { paths: documents, sync: true }, onProgress)
  await house.units.run((tx) => house.store.meta.set(tx, loadedKey, stamp))
}

/**
 * Train the heads that have no live version made by this release with this encoder.
 * @throws {ModelError} if a live version was damaged; naming the file and the command that makes another.
 */
export async function ensureHeads(
  composition: Composition,
  config: Config,
  logger: Logger,
  onProgress: OnProgress,
): Promise<void> {
  const { house, run } = composition
  if (house.pool.generation.heads !== undefined) return // the engines have loaded them
  const { recipeOf } = await import('../engine/train.ts') // what trains is not in memory unless it is needed
  const { encoderId } = await house.pool.facts()
  const missing: string[] = []
  for (const service of heads) {
    const live = await house.registry.champion(service)
    if (live) await readVersion(live.dir, service)
    const usable = live && encoderIdOf(live.manifest) === encoderId && live.manifest.recipe === recipeOf(service)
    if (!usable) missing.push(service)
  }
  // Side by side: each is a process with one thread.
  const progress = shared(missing.length, `training ${missing.join(', ')}`, onProgress)
  await Promise.all(missing.map((service, i) => trainHead(composition, config, logger, service, progress(i))))
  await run('adopt', {}, onProgress)
}

/** Licences of the corpora that a service is trained on, as a training takes them. */
export function licenceOf(corpora: Corpora, service: string): { licence?: string } {
  const licences = corpora.licences(service)
  return licences.length > 0 ? { licence: licences.join(', ') } : {}
}

/** The progress of several works as that of one. */
function shared(works: number, what: string, onProgress: OnProgress): (work: number) => OnProgress {
  const shares = Array.from({ length: works }, () => 0)
  return (work) => (share) => {
    shares[work] = share
    onProgress(mean(shares), what)
  }
}

/**
 * Train one service on the shipped corpora. The `answerable` head learns from questions about the demo bank: where this data
 * directory holds another bank's documents, the demo bank is indexed aside for it.
 */
export async function trainHead(
  { house, run }: Composition,
  config: Config,
  logger: Logger,
  service: string,
  onProgress: OnProgress,
): Promise<unknown> {
  const corpora = await readCorpora(corporaManifest)
  const files = (use: 'train' | 'test' | 'validation') => corpora.files(service, use)
  const request = {
    service,
    train: files('train'),
    test: files('test'),
    validation: files('validation'),
    seed: 1,
    ...licenceOf(corpora, service),
  }
  if (service !== 'answerable' || (await house.store.meta.get(loadedKey)) !== undefined)
    return run('train', request, onProgress)
  return withTemporaryHouse(config, logger, async (aside) => {
    await aside.run('ingest', { paths: corpora.documents, sync: false }, onProgress)
    const { snapshot } = aside.house.pool.generation
    return run('train', { ...request, ...(snapshot && { snapshot }) }, onProgress)
  })
}
