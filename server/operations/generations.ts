import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Generation } from '../engine/messages.ts'
import type { Pool } from '../engine/pool.ts'
import { type OnProgress, runTask, type SnapshotDone } from '../engine/tasks.ts'
import { ModelError, messageOf } from '../errors.ts'
import type { ModelRegistry } from '../models/registry.ts'
import type { Meta } from '../storage/meta.ts'
import type { Products } from '../storage/products.ts'
import type { Receipts } from '../storage/receipts.ts'
import type { Synonyms } from '../storage/synonyms.ts'
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
  readonly receipts: Pick<Receipts, 'namesGeneration'>
  /** Older indexes that stay, for answers to be replayed with them. */
  readonly keptIndexes: number
  readonly synonyms: Synonyms
}

/** Heads that an engine needs to answer; without all of them it only searches and embeds. */
export const heads = ['intent', 'sentiment', 'answerable'] as const

const metaKey = 'generation'
/** Fingerprint of the passages and synonyms that the generation's index was built from. */
const indexedKey = 'generation.passages'

/** Which generation is in force, and how the next one comes about: build, start, switch, remember, clean up. */
export function createGenerations(parts: GenerationParts) {
  const { dataDir, meta, units, registry, products, passages, synonyms, toleratedError } = parts
  const encoders = { encoder: parts.encoder, ...(parts.second !== undefined && { second: parts.second }) }
  const root = join(dataDir, 'generations')
  const folderOf = (number: number): string => join(root, String(number))
  /** One change of generation at a time. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }

  /** Why the engines do without the live heads. */
  let headsFault: Error | undefined

  async function trainedHeads(): Promise<Generation['heads']> {
    if (headsFault) return undefined
    const [intent, sentiment, answerable] = await Promise.all(heads.map((name) => registry.champion(name)))
    if (!intent || !sentiment || !answerable) return undefined
    return { intent: intent.dir, sentiment: sentiment.dir, answerable: answerable.dir, toleratedError }
  }

  function doWithoutHeads(reason: unknown): undefined {
    headsFault = reason instanceof Error ? reason : new ModelError(messageOf(reason))
  }

  const names = async () => (await products.all()).map(({ id, name }) => ({ id, name }))

  /** The generation that the store names; only the encoder's when nothing was ingested yet. */
  async function current(): Promise<Generation> {
    const number = Number((await meta.get(metaKey)) ?? 0)
    const trained = await trainedHeads().catch((reason: unknown) => doWithoutHeads(reason))
    return {
      number,
      ...encoders,
      products: await names(),
      ...(number > 0 && { snapshot: folderOf(number) }),
      ...(trained && { heads: trained }),
    }
  }

  /** Stands for what an index is built from. */
  async function fingerprint(): Promise<string> {
    const [lists, ofPassages] = [await synonyms.all(), await passages.fingerprint()]
    if (lists.size === 0) return ofPassages
    return `${ofPassages} ${createHash('sha256')
      .update(JSON.stringify([...lists]))
      .digest('hex')}`
  }

  let recall = 1
  let repaired: string | undefined

  async function publish(pool: Pool, onProgress: OnProgress): Promise<SnapshotDone> {
    const { encoderId, dimension, second } = await pool.facts()
    if (second) await embedMissing(parts, pool, [encoderId, second.encoderId], onProgress)
    const indexed = await fingerprint()
    const number = ((await numbersIn(root)).at(-1) ?? 0) + 1
    const questions = await probesOf(passages, pool, encoderId)
    const built = await runTask(
      {
        ...{ kind: 'snapshot', dataDir, dir: folderOf(number), generation: number, encoderId, dimension, questions },
        ...(second && { second: { encoderId: second.encoderId, dimension: second.dimension } }),
      },
      onProgress,
    )
    const trained = await trainedHeads()
    await pool.switchTo({
      number,
      ...encoders,
      products: await names(),
      snapshot: folderOf(number),
      ...(trained && { heads: trained }),
    })
    await units.run(async (tx) => {
      await meta.set(tx, metaKey, String(number))
      await meta.set(tx, indexedKey, indexed)
    })
    await removeOthers(root, new Set([number, ...(await replayable(number))]))
    recall = built.recallAt10
    return built
  }

  /** The last generations before this one that answers were given with. */
  async function replayable(before: number): Promise<number[]> {
    const kept: number[] = []
    for (const number of (await numbersIn(root)).filter((one) => one < before).reverse()) {
      if (kept.length === parts.keptIndexes) break
      if (await parts.receipts.namesGeneration(number)) kept.push(number)
    }
    return kept
  }

  return {
    current,
    /** Where a generation's index lies, if it is kept. */
    folderOf,
    /** Recall of the last index built here, against exact search. */
    recallAt10: (): number => recall,
    /** Build the index from the store, and switch the engines to it. On failure the engines go on with what they have. */
    publish: (pool: Pool, onProgress: OnProgress = () => undefined) => inTurn(() => publish(pool, onProgress)),
    /** Switch the engines to the live versions of the heads. */
    adoptHeads: (pool: Pool): Promise<void> =>
      inTurn(async () => {
        headsFault = undefined
        const trained = await trainedHeads()
        await pool.switchTo({ ...pool.generation, ...(trained && { heads: trained }) })
      }),
    /** Go on without the live heads, which cannot be used for this reason, until others are adopted. */
    doWithoutHeads,
    headsFault: (): Error | undefined => headsFault,
    /** Whether the store holds other passages than the index in force: documents were stored and the index was not built. */
    isBehind: async (): Promise<boolean> => {
      if ((await passages.count()) === 0) return false
      return (await fingerprint()) !== (await meta.get(indexedKey))
    },
    /** Why the index that was found here could not be used and was built anew, if so. */
    repairedFor: (): string | undefined => repaired,
    /** Engines that could not load the index get the encoder alone, and an index built anew from the store. */
    rebuild: async (pool: Pool, reason: string, onProgress: OnProgress = () => undefined): Promise<SnapshotDone> => {
      repaired = reason
      await pool.switchTo({ number: 0, ...encoders })
      return inTurn(() => publish(pool, onProgress))
    },
  }
}
export type Generations = ReturnType<typeof createGenerations>

async function foldersIn(root: string): Promise<string[]> {
  return readdir(root).catch(() => []) // nothing was built yet
}

/** Ascending. */
async function numbersIn(root: string): Promise<number[]> {
  const names = (await foldersIn(root)).filter((name) => /^[1-9]\d{0,8}$/.test(name))
  return names.map(Number).sort((a, b) => a - b)
}

async function removeOthers(root: string, kept: ReadonlySet<number>): Promise<void> {
  const others = (await foldersIn(root)).filter((name) => !kept.has(Number(name)))
  await Promise.all(others.map((name) => rm(join(root, name), { recursive: true, force: true })))
}
