import { join } from 'node:path'
import { CorruptError } from '../errors.ts'
import { loadHnswIndex } from './hnsw-index.ts'
import { fileNames, readManifest } from './manifest.ts'
import { leastRecall, measureRecall, type RecallUnderFilter } from './recall.ts'
import { openSnapshot } from './snapshot.ts'
import { openVectorFile } from './vector-file.ts'

/**
 * Read every file of a snapshot again, compare sizes and checksums, and measure the graph against exact search.
 * @returns the least recall and each measured one; 1 and none where the vectors are scanned, which is exact.
 * @throws {CorruptError} if a file is missing or altered, or the graph finds less than {@link leastRecall}.
 */
export function verifySnapshot({ dir, encoderId }: { readonly dir: string; readonly encoderId: string }): {
  recallAt10: number
  recall: readonly RecallUnderFilter[]
} {
  openSnapshot(dir, { encoderId }).close()
  const { dimension, count, hnsw, files } = readManifest(dir, encoderId)
  const graph = files[fileNames.graph]
  if (!hnsw || !graph) return { recallAt10: 1, recall: [] }
  const seal = { kind: 'hnsw', encoderId, dimension, count, ef: hnsw.ef, ...graph } as const
  const index = loadHnswIndex(join(dir, fileNames.graph), seal, { encoderId, dimension })
  const file = openVectorFile(join(dir, fileNames.vectors), dimension)
  try {
    const { recall, recallAt10 } = measureRecall(index, file)
    if (recallAt10 < leastRecall)
      throw new CorruptError(`the graph finds only ${recallAt10.toFixed(3)} of the true neighbours: rebuild the index`)
    return { recall, recallAt10 }
  } finally {
    file.close()
  }
}
