import { checkCanaries, takeCanaries } from '../embedding/canaries.ts'
import { type Encoder, loadEncoder } from '../embedding/encoder.ts'
import { CorruptError, ModelError, messageOf } from '../errors.ts'
import { loadAnswerable } from '../models/answerable.ts'
import { intentService } from '../models/intent.ts'
import { sentimentService } from '../models/sentiment.ts'
import type { Space } from '../retrieval/types.ts'
import { createNameFinder } from '../text/product-names.ts'
import { ask, type Loaded, search } from './ask.ts'
import { embedPassages } from './embed.ts'
import { infer } from './infer.ts'
import type { Job, Result } from './jobs.ts'
import { LoadError } from './load-error.ts'
import type { EncoderFacts, FromEngine, Generation, GenerationPart, Renewal, ToEngine } from './messages.ts'
import { openShelf, type Shelf } from './shelf.ts'

// The child side of an engine: loads one generation, then does one job after the other until its parent is gone.

interface Parts {
  readonly encoder: Encoder
  readonly second: Encoder | undefined
  readonly facts: EncoderFacts
  readonly shelf: Shelf | undefined
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
  delta,
  heads: dirs,
  products = [],
}: Generation): Promise<Parts> {
  const encoder = await part('encoder', () => loadEncoder(encoderDir))
  const second = secondDir === undefined ? undefined : await part('encoder', () => loadSecond(secondDir))
  const [shelf, heads, facts] = await Promise.all([
    snapshot === undefined ? undefined : part('snapshot', () => openShelf(encoder, snapshot, delta, second)),
    dirs && part('heads', () => loadHeads(dirs, encoder.id)),
    part('encoder', async () => ({ ...(await factsOf(encoder)), ...(second && { second: await factsOf(second) }) })),
  ])
  return { encoder, second, facts, shelf, heads, products: createNameFinder(products) }
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
    intentService.load(dirs.intent),
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

async function run(job: Job, delta: number): Promise<Result> {
  if (!parts) throw new ModelError('the engine has nothing loaded')
  if (job.kind === 'embed') return embedPassages(encoderFor(parts, job.space), job)
  if (job.kind === 'infer') return infer(parts, job) // models answer before anything was ingested, too
  const { encoder, second, shelf, heads, products } = parts
  if (!shelf) throw new ModelError('nothing has been ingested with this encoder yet: run bursar ingest')
  if (shelf.delta < delta) throw new ModelError(`the engine has delta ${shelf.delta}, the job needs ${delta}`)
  const { library, index } = shelf
  if (job.kind === 'search') return search(library, job)
  if (!heads)
    throw new ModelError(
      'the heads are not trained yet: bursar serve trains them, or bursar train intent, then sentiment and answerable',
    )
  const versions = {
    intent: heads.intent.manifest.version,
    sentiment: heads.sentiment.manifest.version,
    answerable: heads.answerable.manifest.version,
  }
  const readWith = {
    ...index,
    encoder: encoder.id,
    ...(second && { second: second.id }),
    heads: versions,
    toleratedError: heads.answerable.toleratedError,
  }
  return ask({ ...library, ...heads, products, readWith }, job)
}

function renew({ delta, products }: Renewal): void {
  if (!parts?.shelf) throw new ModelError('the engine has no index that a delta could lie over')
  parts.shelf.renew(delta)
  parts = { ...parts, products: createNameFinder(products) }
}

async function answer(message: ToEngine): Promise<void> {
  if (message.type !== 'load') {
    const { id } = message
    try {
      if (message.type === 'job') tell({ type: 'done', id, result: await run(message.job, message.delta) })
      else {
        renew(message)
        tell({ type: 'renewed', id })
      }
    } catch (reason) {
      tell({ type: 'error', id, message: messageOf(reason), isDamaged: reason instanceof CorruptError })
    }
    return
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
