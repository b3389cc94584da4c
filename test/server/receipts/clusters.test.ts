import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dot, normalise } from '../../../server/math/vectors.ts'
import { clusterByLeaders } from '../../../server/receipts/clusters.ts'
import { unitVectors } from '../../support/vectors.ts'

const at = (degrees: number): Float32Array =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180))

describe('clusters by leaders', () => {
  it('hold what is near their leader; each goes to the nearest, though another came first', async () => {
    // 25 is near enough to 0, but nearer to 40, which leads as it is too far from 0.
    expect(await clusterByLeaders([at(0), at(25), at(40), at(180)], Math.cos((30 * Math.PI) / 180))).toEqual([
      [0],
      [1, 2],
      [3],
    ])
  })

  it('of nothing are none', async () => expect(await clusterByLeaders([], 0.5)).toEqual([]))

  it('are a partition in which every member is near the first leader of its cluster, and a rerun gives the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer(),
        fc.double({ min: -1, max: 1, noNaN: true }),
        async (n, seed, least) => {
          const vectors = unitVectors(n, 5, seed).map(normalise)
          const clusters = await clusterByLeaders(vectors, least)
          expect(clusters.flat().sort((a, b) => a - b)).toEqual(vectors.map((_, i) => i))
          for (const members of clusters) {
            const isLeader = (i: number) => members.every((j) => dot(vectors[i]!, vectors[j]!) >= least - 1e-6)
            expect(members.some(isLeader)).toBe(true)
          }
          expect(await clusterByLeaders(vectors, least)).toEqual(clusters)
        },
      ),
      { numRuns: 50 },
    )
  })
})
