/** What a model said of a labelled row that it was not fitted to. */
export interface HeldOutReading {
  /** Number of the row. */
  readonly row: number
  readonly gold: string
  /** What it would be told as; another than the most probable label where the row is taken for out of scope. */
  readonly said: string
  /** Of each label. */
  readonly probabilities: ArrayLike<number>
}

/** Rows of one label that were taken for another. */
export interface Confusion {
  readonly gold: string
  readonly said: string
  readonly n: number
  /** Of all rows of the label. */
  readonly share: number
}

/** Two labels, each of which seems likely where the other is right. */
export interface Overlap {
  readonly labels: readonly [string, string]
  /** Mean probability of the one on rows of the other, averaged over both ways, 0 to 1. */
  readonly overlap: number
}

/** A row whose label is probably wrong. */
export interface Suspect {
  readonly row: number
  readonly label: string
  readonly instead: string
  /** Probability of the label that it has, and of the one that it should have. */
  readonly ofLabel: number
  readonly ofInstead: number
}

/** Pairs by how often the first was taken for the second, most often first. */
export function confusions(readings: readonly HeldOutReading[], most: number): Confusion[] {
  const totals = new Map<string, number>()
  const pairs = new Map<string, { gold: string; said: string; n: number }>()
  for (const { gold, said } of readings) {
    totals.set(gold, (totals.get(gold) ?? 0) + 1)
    if (gold === said) continue
    const key = JSON.stringify([gold, said])
    const pair = pairs.get(key) ?? { gold, said, n: 0 }
    pair.n++
    pairs.set(key, pair)
  }
  return [...pairs.entries()]
    .sort(([a, one], [b, other]) => other.n - one.n || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([, pair]) => ({ ...pair, share: pair.n / totals.get(pair.gold)! }))
}

/** Pairs of labels by how much they overlap, most first. @param labels in the order of the probabilities. */
export function overlaps(readings: readonly HeldOutReading[], labels: readonly string[], most: number): Overlap[] {
  const means = meanProbabilities(readings, labels)
  const pairs = labels.flatMap((a, i) =>
    labels.slice(i + 1).flatMap((b, k): Overlap[] => {
      const [ofA, ofB] = [means.get(a), means.get(b)]
      return ofA && ofB ? [{ labels: [a, b], overlap: (ofA[i + 1 + k]! + ofB[i]!) / 2 }] : []
    }),
  )
  return pairs.sort((one, other) => other.overlap - one.overlap).slice(0, most)
}

/** Mean probability of each label over the rows of each. */
function meanProbabilities(readings: readonly HeldOutReading[], labels: readonly string[]): Map<string, Float64Array> {
  const counts = new Map<string, number>()
  const sums = new Map<string, Float64Array>()
  for (const { gold, probabilities } of readings) {
    const sum = sums.get(gold) ?? new Float64Array(labels.length)
    for (let place = 0; place < sum.length; place++) sum[place]! += probabilities[place]!
    sums.set(gold, sum)
    counts.set(gold, (counts.get(gold) ?? 0) + 1)
  }
  return new Map([...sums].map(([label, sum]) => [label, sum.map((value) => value / counts.get(label)!)]))
}

/**
 * Rows that most likely have the wrong label, the surest first: another label is at least as probable as it is on its own rows
 * on average, and is the most probable of those; ranked by the margin between the two. The probabilities have to be of models
 * that were not fitted to the row. Source: Northcutt, Jiang & Chuang, Confident learning: estimating uncertainty in dataset
 * labels (2021).
 * @returns all of them counted, and the first `most`.
 */
export function suspects(
  readings: readonly HeldOutReading[],
  labels: readonly string[],
  most: number,
): { readonly count: number; readonly rows: readonly Suspect[] } {
  const means = meanProbabilities(readings, labels)
  const thresholds = labels.map((label, place) => means.get(label)?.[place] ?? Number.POSITIVE_INFINITY)
  const places = new Map(labels.map((label, place) => [label, place]))
  const found = readings.flatMap(({ row, gold, probabilities }): Suspect[] => {
    let best = -1
    for (const [place, threshold] of thresholds.entries())
      if (probabilities[place]! >= threshold && (best < 0 || probabilities[place]! > probabilities[best]!)) best = place
    if (best < 0 || labels[best] === gold) return []
    const ofLabel = probabilities[places.get(gold) ?? -1] ?? 0
    return [{ row, label: gold, instead: labels[best]!, ofLabel, ofInstead: probabilities[best]! }]
  })
  const margin = ({ ofLabel, ofInstead }: Suspect): number => ofLabel - ofInstead
  return { count: found.length, rows: found.sort((a, b) => margin(a) - margin(b) || a.row - b.row).slice(0, most) }
}
