import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../server/math/random.ts'
import { contentScorer } from '../../../../server/recommend/collaborative/attributes.ts'
import { easeScorer } from '../../../../server/recommend/collaborative/ease.ts'
import { holdOut } from '../../../../server/recommend/collaborative/hold-out.ts'
import { alsScorer } from '../../../../server/recommend/collaborative/implicit-factors.ts'
import {
  type History,
  type Interaction,
  interactionsOf,
} from '../../../../server/recommend/collaborative/interactions.ts'
import { fitMethod, methodNames } from '../../../../server/recommend/collaborative/methods.ts'
import { itemNeighbourScorer, popularityScorer } from '../../../../server/recommend/collaborative/neighbours.ts'
import { fitRatings } from '../../../../server/recommend/collaborative/rating-model.ts'

/** Users of two tastes: the first half has items a0 to a9, the second b0 to b9, each without some; everybody may have `all`. */
const random = createRandom(11)
const rows: readonly Interaction[] = Array.from({ length: 80 }, (_, user) => {
  const taste = user < 40 ? 'a' : 'b'
  const items = Array.from({ length: 10 }, (_, i) => `${taste}${i}`).filter(() => random() < 0.7)
  return [...items, ...(random() < 0.8 ? ['all'] : [])].map((item) => ({
    ...{ user: `u${user}`, item, time: Number.NaN },
    rating: item === 'all' ? 3 : 1 + (Number(item.slice(1)) % 5),
  }))
}).flat()
const people = new Map(
  Array.from({ length: 80 }, (_, user) => [`u${user}`, [`city=${user < 40 ? 'x' : 'y'}`]] as const),
)
const interactions = interactionsOf(rows, ['fresh'], people)
const historyOf = (...items: readonly string[]): History => ({
  items: Int32Array.from(items, (item) => interactions.items.indexOf(item)),
  ratings: new Float32Array(items.length).fill(Number.NaN),
})
const attributes = new Map(
  interactions.items.map((item) => [item, [item === 'fresh' ? 'taste=b' : `taste=${item[0]}`]]),
)

describe('interactions', () => {
  it('keep the last of several with an item, by time where it is known', () => {
    const row = (rating: number, time: number) => ({ user: 'u', item: 'i', rating, time })
    expect(interactionsOf([row(1, 20), row(5, 10)]).histories[0]!.ratings[0]).toBe(1)
    expect(interactionsOf([row(1, Number.NaN), row(5, 10)]).histories[0]!.ratings[0]).toBe(5)
  })

  it('are held out of half the users, the other half the next time, never more than half of anybody', () => {
    const [first, second] = [holdOut(interactions, 1, 0), holdOut(interactions, 1, 1)]
    for (const [user, { items }] of interactions.histories.entries()) {
      const [one, other] = [first.heldOut[user]!.items, second.heldOut[user]!.items]
      expect(Math.min(one.length, other.length)).toBe(0)
      expect(Math.max(one.length, other.length)).toBe(Math.floor(items.length / 2))
      expect([...first.kept.histories[user]!.items, ...one].sort()).toEqual([...items].sort())
    }
  })
})

describe('methods', () => {
  it.each(methodNames.filter((name) => name !== 'popular'))(
    '%s offers somebody who is new what others of their taste have',
    async (name) => {
      const { scorer } = await fitMethod(name, interactions, { attributes, seed: 1 })
      const own = { ...historyOf('b1', 'b2', 'b3'), about: ['city=y', 'age=unheard of'] }
      const scores = scorer(own)
      const rest = interactions.items.filter((item) => !['b1', 'b2', 'b3', 'all'].includes(item))
      const best = rest.toSorted(
        (x, y) => scores[interactions.items.indexOf(y)]! - scores[interactions.items.indexOf(x)]!,
      )
      expect(best.slice(0, 5).every((item) => item.startsWith('b'))).toBe(true)
    },
  )

  it('rank an item that nobody has yet by what is known of it', async () => {
    const { scorer } = await fitMethod('content', interactions, { attributes, seed: 1 })
    const scores = scorer(historyOf('b1', 'b2'))
    expect(scores[interactions.items.indexOf('fresh')]).toBeGreaterThan(scores[interactions.items.indexOf('a1')]!)
  })

  it('are ranked by popularity where nothing is known', async () => {
    const scores = popularityScorer(interactions)(historyOf())
    expect(scores.indexOf(Math.max(...scores))).toBe(interactions.items.indexOf('all'))
  })

  it('say which there are, and what one of them needs', async () => {
    const options = { attributes: undefined, seed: 1 }
    await expect(fitMethod('magic', interactions, options)).rejects.toThrow(
      /--method is one of popular, .*, not 'magic'/,
    )
    await expect(fitMethod('content', interactions, options)).rejects.toThrow('--method content needs --items')
    await expect(fitMethod('demographic', interactionsOf(rows), options)).rejects.toThrow('demographic needs --users')
    const many = interactionsOf(Array.from({ length: 201 }, (_, i) => ({ ...rows[0]!, item: `i${i}` })))
    await expect(fitMethod('next-item', many, options)).rejects.toThrow('for up to 200 items, not 201')
  })

  it('give the same scores for the same seed', async () => {
    const score = async (seed: number) => {
      const { scorer } = await fitMethod('als', interactions, { attributes: undefined, seed })
      return Array.from(scorer(historyOf('a1')))
    }
    expect(await score(1)).toEqual(await score(1))
    expect(await score(2)).not.toEqual(await score(1))
  })
})

describe('formulas', () => {
  const small = interactionsOf(
    [
      ['x', 'p'],
      ['x', 'q'],
      ['y', 'p'],
      ['y', 'q'],
      ['z', 'p'],
      ['z', 'r'],
    ].map(([user, item]) => ({
      ...{ user: user!, item: item!, rating: Number.NaN, time: Number.NaN },
    })),
  )
  const asked = (item: number): History => ({ items: Int32Array.of(item), ratings: new Float32Array(1) })

  it('of EASE minimise the squared error with a zero diagonal', () => {
    // For each target j: weights of the others by ridge regression, solved by hand for q (p and r as features).
    const lambda = 1
    const scores = easeScorer(small, lambda)(asked(0))
    // Features p = (1,1,1), r = (0,0,1), target q = (1,1,0): [4 1; 1 2] w = [2; 0].
    expect(scores[1]).toBeCloseTo((2 * 2 - 1 * 0) / (4 * 2 - 1), 6)
  })

  it('of item neighbours are shrunk cosines', () => {
    const scores = itemNeighbourScorer(small)(asked(0))
    expect(scores[1]).toBeCloseTo((2 / Math.sqrt(6)) * (2 / 22), 6)
    expect(scores[2]).toBeCloseTo((1 / Math.sqrt(3)) * (1 / 21), 6)
  })

  it('of ALS come near what is had, and nearer with more confidence', () => {
    const off = (alpha: number) => {
      const scorer = alsScorer(small, { factors: 2, sweeps: 40, alpha, lambda: 0.1, seed: 1 })
      const errors = small.histories.flatMap((history) =>
        Array.from(history.items, (item) => (1 - scorer(history)[item]!) ** 2),
      )
      return errors.reduce((sum, error) => sum + error, 0) / errors.length
    }
    expect(off(20)).toBeLessThan(0.01)
    expect(off(20)).toBeLessThan(off(1))
  })

  it('of content leave out what one item alone has', () => {
    const scores = contentScorer(
      small,
      new Map([
        ['p', ['k', 'only']],
        ['q', ['k']],
        ['r', ['other']],
      ]),
    )(asked(0))
    expect(scores[1]).toBeCloseTo(1, 6)
    expect(scores[2]).toBe(0)
  })
})

describe('ratings', () => {
  it('are guessed nearer than by the mean, within their range, also of what is not known', () => {
    const guess = fitRatings(interactions, 1)
    const user = interactions.users.indexOf('u0')
    const item = interactions.items.indexOf('a9')
    expect(Math.abs(guess(user, item) - 5)).toBeLessThan(1)
    for (const value of [guess(-1, item), guess(user, -1), guess(-1, -1)]) {
      expect(value).toBeGreaterThanOrEqual(1)
      expect(value).toBeLessThanOrEqual(5)
    }
  })
})
