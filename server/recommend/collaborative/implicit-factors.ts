import { createRandom, gaussian } from '../../math/random.ts'
import { factorise, solveFactorised } from '../../math/symmetric.ts'
import { dotRow } from '../../math/vectors.ts'
import { type Interactions, usersByItem } from './interactions.ts'
import type { Scorer } from './scorer.ts'

export interface FactorOptions {
  readonly factors: number
  readonly sweeps: number
  /** How much more what somebody has counts than what they do not: confidence 1 + alpha against 1. */
  readonly alpha: number
  /** Penalty on the length of factors. */
  readonly lambda: number
  readonly seed: number
}

/**
 * Factors of users and items by alternating least squares on all pairs. Whoever is scored gets the factors that fit what they
 * have. Source: Hu, Koren & Volinsky, Collaborative Filtering for Implicit Feedback Datasets (ICDM 2008).
 */
export function alsScorer(interactions: Interactions, options: FactorOptions): Scorer {
  const { factors, sweeps, seed } = options
  const random = createRandom(seed)
  const start = (rows: number) => Float64Array.from({ length: rows * factors }, () => 0.01 * gaussian(random))
  const [users, items] = [start(interactions.users.length), start(interactions.items.length)]
  const having = usersByItem(interactions)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const ofItems = gramOf(items, options)
    for (const [user, { items: own }] of interactions.histories.entries())
      users.set(solved(ofItems, items, own, options), user * factors)
    const ofUsers = gramOf(users, options)
    for (const [item, own] of having.entries()) items.set(solved(ofUsers, users, own, options), item * factors)
  }
  const ofItems = gramOf(items, options)
  return ({ items: own }) => {
    const user = solved(ofItems, items, own, options)
    return Float64Array.from(interactions.items, (_, item) => dotRow(user, items, item * factors))
  }
}

/** YᵀY + λ·I, the part that is the same for everybody; the lower half. */
function gramOf(rows: Float64Array, { factors: n, lambda }: FactorOptions): Float64Array {
  const gram = new Float64Array(n * n)
  for (let from = 0; from < rows.length; from += n) addSquare(gram, rows, from, n, 1)
  for (let i = 0; i < n; i++) gram[i * n + i]! += lambda
  return gram
}

/** gram += weight · y·yᵀ for the row y that begins at `from`; the lower half. */
function addSquare(gram: Float64Array, rows: Float64Array, from: number, n: number, weight: number): void {
  for (let i = 0; i < n; i++) {
    const [factor, to] = [weight * rows[from + i]!, i * n]
    for (let j = 0; j <= i; j++) gram[to + j]! += factor * rows[from + j]!
  }
}

/** The factors of one side that fit what it has, given the other side's. */
function solved(gram: Float64Array, rows: Float64Array, own: Int32Array, { factors: n, alpha }: FactorOptions) {
  const matrix = gram.slice()
  const right = new Float64Array(n)
  for (const one of own) {
    addSquare(matrix, rows, one * n, n, alpha)
    for (let i = 0; i < n; i++) right[i]! += (1 + alpha) * rows[one * n + i]!
  }
  factorise(matrix, n)
  solveFactorised(matrix, n, right)
  return right
}
