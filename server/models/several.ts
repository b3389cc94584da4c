/** Thresholds that are tried for texts with several labels. */
const steps = 99
/** Temperatures that are tried, from half as sure to twice as sure. */
const temperatures = Array.from({ length: 31 }, (_, i) => 2 ** ((i - 15) / 15))

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit))

/**
 * The temperature that makes the log loss of labels by themselves least, and that loss, per pair of text and label.
 * @param logits one row a text, as long as there are labels. @param lists labels of each text.
 */
export function fitSlope(
  logits: readonly Float32Array[],
  lists: readonly (readonly number[])[],
): { readonly temperature: number; readonly loss: number } {
  const lossAt = (temperature: number): number => {
    let [sum, pairs] = [0, 0]
    logits.forEach((row, i) => {
      for (const logit of row) sum += Math.log1p(Math.exp(logit / temperature))
      for (const place of lists[i]!) sum -= row[place]! / temperature
      pairs += row.length
    })
    return sum / pairs
  }
  const all = temperatures.map((temperature) => ({ temperature, loss: lossAt(temperature) }))
  return all.reduce((best, one) => (one.loss < best.loss ? one : best))
}

/**
 * The probability from which on a label is given, so that F1 over all pairs of held-out texts and labels is highest.
 * @returns 0.01 to 0.99.
 */
export function chooseThreshold(
  logits: readonly Float32Array[],
  lists: readonly (readonly number[])[],
  temperature: number,
): number {
  const [right, said] = [new Float64Array(steps), new Float64Array(steps)]
  let gold = 0
  logits.forEach((row, i) => {
    const wanted = new Set(lists[i])
    gold += wanted.size
    row.forEach((logit, place) => {
      const last = Math.min(steps, Math.floor(sigmoid(logit / temperature) * (steps + 1)))
      for (let step = 0; step < last; step++) {
        said[step]!++
        if (wanted.has(place)) right[step]!++
      }
    })
  })
  let best = 0
  const f1 = (step: number): number => (2 * right[step]!) / (gold + said[step]!)
  for (let step = 1; step < steps; step++) if (f1(step) > f1(best)) best = step
  return (best + 1) / (steps + 1)
}
