import { describe, expect, it } from 'vitest'
import { dot } from '../../../../server/math/vectors.ts'
import { nearness } from '../../../../server/models/algorithms/similarity.ts'
import { unitVectors } from '../../../support/vectors.ts'

describe('nearness to known texts', () => {
  it('is the mean of the three highest cosines, and the highest of each class', async () => {
    const [vectors, asked] = [unitVectors(700, 16, 1), unitVectors(300, 16, 2)]
    const labels = vectors.map((_, i) => i % 7)
    const { mean, best } = await nearness({ vectors, labels }, 7, asked)
    asked.forEach((vector, i) => {
      const cosines = vectors.map((other) => dot(vector, other))
      const [a, b, c] = [...cosines].sort((x, y) => y - x)
      expect(mean[i]).toBeCloseTo((a! + b! + c!) / 3, 5)
      const highest = labels.reduce((most, label, j) => (label === 3 ? Math.max(most, cosines[j]!) : most), -1)
      expect(best[i * 7 + 3]).toBeCloseTo(highest, 5)
    })
  })

  it('makes do with fewer texts, with a class of none, and with nothing', async () => {
    const [a, b] = unitVectors(2, 8)
    const few = await nearness({ vectors: [a!], labels: [1] }, 2, [b!])
    expect(few.mean[0]).toBeCloseTo(dot(a!, b!), 5)
    expect(few.best[0]).toBe(-1)
    expect(few.best[1]).toBeCloseTo(dot(a!, b!), 5)
    expect(await nearness({ vectors: [], labels: [] }, 1, [b!])).toEqual({
      mean: Float32Array.of(0),
      best: Float32Array.of(-1),
    })
  })
})
