import { join } from 'node:path'
import { CorruptError } from '../errors.ts'
import { loadHnswIndex } from './hnsw-index.ts'
import { fileNames, type Manifest, spaceFiles } from './manifest.ts'
import { overlay } from './overlay.ts'
import { type Changes, leastRecall, measureRecall, measureWithChanges, type RecallUnderFilter } from './recall.ts'
import { indexesOf, openSnapshot, type Snapshot } from './snapshot.ts'
import type { Space } from './types.ts'
import { openVectorFile } from './vector-file.ts'

interface Place {
  readonly dir: string
  /** Folder of the delta over it, if there is one. */
  readonly delta?: string | undefined
  readonly encoderId: string
}

interface Measured {
  readonly recallAt10: number
  readonly recall: readonly RecallUnderFilter[]
}

/**
 * Read every file of a snapshot again, and of the delta over it, compare sizes and checksums, and whether the two fit together;
 * and measure each encoder's graph, with the changes, against exact search.
 * @returns the least recall, and each measured one of the first encoder; 1 and none where vectors are scanned, which is exact.
 * @throws {CorruptError} if a file is missing or altered, the delta is one over another snapshot, or a graph finds less than
 * {@link leastRecall}.
 */
export function verifySnapshot({ dir, delta, encoderId }: Place): Measured {
  const base = openSnapshot(dir, { encoderId })
  try {
    const above = delta === undefined ? undefined : openOver(base, delta, encoderId)
    const measured = indexesOf(base.manifest).map(([space, index]) =>
      verifyGraph(dir, base.manifest, space, index, above),
    )
    return {
      recallAt10: Math.min(...measured.map(({ recallAt10 }) => recallAt10)),
      recall: measured[0]?.recall ?? [],
    }
  } finally {
    base.close()
  }
}

/** A delta as it lies over a snapshot. */
interface Above {
  readonly dir: string
  readonly manifest: Manifest
  /** Rows of the snapshot. */
  readonly removed: readonly number[]
}

/** @throws {CorruptError} */
function openOver(base: Snapshot, dir: string, encoderId: string): Above {
  const changes = openSnapshot(dir, { encoderId, secondId: base.manifest.second?.encoderId })
  try {
    overlay(base, changes)
    const removed = changes.removed?.ids ?? []
    const isRemoved = new Set(removed)
    const twice = changes.filters.ids.find((id) => base.filters.rowOf(id) >= 0 && !isRemoved.has(id))
    if (twice !== undefined) throw new CorruptError(`${dir} holds passage ${twice} once more: rebuild the index`)
    return { dir, manifest: changes.manifest, removed: removed.map((id) => base.filters.rowOf(id)) }
  } catch (reason) {
    if (reason instanceof RangeError) throw new CorruptError(`${dir}: ${reason.message}: rebuild the index`)
    throw reason
  } finally {
    changes.close()
  }
}

function verifyGraph(
  dir: string,
  { count, files }: Manifest,
  space: Space,
  { encoderId, dimension, hnsw }: NonNullable<Manifest['second']>,
  above: Above | undefined,
): Measured {
  const [vectors, name] = [fileNames[spaceFiles[space].vectors], fileNames[spaceFiles[space].graph]]
  const graph = files[name]
  if (!hnsw || !graph) return { recallAt10: 1, recall: [] }
  const seal = { kind: 'hnsw', encoderId, dimension, count, ef: hnsw.ef, ...graph } as const
  const index = loadHnswIndex(join(dir, name), seal, { encoderId, dimension })
  const file = openVectorFile(join(dir, vectors), dimension)
  const changes = above && changesOf(above, vectors, dimension)
  try {
    const { recall, recallAt10 } = changes ? measureWithChanges(index, file, changes) : measureRecall(index, file)
    if (recallAt10 < leastRecall)
      throw new CorruptError(`the graph finds only ${recallAt10.toFixed(3)} of the true neighbours: rebuild the index`)
    return { recall, recallAt10 }
  } finally {
    file.close()
    changes?.file.close()
  }
}

const changesOf = ({ dir, manifest: { count }, removed }: Above, vectors: string, dimension: number): Changes => ({
  ...{ removed, count },
  file: openVectorFile(join(dir, vectors), dimension),
})
