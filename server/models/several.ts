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

/** The output of a gate. */
export const gateLabel = 'any'

const logitOf = (probability: number): number => Math.log((probability + 1e-9) / (1 - probability + 1e-9))

/** How likely a text has any label at all: what the gate says and what the likeliest label says, as log odds added up. */
export const gateScore = (any: number, likeliest: number): number => logitOf(any) + logitOf(likeliest)

/**
 * Thresholds of a model with a gate, from held-out texts: the lowest score at which at most `falseAlarms` of those without a
 * label get one, and the probability of further labels with the best F1.
 * @param place of the gate among the outputs. @param falseAlarms 0 to 1.
 */
export function gateThresholds(
  logits: readonly Float32Array[],
  lists: readonly (readonly number[])[],
  temperature: number,
  { place, falseAlarms }: { readonly place: number; readonly falseAlarms: number },
): { readonly several: number; readonly gate: number } {
  const kinds = logits.map((row) => row.filter((_, k) => k !== place))
  const own = lists.map((list) => list.flatMap((k) => (k === place ? [] : [k > place ? k - 1 : k])))
  const probability = (logit: number): number => sigmoid(logit / temperature)
  const scores = logits.flatMap((row, i) =>
    own[i]!.length === 0 ? [gateScore(probability(row[place]!), probability(Math.max(...kinds[i]!)))] : [],
  )
  const [next] = scores.sort((a, b) => b - a).slice(Math.floor(falseAlarms * scores.length))
  // Just above the first that would be one too many; without texts that have no label nothing is known of them.
  return { several: chooseThreshold(kinds, own, temperature), gate: next === undefined ? 0 : next + 1e-6 }
}
