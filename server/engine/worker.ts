import { checkCanaries, takeCanaries } from '../embedding/canaries.ts'
import { type Encoder, loadEncoder } from '../embedding/encoder.ts'
import { ModelError, messageOf } from '../errors.ts'
import { loadAnswerable } from '../models/answerable.ts'
import { createIntentService } from '../models/intent.ts'
import { sentimentService } from '../models/sentiment.ts'
import { checksumOf } from '../retrieval/manifest.ts'
import { createRetriever } from '../retrieval/retriever.ts'
import { openSnapshot } from '../retrieval/snapshot.ts'
import type { Space } from '../retrieval/types.ts'
import type { ReadWith } from '../storage/receipts.ts'
import { createNameFinder } from '../text/product-names.ts'
import { ask, type Loaded, search } from './ask.ts'
import { embedPassages } from './embed.ts'
import type { Job, Result } from './jobs.ts'
import { LoadError } from './load-error.ts'
import { createLibrary, type Library } from './look-up.ts'
import type { EncoderFacts, FromEngine, Generation, GenerationPart, ToEngine } from './messages.ts'

// The child side of an engine: loads one generation, then does one job after the other until its parent is gone.

interface Parts {
  readonly encoder: Encoder
  readonly second: Encoder | undefined
  readonly facts: EncoderFacts
  readonly library: (Library & { readonly index: Pick<ReadWith, 'generation' | 'index'> }) | undefined
  readonly heads: Pick<Loaded, 'intent' | 'sentiment' | 'answerable'> | undefined
  readonly products: Loaded['products']
}

/** A parent that is gone hears nothing: no reason to fall over, the disconnect ends this process. */
const tell = (message: FromEngine): void => void process.send?.(message, undefined, undefined, () => undefined)

/** Jobs run strictly one after the other: each message waits for the one before. */
let last: Promise<void> = Promise.resolve()
let parts: Parts | undefined

async function load({
  encoder: encoderDir,
  second: secondDir,
  snapshot,
  heads: dirs,
  products = [],
}: Generation): Promise<Parts> {
  const encoder = await part('encoder', () => loadEncoder(encoderDir))
  const second = secondDir === undefined ? undefined : await part('encoder', () => loadSecond(secondDir))
  const ids = { encoderId: encoder.id, secondId: second?.id }
  const [library, heads, facts] = await Promise.all([
    snapshot === undefined
      ? undefined
      : part('snapshot', () => {
          const opened = openSnapshot(snapshot, ids)
          const { manifest } = opened
          const index = { generation: manifest.generation, index: checksumOf(manifest) }
          return { ...createLibrary(encoder, createRetriever(opened, encoder), second), index }
        }),
    dirs && part('heads', () => loadHeads(dirs, encoder.id)),
    part('encoder', async () => ({ ...(await factsOf(encoder)), ...(second && { second: await factsOf(second) }) })),
  ])
  return { encoder, second, facts, library, heads, products: createNameFinder(products) }
}

/** @throws {ModelError} if it does not know Chinese: then it is of no use beside the first. */
async function loadSecond(dir: string): Promise<Encoder> {
  const encoder = await loadEncoder(dir)
  if (encoder.knowsChinese) return encoder
  await encoder.close()
  throw new ModelError(`${dir}: this encoder does not know Chinese; name another in BURSAR_SECOND_ENCODER`)
}

async function factsOf(encoder: Encoder): Promise<EncoderFacts> {
  const { id: encoderId, dimension, maxTokens, isOwn } = encoder
  if (!isOwn) return { encoderId, dimension, maxTokens, canaries: await takeCanaries(encoder) }
  await checkCanaries(encoder)
  return { encoderId, dimension, maxTokens }
}

/** Load one part of a generation. @throws {LoadError} naming the part */
async function part<T>(name: GenerationPart, load: () => T | Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (reason) {
    throw new LoadError(name, messageOf(reason))
  }
}

async function loadHeads(
  dirs: NonNullable<Generation['heads']>,
  encoderId: string,
): Promise<Pick<Loaded, 'intent' | 'sentiment' | 'answerable'>> {
  const [intent, sentiment, answerable] = await Promise.all([
    createIntentService().load(dirs.intent),
    sentimentService.load(dirs.sentiment),
    loadAnswerable(dirs.answerable, dirs.toleratedError),
  ])
  const loaded = { intent, sentiment, answerable }
  const other = Object.values(loaded).find(({ manifest }) => manifest.encoder.id !== encoderId)
  if (!other) return loaded
  const { service } = other.manifest
  throw new ModelError(`the ${service} head was trained with another encoder: bursar train ${service}`)
}

function encoderFor({ encoder, second }: Parts, space: Space = 'first'): Encoder {
  if (space === 'first') return encoder
  if (!second) throw new ModelError('there is no second encoder')
  return second
}

async function run(job: Job): Promise<Result> {
  if (!parts) throw new ModelError('the engine has nothing loaded')
  if (job.kind === 'embed') return embedPassages(encoderFor(parts, job.space), job)
  const { encoder, library, heads, products } = parts
  if (!library) throw new ModelError('nothing has been ingested with this encoder yet: run bursar ingest')
  if (job.kind === 'search') return search(library, job)
  if (!heads) throw new ModelError('the heads are not trained yet: run bursar train')
  const versions = {
    intent: heads.intent.manifest.version,
    sentiment: heads.sentiment.manifest.version,
    answerable: heads.answerable.manifest.version,
  }
  const readWith = {
    ...library.index,
    encoder: encoder.id,
    heads: versions,
    toleratedError: heads.answerable.toleratedError,
  }
  return ask({ ...library, ...heads, products, readWith }, job)
}

async function answer(message: ToEngine): Promise<void> {
  if (message.type === 'job') {
    const { id, job } = message
    return run(job).then(
      (result) => tell({ type: 'done', id, result }),
      (reason) => tell({ type: 'error', id, message: messageOf(reason) }),
    )
  }
  try {
    parts = await load(message.generation)
    tell({ type: 'ready', ...parts.facts })
  } catch (reason) {
    tell({ type: 'failed', part: reason instanceof LoadError ? reason.part : 'encoder', message: messageOf(reason) })
  }
}

process.on('message', (message: ToEngine) => {
  last = last.then(() => answer(message))
})
// Without its parent an engine serves nobody. SIGINT reaches the whole group: the parent decides when to stop.
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
