import { checkCanaries, takeCanaries } from '../embedding/canaries.ts'
import { type Encoder, loadEncoder } from '../embedding/encoder.ts'
import { ModelError, messageOf } from '../errors.ts'
import { loadAnswerable } from '../models/answerable.ts'
import { createIntentService } from '../models/intent.ts'
import { sentimentService } from '../models/sentiment.ts'
import { createNameFinder } from '../text/product-names.ts'
import { ask, type Loaded, search } from './ask.ts'
import { embedPassages } from './embed.ts'
import type { Job, Result } from './jobs.ts'
import { LoadError } from './load-error.ts'
import type { FromEngine, Generation, GenerationPart, Renewal, ToEngine } from './messages.ts'
import { openShelf, type Shelf } from './shelf.ts'

// The child side of an engine: loads one generation, then does one job after the other until its parent is gone.

interface Parts {
  readonly encoder: Encoder
  readonly canaries: readonly string[] | undefined
  readonly shelf: Shelf | undefined
  readonly heads: Pick<Loaded, 'intent' | 'sentiment' | 'answerable'> | undefined
  readonly products: Loaded['products']
}

/** A parent that is gone hears nothing: no reason to fall over, the disconnect ends this process. */
const tell = (message: FromEngine): void => void process.send?.(message, undefined, undefined, () => undefined)

/** Jobs run strictly one after the other: each message waits for the one before. */
let last: Promise<void> = Promise.resolve()
let parts: Parts | undefined

async function load({ encoder: encoderDir, snapshot, delta, heads: dirs, products = [] }: Generation): Promise<Parts> {
  const encoder = await part('encoder', () => loadEncoder(encoderDir))
  const [shelf, heads, canaries] = await Promise.all([
    snapshot === undefined ? undefined : part('snapshot', () => openShelf(encoder, snapshot, delta)),
    dirs && part('heads', () => loadHeads(dirs, encoder.id)),
    part('encoder', () => (encoder.isOwn ? checkCanaries(encoder).then(() => undefined) : takeCanaries(encoder))),
  ])
  return { encoder, canaries, shelf, heads, products: createNameFinder(products) }
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
    loadAnswerable(dirs.answerable),
  ])
  const loaded = { intent, sentiment, answerable }
  const other = Object.values(loaded).find(({ manifest }) => manifest.encoder.id !== encoderId)
  if (!other) return loaded
  const { service } = other.manifest
  throw new ModelError(`the ${service} head was trained with another encoder: bursar train ${service}`)
}

async function run(job: Job, delta: number): Promise<Result> {
  if (!parts) throw new ModelError('the engine has nothing loaded')
  if (job.kind === 'embed') return embedPassages(parts.encoder, job)
  const { shelf, heads, products } = parts
  if (!shelf) throw new ModelError('nothing has been ingested with this encoder yet: run bursar ingest')
  if (shelf.delta < delta) throw new ModelError(`the engine has delta ${shelf.delta}, the job needs ${delta}`)
  const { library } = shelf
  if (job.kind === 'search') return search(library, job)
  if (!heads) throw new ModelError('the heads are not trained yet: run bursar train')
  return ask({ ...library, ...heads, products }, job)
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
      tell({ type: 'error', id, message: messageOf(reason) })
    }
    return
  }
  try {
    parts = await load(message.generation)
    const { canaries, encoder } = parts
    const { id: encoderId, dimension, maxTokens } = encoder
    tell({ type: 'ready', encoderId, dimension, maxTokens, ...(canaries && { canaries }) })
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
