import { describe, expect, it } from 'vitest'
import { minimise, type Objective } from '../../../../server/models/algorithms/lbfgs.ts'

const options = { maxIterations: 200, tolerance: 1e-6 }

/** Σ k·(xₖ − k)²: a bowl with very different curvatures. */
const bowl: Objective = async (point) => ({
  value: point.reduce((sum, x, k) => sum + (k + 1) * (x - k) ** 2, 0),
  gradient: point.map((x, k) => 2 * (k + 1) * (x - k)),
})

describe('minimising', () => {
  it('finds the bottom of a bowl, whose place is known', async () => {
    const { point, value } = await minimise(bowl, new Float32Array(20).fill(50), options)
    point.forEach((x, k) => {
      expect(x).toBeCloseTo(k, 1)
    })
    expect(value).toBeLessThan(0.05)
  })

  it('never goes up, and leaves the start as it is', async () => {
    const start = new Float32Array(20).fill(9)
    const values: number[] = []
    await minimise(bowl, start, { ...options, onIteration: (_, value) => values.push(value) })
    expect(values.length).toBeGreaterThan(3)
    expect(values).toEqual([...values].sort((a, b) => b - a))
    expect(start).toEqual(new Float32Array(20).fill(9))
  })

  it('gives the same numbers twice', async () => {
    const [a, b] = [
      await minimise(bowl, new Float32Array(9), options),
      await minimise(bowl, new Float32Array(9), options),
    ]
    expect(a).toEqual(b)
  })

  it('stops after as many steps as it may take', async () => {
    expect((await minimise(bowl, new Float32Array(20).fill(50), { ...options, maxIterations: 2 })).iterations).toBe(2)
  })

  it('refuses a function that is not finite where it starts', async () => {
    const broken: Objective = async (point) => ({ value: Number.NaN, gradient: point })
    await expect(minimise(broken, new Float32Array(2), options)).rejects.toThrow(/not finite/)
  })
})
