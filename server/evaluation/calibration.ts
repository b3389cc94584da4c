/** Predictions of similar confidence. */
export interface ReliabilityBin {
  /** The bin holds confidences above `low` and up to `high`; the first one also 0. */
  readonly low: number
  readonly high: number
  readonly count: number
  /** Mean confidence and share of right predictions; 0 in an empty bin. */
  readonly confidence: number
  readonly accuracy: number
}

/**
 * Confidence against accuracy in bins of equal width.
 * @param confidences 0 to 1.
 * @throws {RangeError} if the lengths differ, or a confidence is outside 0 to 1.
 */
export function reliabilityBins(
  confidences: readonly number[],
  right: readonly boolean[],
  bins = 15,
): ReliabilityBin[] {
  if (confidences.length !== right.length) throw new RangeError('confidences and outcomes differ in number')
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }))
  confidences.forEach((confidence, i) => {
    if (!(confidence >= 0 && confidence <= 1))
      throw new RangeError(`a confidence has to be within 0 and 1, not ${confidence}`)
    const bin = sums[Math.max(0, Math.ceil(confidence * bins) - 1)]!
    bin.count++
    bin.confidence += confidence
    bin.right += Number(right[i])
  })
  return sums.map(({ count, confidence, right: hits }, i) => ({
    low: i / bins,
    high: (i + 1) / bins,
    count,
    confidence: count && confidence / count,
    accuracy: count && hits / count,
  }))
}

/** If only the surest answers were given: what share is given, and what share of those is wrong. */
export interface RiskPoint {
  readonly threshold: number
  readonly coverage: number
  readonly risk: number
}

/** One point per distinct confidence, from the surest on (El-Yaniv & Wiener 2010). @throws {RangeError} if the lengths differ. */
export function riskCoverage(confidences: readonly number[], right: readonly boolean[]): RiskPoint[] {
  if (confidences.length !== right.length) throw new RangeError('confidences and outcomes differ in number')
  const order = Array.from(confidences, (_, i) => i).sort((a, b) => confidences[b]! - confidences[a]!)
  const points: RiskPoint[] = []
  let wrong = 0
  order.forEach((at, i) => {
    if (!right[at]) wrong++
    const threshold = confidences[at]!
    const next = order[i + 1]
    if (next !== undefined && confidences[next] === threshold) return
    points.push({ threshold, coverage: (i + 1) / order.length, risk: wrong / (i + 1) })
  })
  return points
}

/** Probabilities that sum to 1. @param temperature above 0; above 1 makes them less sure. */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const probabilities = Float64Array.from(logits)
  let [highest, sum] = [Number.NEGATIVE_INFINITY, 0]
  for (const logit of probabilities) highest = Math.max(highest, logit)
  for (let i = 0; i < probabilities.length; i++) {
    probabilities[i] = Math.exp((probabilities[i]! - highest) / temperature)
    sum += probabilities[i]!
  }
  return probabilities.map((value) => value / sum)
}

/** Mean −ln of the probability given to the right label: what a calibrated model makes small. NaN of nothing. */
export function logLoss(logits: readonly ArrayLike<number>[], labels: readonly number[], temperature = 1): number {
  let sum = 0
  logits.forEach((row, i) => {
    let [highest, total] = [Number.NEGATIVE_INFINITY, 0]
    for (let j = 0; j < row.length; j++) highest = Math.max(highest, row[j]!)
    for (let j = 0; j < row.length; j++) total += Math.exp((row[j]! - highest) / temperature)
    sum += Math.log(total) - (row[labels[i]!]! - highest) / temperature
  })
  return sum / logits.length
}

const golden = (Math.sqrt(5) - 1) / 2
const steps = 60

/**
 * The temperature that makes the log loss least (Guo et al. 2017), by golden section over ln T: the loss has one minimum there,
 * as it is convex in 1 / T. Between 0.05 and 20, so that a model that is always right does not become infinitely sure.
 * @param logits one row per example. @param labels index of the right logit of each row.
 * @throws {RangeError} if there are no rows, a label is out of range or a logit is not finite.
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], labels: readonly number[]): number {
  if (logits.length === 0 || logits.length !== labels.length)
    throw new RangeError('a temperature needs as many rows as labels')
  logits.forEach((row, i) => {
    if (!Array.from(row).every(Number.isFinite)) throw new RangeError(`row ${i} has logits that are not finite`)
    if (row[labels[i]!] === undefined) throw new RangeError(`row ${i} has no logit for label ${labels[i]}`)
  })
  const loss = (at: number): number => logLoss(logits, labels, Math.exp(at))
  let [low, high] = [Math.log(0.05), Math.log(20)]
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)]
  let [lossLeft, lossRight] = [loss(left), loss(right)]
  for (let step = 0; step < steps; step++) {
    if (lossLeft <= lossRight) {
      ;[high, right, lossRight] = [right, left, lossLeft]
      left = high - golden * (high - low)
      lossLeft = loss(left)
    } else {
      ;[low, left, lossLeft] = [left, right, lossRight]
      right = low + golden * (high - low)
      lossRight = loss(right)
    }
  }
  return Math.exp((low + high) / 2)
}
