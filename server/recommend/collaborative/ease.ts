import { inverseOf } from '../../math/symmetric.ts'
import type { Interactions } from './interactions.ts'
import { coOccurrences } from './neighbours.ts'
import type { Scorer } from './scorer.ts'

/**
 * A linear model that foretells each item from all others, in closed form.
 * Source: Steck, Embarrassingly Shallow Autoencoders for Sparse Data (WWW 2019): B = −P / diag(P) off the diagonal, with
 * P = (XᵀX + λ·I)⁻¹. Costs the cube of the number of items.
 */
export function easeScorer(interactions: Interactions, lambda: number): Scorer {
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
  return ({ items }) => {
    const scores = new Float64Array(size)
    for (const item of items) {
      const from = item * size
      for (let j = 0; j < size; j++) scores[j]! += weights[from + j]!
    }
    return scores
  }
}
