import { join } from 'node:path'
import { CorruptError } from '../errors.ts'
import { loadHnswIndex } from './hnsw-index.ts'
import { fileNames, type Manifest, readManifest, spaceFiles } from './manifest.ts'
import { leastRecall, measureRecall, type RecallUnderFilter } from './recall.ts'
import { indexesOf, openSnapshot } from './snapshot.ts'
import type { Space } from './types.ts'
import { openVectorFile } from './vector-file.ts'

/**
 * Read every file of a snapshot again, compare sizes and checksums, and measure each encoder's graph against exact search.
 * @returns the least recall, and each measured one of the first encoder; 1 and none where vectors are scanned, which is exact.
 * @throws {CorruptError} if a file is missing or altered, or a graph finds less than {@link leastRecall}.
 */
export function verifySnapshot({ dir, encoderId }: { readonly dir: string; readonly encoderId: string }): {
  recallAt10: number
  recall: readonly RecallUnderFilter[]
} {
  openSnapshot(dir, { encoderId }).close()
  const manifest = readManifest(dir, encoderId)
  const measured = indexesOf(manifest).map(([space, index]) => verifyGraph(dir, manifest, space, index))
  return {
    recallAt10: Math.min(...measured.map(({ recallAt10 }) => recallAt10)),
    recall: measured[0]?.recall ?? [],
  }
}

function verifyGraph(
  dir: string,
  { count, files }: Manifest,
  space: Space,
  { encoderId, dimension, hnsw }: NonNullable<Manifest['second']>,
): { recallAt10: number; recall: readonly RecallUnderFilter[] } {
  const [vectors, name] = [fileNames[spaceFiles[space].vectors], fileNames[spaceFiles[space].graph]]
  const graph = files[name]
  if (!hnsw || !graph) return { recallAt10: 1, recall: [] }
  const seal = { kind: 'hnsw', encoderId, dimension, count, ef: hnsw.ef, ...graph } as const
  const index = loadHnswIndex(join(dir, name), seal, { encoderId, dimension })
  const file = openVectorFile(join(dir, vectors), dimension)
  try {
    const { recall, recallAt10 } = measureRecall(index, file)
    if (recallAt10 < leastRecall)
      throw new CorruptError(`the graph finds only ${recallAt10.toFixed(3)} of the true neighbours: rebuild the index`)
    return { recall, recallAt10 }
  } finally {
    file.close()
  }
}
