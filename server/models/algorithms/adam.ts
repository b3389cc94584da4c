/** Decay of the mean of gradients and of their squares, and what keeps the quotient finite: the paper's defaults. */
export const [meanDecay, squareDecay, epsilon] = [0.9, 0.999, 1e-8]

/**
 * One group of parameters under Adam. Source: Kingma & Ba, Adam: A Method for Stochastic Optimization (ICLR 2015), algorithm 1.
 * @param l2 strength of a penalty l2/2 · ‖parameters‖² beside the loss.
 * @returns a step that changes `parameters` in place, against `gradient` (as long as they are), by about `rate` each.
 */
export function createAdam(parameters: Float32Array, l2: number) {
  const [mean, square] = [new Float64Array(parameters.length), new Float64Array(parameters.length)]
  let steps = 0
  return (gradient: ArrayLike<number>, rate: number): void => {
    steps++
    const [meanScale, squareScale] = [1 / (1 - meanDecay ** steps), 1 / (1 - squareDecay ** steps)]
    for (let i = 0; i < parameters.length; i++) {
      const slope = gradient[i]! + l2 * parameters[i]!
      mean[i] = meanDecay * mean[i]! + (1 - meanDecay) * slope
      square[i] = squareDecay * square[i]! + (1 - squareDecay) * slope * slope
      parameters[i]! -= (rate * mean[i]! * meanScale) / (Math.sqrt(square[i]! * squareScale) + epsilon)
    }
  }
}
