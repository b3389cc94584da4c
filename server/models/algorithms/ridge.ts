import type { Features } from './features.ts'
import { minimise } from './lbfgs.ts'
import { createProducts } from './products.ts'

/** value = row · weights + bias. */
export interface LinearRegression {
  readonly columns: number
  readonly weights: Float32Array
  readonly bias: number
}

/**
 * Linear regression with a penalty: the least of (1/2m) · Σ (h(x) − y)² + l2/2 · ‖weights‖², from zero by L-BFGS.
 * Source: Hoerl & Kennard, Ridge Regression (1970).
 */
export async function fitRidge(features: Features, targets: Float64Array, l2: number): Promise<LinearRegression> {
  const { columns, rows } = features
  const products = await createProducts(columns, 1)
  try {
    const { point } = await minimise(
      async (at) => {
        const weights = at.subarray(0, columns)
        const errors = await products.forward(features, weights, at.subarray(columns))
        const { loss, sum } = toErrors(errors, targets)
        const gradient = new Float32Array(columns + 1)
        gradient.set(await products.backward(features, errors))
        gradient[columns] = sum
        let squares = 0
        weights.forEach((weight, j) => {
          squares += weight * weight
          gradient[j]! += l2 * weight
        })
        return { value: loss + (l2 / 2) * squares, gradient }
      },
      new Float32Array(columns + 1),
      { maxIterations: 200, tolerance: 1e-6 },
    )
    return { columns, weights: point.slice(0, columns), bias: point[columns]! }
  } finally {
    await products.close()
  }

  /** Replace predictions by what the loss changes with them. @returns the loss and the sum of that. */
  function toErrors(predicted: Float32Array, truth: Float64Array) {
    let [loss, sum] = [0, 0]
    for (let row = 0; row < rows; row++) {
      const error = predicted[row]! - truth[row]!
      loss += (error * error) / (2 * rows)
      predicted[row] = error / rows
      sum += error / rows
    }
    return { loss, sum }
  }
}
