import { type OnProgress, runTask } from '../engine/tasks.ts'
import { NotFoundError } from '../errors.ts'
import { checksumOf, readManifest } from '../retrieval/manifest.ts'
import type { RecallUnderFilter } from '../retrieval/recall.ts'
import type { House } from './house.ts'

/** The index in force, as its manifest has it. */
export interface IndexStats {
  /** Those of the snapshot, with the changes of the delta. */
  readonly passages: number
  readonly generation: number
  /** The changes since the snapshot was written, if there were any. */
  readonly delta?: { readonly number: number; readonly added: number; readonly removed: number }
  readonly collections: readonly string[]
  readonly encoder: string
  readonly dimension: number
  /** The second encoder, if the index holds its vectors too. */
  readonly second?: string
  /** `scan` compares every vector, `graph` is approximate. */
  readonly search: 'scan' | 'graph'
  readonly 'annRecall@10': number
  /** By share of the passages that a filter leaves; empty for a scan. */
  readonly recall: readonly RecallUnderFilter[]
  /** Over the manifest, and by it over every file. */
  readonly sha256: string
  /** Of all files of the snapshot. */
  readonly bytes: number
  /** Whether the store holds other passages than the index. */
  readonly behind: boolean
}
export interface IndexVerified extends IndexStats {
  /** Why the index was found damaged when it was opened and was built anew; absent if it was whole. */
  readonly repaired?: string
}

/** What commands may do with the index. */
export function createIndexOperations({ generations, pool }: Pick<House, 'generations' | 'pool'>) {
  async function place(): Promise<{ dir: string; encoderId: string }> {
    const { snapshot } = pool.generation
    if (snapshot === undefined) throw new NotFoundError('there is no index yet: bursar ingest PATH')
    return { dir: snapshot, encoderId: (await pool.facts()).encoderId }
  }
  async function stats(): Promise<IndexStats> {
    const { dir, encoderId } = await place()
    const manifest = readManifest(dir, encoderId)
    const { count, generation, dimension, hnsw, files } = manifest
    const { delta: above } = pool.generation
    const changes = above && readManifest(above.dir, encoderId)
    const delta = changes && { number: above.number, added: changes.count, removed: changes.removed ?? 0 }
    return {
      ...{ passages: count + (delta?.added ?? 0) - (delta?.removed ?? 0), generation, ...(delta && { delta }) },
      collections: [...new Set([...manifest.collections, ...(changes?.collections ?? [])])],
      ...{ encoder: encoderId, dimension },
      ...(manifest.second && { second: manifest.second.encoderId }),
      search: hnsw ? 'graph' : 'scan',
      'annRecall@10': hnsw?.recallAt10 ?? 1,
      recall: hnsw?.recall ?? [],
      sha256: checksumOf(manifest),
      bytes: Object.values(files).reduce((sum, seal) => sum + (seal?.bytes ?? 0), 0),
      behind: await generations.isBehind(),
    }
  }
  return {
    'index.stats': stats,
    /** @throws {CorruptError} naming what is damaged. */
    async 'index.verify'(_: object, onProgress: OnProgress): Promise<IndexVerified> {
      const { delta } = pool.generation
      const task = { kind: 'verify', ...(await place()), ...(delta && { delta: delta.dir }) } as const
      const { recall, recallAt10 } = await runTask(task, onProgress)
      const repaired = generations.repairedFor()
      return { ...(await stats()), 'annRecall@10': recallAt10, recall, ...(repaired !== undefined && { repaired }) }
    },
    async 'index.rebuild'(_: object, onProgress: OnProgress): Promise<IndexStats> {
      await place()
      await generations.rewrite(pool, onProgress)
      return stats()
    },
  }
}
