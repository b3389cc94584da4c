import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { JobError } from '../engine/engine.ts'
import type { DeltaPlace, Generation } from '../engine/messages.ts'
import type { Pool } from '../engine/pool.ts'
import { type DeltaDone, type OnProgress, runTask } from '../engine/tasks.ts'
import { CorruptError, ModelError, messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { ModelRegistry } from '../models/registry.ts'
import type { Meta } from '../storage/meta.ts'
import type { Products } from '../storage/products.ts'
import type { Receipts } from '../storage/receipts.ts'
import type { Synonyms } from '../storage/synonyms.ts'
import { createGenerationFolders, type IndexName } from './generation-folders.ts'
import { probesOf } from './recall-probes.ts'
import { embedMissing, type SecondVectorParts } from './second-vectors.ts'

export interface GenerationParts extends SecondVectorParts {
  readonly dataDir: string
  /** Folder of the encoder in use. */
  readonly encoder: string
  /** Folder of the second encoder, if there is one. */
  readonly second: string | undefined
  readonly meta: Meta
  readonly registry: ModelRegistry
  readonly products: Products
  /** Share of answers that may be wrong, 0 to 1. */
  readonly toleratedError: number
  readonly receipts: Pick<Receipts, 'namesIndex'>
  /** Older snapshots that stay, with the deltas over them, for answers to be replayed with them. */
  readonly keptIndexes: number
  /** Since when the oldest answer that is not stored yet is being read, ms of `performance.now`; undefined if there is none. */
  readonly readingSince: () => number | undefined
  readonly synonyms: Synonyms
  readonly logger: Logger
}

/** Most passages that a delta may add, and most that it may remove; what is more makes a new snapshot. */
const mostInDelta = 2_000
/**
 * Passages added and removed above which the next snapshot is written in the background. Each delta is written whole: 0.1 s of
 * CPU, and 0.45 ms more for each passage; a snapshot of 20,000 passages takes 28 s (measured).
 */
const compactAbove = 500

/** Heads that an engine needs to answer; without all of them it only searches and embeds. */
export const heads = ['intent', 'sentiment', 'answerable'] as const

const metaKey = 'generation'
/** Fingerprint of the passages and synonyms that the generation's index, with its delta, was built from. */
const indexedKey = 'generation.passages'
/** Number of the delta in force, 0 for none. */
const deltaKey = 'generation.delta'

/** A snapshot that was written. */
interface Built {
  readonly number: number
  /** Fingerprint of the store when its writing began; changes that came later may or may not be in it. */
  readonly indexed: string
  readonly recallAt10: number
}

/**
 * Which generation is in force, and how the next one comes about. Few changes travel as a delta to the running engines; many
 * make a new snapshot, and so does, in the background, a delta that has grown. Either is the difference between the store and
 * what is in force, so nothing is lost however changes, builds and crashes follow each other.
 */
export function createGenerations(parts: GenerationParts) {
  const { dataDir, meta, units, registry, products, passages, synonyms, toleratedError, logger } = parts
  const encoders = { encoder: parts.encoder, ...(parts.second !== undefined && { second: parts.second }) }
  const folders = createGenerationFolders(join(dataDir, 'generations'))
  /** One change of generation at a time. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }

  /** Why the engines do without the live heads. */
  let headsFault: Error | undefined

  const trainedHeads = async (): Promise<Generation['heads']> => (headsFault ? undefined : liveHeads())

  async function liveHeads(): Promise<Generation['heads']> {
    const [intent, sentiment, answerable] = await Promise.all(heads.map((name) => registry.champion(name)))
    if (!intent || !sentiment || !answerable) return undefined
    return { intent: intent.dir, sentiment: sentiment.dir, answerable: answerable.dir, toleratedError }
  }

  function doWithoutHeads(reason: unknown): undefined {
    headsFault = reason instanceof Error ? reason : new ModelError(messageOf(reason))
  }

  const names = async () => (await products.all()).map(({ id, name }) => ({ id, name }))
  const generationOf = async (
    number: number,
    delta: DeltaPlace | undefined,
    trained: Generation['heads'],
  ): Promise<Generation> => ({
    ...{ number, ...encoders, products: await names() },
    ...(number > 0 && { snapshot: folders.of(number) }),
    ...(delta && { delta }),
    ...(trained && { heads: trained }),
  })

  /** The generation that the store names; only the encoder's when nothing was ingested yet. */
  async function current(): Promise<Generation> {
    const [number, delta] = [Number((await meta.get(metaKey)) ?? 0), Number((await meta.get(deltaKey)) ?? 0)]
    const trained = await trainedHeads().catch((reason: unknown) => doWithoutHeads(reason))
    return generationOf(number, delta > 0 ? { number: delta, dir: folders.of(number, delta) } : undefined, trained)
  }

  /** Stands for what an index is built from. */
  async function fingerprint(): Promise<string> {
    const [lists, ofPassages] = [await synonyms.all(), await passages.fingerprint()]
    if (lists.size === 0) return ofPassages
    const hash = createHash('sha256').update(JSON.stringify([...lists]))
    return `${ofPassages} ${hash.digest('hex')}`
  }

  /** Whether the store holds other texts than the index in force: documents were stored and the index was not built. */
  async function isBehind(): Promise<boolean> {
    const indexed = await meta.get(indexedKey)
    return indexed === undefined ? (await passages.count()) > 0 : (await fingerprint()) !== indexed
  }

  let recall = 1
  let repaired: string | undefined

  async function publish(pool: Pool, onProgress: OnProgress): Promise<void> {
    if (!(await isBehind())) return
    const { snapshot } = pool.generation
    // Somebody may have removed the folder under the engines, which hold its files open.
    const isThere = snapshot !== undefined && existsSync(join(snapshot, 'manifest.json'))
    if (!isThere || !(await publishDelta(pool))) await publishWhole(pool, onProgress)
  }

  /** @returns false if there are too many changes for a delta, or the engines cannot use it. */
  async function publishDelta(pool: Pool): Promise<boolean> {
    const { place, indexed, done } = await writeDelta(pool, pool.generation.number)
    if (!done.written) return false
    const before = pool.generation
    try {
      await pool.renew({ delta: place, products: await names() })
    } catch (reason) {
      if (!(reason instanceof JobError || reason instanceof CorruptError)) throw reason
      logger.error({ delta: place.number, reason: messageOf(reason) }, 'a delta cannot be used')
      return false
    }
    await keep(before, pool.generation, indexed)
    if (done.added + done.removed > compactAbove) compact(pool)
    return true
  }

  async function publishWhole(pool: Pool, onProgress: OnProgress): Promise<void> {
    await stopCompaction()
    // Again only if more was stored meanwhile than a delta may hold.
    while (!(await adopt(pool, await build(pool, onProgress)))) logger.info('the index is built again')
  }

  /** What the encoders are; the second one has then seen all that was stored when this began. */
  async function factsOf(pool: Pool, onProgress: OnProgress = () => undefined) {
    const { encoderId, dimension, second } = await pool.facts()
    if (!second) return { encoderId, dimension }
    await embedMissing(parts, pool, second.encoderId, onProgress)
    return { encoderId, dimension, second: { encoderId: second.encoderId, dimension: second.dimension } }
  }

  async function writeDelta(pool: Pool, number: number) {
    const indexed = await fingerprint()
    const { encoderId } = await factsOf(pool)
    const place = await folders.nextDelta(number)
    const task = { kind: 'delta', dataDir, snapshot: folders.of(number), dir: place.dir, encoderId } as const
    const done: DeltaDone = await runTask({ ...task, most: mostInDelta })
    return { place, indexed, done }
  }

  async function build(pool: Pool, onProgress: OnProgress, inBackground?: AbortSignal): Promise<Built> {
    const indexed = await fingerprint()
    const { encoderId, dimension, second } = await factsOf(pool, onProgress)
    const number = Math.max(await folders.newest(), pool.generation.number) + 1
    const questions = await probesOf(passages, pool)
    const task = { kind: 'snapshot', dataDir, dir: folders.of(number), generation: number, encoderId } as const
    const more = { dimension, questions, background: inBackground !== undefined, ...(second && { second }) }
    const { recallAt10 } = await runTask({ ...task, ...more }, onProgress, inBackground)
    return { number, indexed, recallAt10 }
  }

  /**
   * Start engines of a snapshot, with what was stored since it was begun, and switch to them. On failure the engines go on
   * with what they have. @returns false if that is more than a delta may hold; then nothing has changed.
   */
  async function adopt(pool: Pool, { number, indexed, recallAt10 }: Built): Promise<boolean> {
    const late = (await fingerprint()) === indexed ? undefined : await writeDelta(pool, number)
    if (late && !late.done.written) return false
    const next = await generationOf(number, late?.place, await trainedHeads())
    const before = pool.generation
    await pool.switchTo(next)
    await keep(before, next, late?.indexed ?? indexed)
    recall = recallAt10
    return true
  }

  /** Indexes that were in force while answers were read that are not stored yet, and until when. */
  let replaced: (IndexName & { readonly at: number })[] = []

  /** Remember what is in force, and remove what was before. */
  async function keep(before: Generation, { number, delta }: Generation, indexed: string): Promise<void> {
    await units.run(async (tx) => {
      await meta.set(tx, metaKey, String(number))
      await meta.set(tx, deltaKey, String(delta?.number ?? 0))
      await meta.set(tx, indexedKey, indexed)
    })
    const since = parts.readingSince() ?? Number.POSITIVE_INFINITY
    replaced.push({ number: before.number, delta: before.delta?.number, at: performance.now() })
    replaced = replaced.filter(({ at }) => at >= since)
    const isInUse = (one: IndexName) =>
      replaced.some(({ number, delta }) => number === one.number && delta === one.delta)
    await folders.tidy(
      { number, delta: delta?.number },
      {
        most: parts.keptIndexes,
        isWanted: (index) => parts.receipts.namesIndex(index.number, index.delta),
        isInUse,
        isNextBegun: compaction !== undefined,
      },
    )
  }

  let compaction: { readonly stop: AbortController; readonly building: Promise<unknown> } | undefined

  /** Write the next snapshot while the delta goes on taking changes, and switch to it. */
  function compact(pool: Pool): void {
    if (compaction) return
    const stop = new AbortController()
    const building = build(pool, () => undefined, stop.signal)
    const own = { stop, building: building.catch(() => undefined) }
    compaction = own
    building
      .then((built) =>
        inTurn(async () => {
          compaction = undefined
          if (!stop.signal.aborted) await adopt(pool, built)
        }),
      )
      .catch((reason: unknown) => {
        if (!stop.signal.aborted) logger.warn({ reason: messageOf(reason) }, 'the next index was not written')
      })
      .finally(() => {
        if (compaction === own) compaction = undefined
      })
  }

  async function stopCompaction(): Promise<void> {
    compaction?.stop.abort()
    await compaction?.building
  }

  return {
    current,
    /** Where an index lies, or a delta over it, if it is kept. */
    folderOf: folders.of,
    /** Recall of the last index built here, against exact search. */
    recallAt10: (): number => recall,
    /** Bring the index up to the store, by a delta if that is enough. On failure the engines go on with what they have. */
    publish: (pool: Pool, onProgress: OnProgress = () => undefined) => inTurn(() => publish(pool, onProgress)),
    /** Build the index from the store, and switch the engines to it. On failure as {@link publish}. */
    rewrite: (pool: Pool, onProgress: OnProgress = () => undefined) => inTurn(() => publishWhole(pool, onProgress)),
    /** Switch the engines to the live versions of the heads, or to others, which `commit` makes live when engines have loaded them. */
    adoptHeads: (pool: Pool, others?: Generation['heads'], commit?: () => Promise<void>): Promise<void> =>
      inTurn(async () => {
        const chosen = others ?? (await liveHeads())
        await pool.switchTo({ ...pool.generation, ...(chosen && { heads: chosen }) }, commit)
        headsFault = undefined // not before: engines that cannot load them go on without
      }),
    /** Go on without the live heads, which cannot be used for this reason, until others are adopted. */
    doWithoutHeads,
    headsFault: (): Error | undefined => headsFault,
    isBehind,
    /** Why the index that was found here could not be used and was built anew, if so. */
    repairedFor: (): string | undefined => repaired,
    /** Engines that cannot use the index get the encoder alone, and an index built anew from the store. */
    rebuild: (pool: Pool, reason: string, onProgress: OnProgress = () => undefined): Promise<void> =>
      inTurn(async () => {
        repaired = reason
        await pool.switchTo({ number: 0, ...encoders })
        await publishWhole(pool, onProgress)
      }),
    /** Write no other index; resolves when none is being written. */
    async close(): Promise<void> {
      await stopCompaction()
      await last
    },
  }
}
export type Generations = ReturnType<typeof createGenerations>
