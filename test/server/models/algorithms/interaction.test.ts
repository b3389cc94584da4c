import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom, gaussian } from '../../../../server/math/random.ts'
import { dot } from '../../../../server/math/vectors.ts'
import { directionOf, fitInteraction, type RankedRows } from '../../../../server/models/algorithms/interaction.ts'
import {
  createRankingLoss,
  type RankingBatch,
  type RankingLoss,
  type RankingParameters,
} from '../../../../server/models/algorithms/ranking-loss.ts'

const random = createRandom(3)
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => gaussian(random))

describe('the ranking loss', () => {
  const sizes = { dimension: 3, rank: 2, columns: 2 }
  // Two groups of two and three rows; the first is filled up.
  const batch: RankingBatch = {
    ...{ groups: 2, rows: 3 },
    questions: numbers(2 * 3),
    features: numbers(2 * 3 * 2),
    vectors: numbers(2 * 3 * 3),
    right: Float32Array.of(0, 1, 0, 1, 0, 1),
    present: Float32Array.of(1, 1, 0, 1, 1, 1),
  }
  const parameters: RankingParameters = { left: numbers(3 * 2), right: numbers(3 * 2), weights: numbers(2) }
  let ranking: RankingLoss
  beforeAll(async () => {
    ranking = await createRankingLoss(sizes)
  })
  afterAll(() => ranking.close())

  /** The loss by its formula, in plain loops. */
  function lossOf({ left, right, weights }: RankingParameters): number {
    const losses = [0, 1].map((group) => {
      const question = batch.questions.subarray(3 * group, 3 * group + 3)
      const direction = directionOf({ dimension: 3, rank: 2, left, right }, question)
      const powers = [0, 1, 2].map((row) => {
        const at = 3 * group + row
        const score =
          dot(direction, batch.vectors.subarray(3 * at, 3 * at + 3)) +
          dot(weights, batch.features.subarray(2 * at, 2 * at + 2))
        return batch.present[at]! * Math.exp(score)
      })
      const sum = (share: readonly number[]) => share.reduce((a, b) => a + b, 0)
      return -Math.log(sum(powers.map((power, row) => power * batch.right[3 * group + row]!)) / sum(powers))
    })
    return (losses[0]! + losses[1]!) / 2
  }

  it('agrees with its formula', async () => {
    expect((await ranking.gradient(batch, parameters)).loss).toBeCloseTo(lossOf(parameters), 5)
  })

  it('has the gradient that differences show', async () => {
    const gradient = await ranking.gradient(batch, parameters)
    const step = 1e-3
    for (const name of ['left', 'right', 'weights'] as const) {
      parameters[name].forEach((value, i) => {
        const moved = (by: number) => lossOf({ ...parameters, [name]: parameters[name].with(i, value + by) })
        expect(gradient[name][i]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 3)
      })
    }
  })
})

describe('an interaction', () => {
  const dimension = 8
  const unit = (axis: number): Float32Array => Float32Array.from({ length: dimension }, (_, i) => (i === axis ? 1 : 0))
  /** What answers a question along one axis lies along the next: no cosine shows it. */
  const groups = (count: number): RankedRows[] =>
    Array.from({ length: count }, (_, i): RankedRows => {
      const axes = [0, 1, 2, 3, 4, 5, 6, 7]
      return {
        question: unit(i % dimension),
        features: axes.map(() => numbers(2)),
        vectors: axes.map(unit),
        right: axes.map((axis) => (axis === (i + 1) % dimension ? 1 : 0)),
      }
    })

  it('learns which vectors answer which questions', async () => {
    const interaction = await fitInteraction(groups(400), 1)
    for (let axis = 0; axis < dimension; axis++) {
      const direction = directionOf(interaction, unit(axis))
      expect(direction.indexOf(Math.max(...direction))).toBe((axis + 1) % dimension)
    }
  })

  it('is the same for the same seed and another for another', async () => {
    const rows = groups(70)
    const [one, same, other] = [
      await fitInteraction(rows, 1),
      await fitInteraction(rows, 1),
      await fitInteraction(rows, 2),
    ]
    expect(same).toEqual(one)
    expect(other).not.toEqual(one)
  })

  it('matches nothing when no question has an answer', async () => {
    const interaction = await fitInteraction(
      groups(3).map((group) => ({ ...group, right: group.right.map(() => 0) })),
      1,
    )
    expect([...directionOf(interaction, unit(0))]).toEqual(Array.from({ length: dimension }, () => 0))
  })
})
