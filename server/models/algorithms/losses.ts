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

/** As {@link toSoftmaxErrors} for the binary cross-entropy of one logit a row; labels 0 or 1. */
export function toSigmoidErrors(logits: Float32Array, labels: ArrayLike<number>, weights: Float32Array): number {
  const rows = weights.length
  let loss = 0
  for (let row = 0; row < rows; row++) {
    const logit = logits[row]!
    const factor = weights[row]! / rows
    // log(1 + e^z) − y·z, written so that neither end overflows.
    loss += factor * (Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - labels[row]! * logit)
    logits[row] = factor * (1 / (1 + Math.exp(-logit)) - labels[row]!)
  }
  return loss
}
