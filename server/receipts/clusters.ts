import { setImmediate } from 'node:timers/promises'
import { createVectorMatrix } from '../retrieval/vector-matrix.ts'

/**
 * Leader clustering (Hartigan 1975, Clustering Algorithms, chapter 3): in the order given, a vector that no leader is near
 * enough to becomes one itself; then each vector goes to its nearest leader, so that only the choice of leaders depends on
 * the order. Every member is near its leader, and the number of clusters need not be known. Chats go on between any two
 * vectors: 10,000 that are all far from each other took 27 s of CPU, a millisecond or two each.
 * @param vectors unit vectors of one dimension. @param least cosine from which a vector belongs to a leader, −1 to 1.
 * @returns places of the members per cluster, clusters in the order of their leaders, the leader among its members.
 */
export async function clusterByLeaders(vectors: readonly Float32Array[], least: number): Promise<number[][]> {
  const dimension = vectors[0]?.length ?? 0
  if (dimension === 0) return []
  const leaders = createVectorMatrix(dimension, vectors.length)
  let count = 0
  for (const vector of vectors) {
    await setImmediate()
    if (nearest(leaders.multiply(vector, count), count).cosine < least) leaders.setRow(count++, vector)
  }
  const clusters = Array.from({ length: count }, (): number[] => [])
  for (const [i, vector] of vectors.entries()) {
    await setImmediate()
    clusters[nearest(leaders.multiply(vector, count), count).leader]!.push(i)
  }
  return clusters
}

/** The first of the best, so that a rerun gives the same. */
function nearest(cosines: Float32Array, count: number): { leader: number; cosine: number } {
  let best = { leader: -1, cosine: Number.NEGATIVE_INFINITY }
  for (let i = 0; i < count; i++) if (cosines[i]! > best.cosine) best = { leader: i, cosine: cosines[i]! }
  return best
}
