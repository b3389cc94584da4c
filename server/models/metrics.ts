/** Softmax of each row of logits ÷ temperature. */
export function softmaxRows(logits: Float32Array, classes: number, temperature = 1): Float32Array {
  const probabilities = new Float32Array(logits.length)
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes)
    const highest = Math.max(...row)
    const powers = Array.from(row, (logit) => Math.exp((logit - highest) / temperature))
    const sum = powers.reduce((a, b) => a + b, 0)
    powers.forEach((power, k) => {
      probabilities[from + k] = power / sum
    })
  }
  return probabilities
}

/** Place of the highest value of a row, the first of equals. */
export function bestOf(row: ArrayLike<number>): number {
  let best = 0
  for (let k = 1; k < row.length; k++) if (row[k]! > row[best]!) best = k
  return best
}

/** Share of right answers. */
export function accuracy(truth: readonly string[], given: readonly string[]): number {
  return truth.filter((label, i) => label === given[i]).length / truth.length
}

/** Mean F1 over the labels that occur in `truth`. */
export function macroF1(truth: readonly string[], given: readonly string[]): number {
  const labels = [...new Set(truth)]
  const scores = labels.map((label) => {
    const both = truth.filter((is, i) => is === label && given[i] === label).length
    const either = truth.filter((is) => is === label).length + given.filter((is) => is === label).length
    return (2 * both) / either
  })
  return scores.reduce((a, b) => a + b, 0) / labels.length
}

/** Expected calibration error: 15 bins of equal width over the confidence. */
export function ece(confidence: readonly number[], right: readonly boolean[]): number {
  const bins = 15
  const [sums, hits] = [new Float64Array(bins), new Float64Array(bins)]
  confidence.forEach((p, i) => {
    const bin = Math.min(bins - 1, Math.floor(p * bins))
    sums[bin] = sums[bin]! + p
    hits[bin] = hits[bin]! + Number(right[i])
  })
  return sums.reduce((total, sum, bin) => total + Math.abs(sum - hits[bin]!), 0) / confidence.length
}

/** Probability that a positive scores above a negative; ties count half. NaN if either is missing. */
export function auroc(positives: readonly number[], negatives: readonly number[]): number {
  const sorted = [...negatives].sort((a, b) => a - b)
  const below = (value: number, orEqual: boolean) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (orEqual ? sorted[middle]! <= value : sorted[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
  const wins = positives.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0)
  return wins / (positives.length * negatives.length)
}

/**
 * The temperature that makes softmax(logits ÷ T) most likely, 0.05 to 20. Source: Guo et al., On Calibration of Modern
 * Neural Networks (2017); golden section over ln T, where the loss has one minimum.
 */
export function fitTemperature(logits: Float32Array, labels: ArrayLike<number>, classes: number): number {
  const loss = (logTemperature: number) => {
    const temperature = Math.exp(logTemperature)
    let sum = 0
    for (let row = 0; row < labels.length; row++) {
      const of = logits.subarray(row * classes, (row + 1) * classes)
      const highest = Math.max(...of)
      let total = 0
      for (const logit of of) total += Math.exp((logit - highest) / temperature)
      sum += Math.log(total) - (of[labels[row]!]! - highest) / temperature
    }
    return sum
  }
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = [Math.log(0.05), Math.log(20)]
  for (let step = 0; step < 40; step++) {
    const [left, right] = [high - ratio * (high - low), low + ratio * (high - low)]
    if (loss(left) <= loss(right)) high = right
    else low = left
  }
  return Math.exp((low + high) / 2)
}
