import type { Pool } from '../engine/pool.ts'
import type { Passages } from '../storage/passages.ts'
import type { NewPassage } from '../storage/types.ts'
import type { Chunk } from './chunk.ts'
import type { ReadDocument } from './reader-messages.ts'

/** Passages per job: an engine is never kept from a chat for longer than a few of them take. */
const jobPassages = 4
/** Jobs under way at once, so that every engine has one while its next is ready. */
const openJobs = 8

type Vectors = Pick<NewPassage, 'vector' | 'unitVectors'>

interface Embedded {
  /** By content hash. */
  readonly vectors: ReadonlyMap<string, Vectors>
  /** Tokens that the engines read. */
  readonly tokens: number
}

/** Vectors of documents: those that the store has already, and new ones from the engines. */
export function createEmbedding(passages: Passages, pool: Pool) {
  return async (group: readonly ReadDocument[], encoderId: string): Promise<Embedded> => {
    const byHash = new Map<string, { text: string; chunk: Chunk }>()
    for (const { version, chunks = [] } of group)
      for (const chunk of chunks) byHash.set(chunk.hash, { text: version.text, chunk })
    const vectors = new Map<string, Vectors>(await passages.reuse([...byHash.keys()], encoderId))
    const missing = [...byHash.values()].filter(({ chunk }) => !vectors.has(chunk.hash))
    let [next, tokens] = [0, 0]
    const lane = async (): Promise<void> => {
      while (next < missing.length) {
        const batch = missing.slice(next, next + jobPassages)
        next += jobPassages
        const texts = batch.map(({ text, chunk: { heading, units: parts } }) => ({
          heading,
          units: parts.map(({ start, end }) => text.slice(start, end)),
        }))
        const done = await pool.run({ kind: 'embed', passages: texts }, 'background')
        tokens += done.tokens
        batch.forEach(({ chunk }, i) => {
          vectors.set(chunk.hash, { vector: done.vectors[i]!.vector, unitVectors: done.vectors[i]!.units })
        })
      }
    }
    await Promise.all(Array.from({ length: openJobs }, lane))
    return { vectors, tokens }
  }
}
