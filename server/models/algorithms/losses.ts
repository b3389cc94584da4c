/**
 * Replace logits by d(mean loss)/d(logit) of the softmax cross-entropy, row by row.
 * @param weights weight of each row, mean 1. @returns the mean loss.
 */
export function toSoftmaxErrors(
  logits: Float32Array,
  labels: ArrayLike<number>,
  weights: Float32Array,
  classes: number,
): number {
  const rows = weights.length
  let loss = 0
  for (let row = 0; row < rows; row++) {
    const from = row * classes
    const to = from + classes
    const at = from + labels[row]!
    let highest = Number.NEGATIVE_INFINITY
    for (let k = from; k < to; k++) if (logits[k]! > highest) highest = logits[k]!
    const truth = logits[at]! - highest
    let sum = 0
    for (let k = from; k < to; k++) {
      const power = Math.exp(logits[k]! - highest)
      logits[k] = power
      sum += power
    }
    const factor = weights[row]! / rows
    loss += factor * (Math.log(sum) - truth)
    for (let k = from; k < to; k++) logits[k]! *= factor / sum
    logits[at]! -= factor
  }
  return loss
}

/**
 * As {@link toSoftmaxErrors} for the binary cross-entropy of every logit by itself, summed over the outputs of a row.
 * @param labels rows × outputs, 0 or 1.
 */
export function toSigmoidErrors(
  logits: Float32Array,
  labels: ArrayLike<number>,
  weights: Float32Array,
  outputs: number,
): number {
  const rows = weights.length
  let loss = 0
  for (let row = 0; row < rows; row++) {
    const factor = weights[row]! / rows
    for (let at = row * outputs; at < (row + 1) * outputs; at++) {
      const logit = logits[at]!
      // log(1 + e^z) − y·z, written so that neither end overflows.
      loss += factor * (Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - labels[at]! * logit)
      logits[at] = factor * (1 / (1 + Math.exp(-logit)) - labels[at]!)
    }
  }
  return loss
}
