import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../server/math/random.ts'
import { fewestStrangers, fitScope, type ScopeRow, scopeScores } from '../../../server/models/scope.ts'

const random = createRandom(3)
const near = (): ScopeRow => [4 + random(), -1 + random(), 0.6 + 0.2 * random(), 0.1]
const far = (): ScopeRow => [1 + random(), 1 + random(), 0.2 + 0.2 * random(), 0.5 * random()]
const known = Array.from({ length: 200 }, near)
const shareBelow = (scores: readonly number[], threshold: number) =>
  scores.filter((score) => score < threshold).length / scores.length

describe('being at home', () => {
  it('is learnt from strangers where there are enough', async () => {
    const { model, threshold } = await fitScope(known, Array.from({ length: 40 }, far))
    const strangers = Array.from({ length: 100 }, far)
    expect(shareBelow(await scopeScores(model, known), threshold)).toBeLessThan(0.05)
    expect(shareBelow(await scopeScores(model, strangers), threshold)).toBeGreaterThan(0.9)
  })

  it('gives few strangers no say: one in a hundred known texts are lost', async () => {
    const few = Array.from({ length: fewestStrangers - 1 }, near)
    const { model, threshold } = await fitScope(known, few)
    expect(await fitScope(known, [])).toEqual({ model, threshold })
    expect(shareBelow(await scopeScores(model, known), threshold)).toBeCloseTo(0.01, 2)
    const strangers = Array.from({ length: 100 }, far)
    expect(shareBelow(await scopeScores(model, strangers), threshold)).toBeGreaterThan(0.9)
  })
})
