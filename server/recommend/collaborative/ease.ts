import { inverseOf } from '../../math/symmetric.ts'
import type { Interactions } from './interactions.ts'
import { coOccurrences } from './neighbours.ts'
import type { Scorer } from './scorer.ts'

/** How much having an item speaks for each other one, [from, to]; 0 for itself. Costs the cube of the number of items. */
export function easeWeights(interactions: Interactions, lambda: number): Float32Array {
  const size = interactions.items.length
  const gram = Float64Array.from(coOccurrences(interactions))
  for (let i = 0; i < size; i++) gram[i * size + i]! += lambda
  const inverse = inverseOf(gram, size)
  const weights = new Float32Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      if (i !== j) weights[i * size + j] = -inverse[i * size + j]! / inverse[j * size + j]!
    }
  }
  return weights
}

/**
 * A linear model that foretells each item from all others, in closed form.
 * Source: Steck, Embarrassingly Shallow Autoencoders for Sparse Data (WWW 2019): B = −P / diag(P) off the diagonal, with
 * P = (XᵀX + λ·I)⁻¹.
 */
export const easeScorer = (interactions: Interactions, lambda: number): Scorer =>
  linearScorer(easeWeights(interactions, lambda), interactions.items.length)

/** Adds up the weights of what somebody has, [items, items]. */
export const linearScorer =
  (weights: Float32Array, size: number): Scorer =>
  ({ items }) => {
    const scores = new Float64Array(size)
    for (const item of items) for (let j = 0; j < size; j++) scores[j]! += weights[item * size + j]!
    return scores
  }
