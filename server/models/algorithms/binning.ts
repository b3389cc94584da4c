/** Features as small numbers, for histograms. */
export interface Binned {
  readonly rows: number
  readonly features: number
  /** Feature by feature, a bin a row. */
  readonly bins: Uint8Array
  /** Of each feature, ascending: a value is in the first bin whose cut is not below it, or in the one behind the last. */
  readonly cuts: readonly Float32Array[]
}

/** Most bins of a feature. */
export const maxBins = 255
/** Values of a feature that quantiles are taken from; every so many rows, so that the same rows give the same cuts. */
const sampleRows = 100_000

/**
 * Cut features at their quantiles. Source: Chen & Guestrin, XGBoost (2016), 3.2, without weights.
 * @param columns a value a row each; finite. @param most bins of a feature, up to {@link maxBins}.
 */
export function binFeatures(columns: readonly Float32Array[], most = maxBins): Binned {
  const rows = columns[0]?.length ?? 0
  const bins = new Uint8Array(columns.length * rows)
  const cuts = columns.map((values) => cutsOf(values, most))
  for (const [feature, values] of columns.entries())
    fillBins(bins.subarray(feature * rows, (feature + 1) * rows), values, cuts[feature]!)
  return { rows, features: columns.length, bins, cuts }
}

/** Half-way between neighbours, so that another rounding elsewhere changes no side. */
function cutsOf(values: Float32Array, most: number): Float32Array {
  const step = Math.max(1, Math.floor(values.length / sampleRows))
  const sorted = (step === 1 ? values.slice() : values.filter((_, i) => i % step === 0)).sort()
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1])
  if (distinct.length <= most) return Float32Array.from({ length: distinct.length - 1 }, (_, i) => between(distinct, i))
  const cuts: number[] = []
  for (let bin = 1, at = 0; bin < most; bin++) {
    const quantile = sorted[Math.floor((bin * sorted.length) / most)]!
    while (distinct[at + 1] !== undefined && distinct[at + 1]! < quantile) at++
    const cut = distinct[at + 1] === undefined ? undefined : between(distinct, at)
    if (cut !== undefined && cut !== cuts.at(-1)) cuts.push(cut)
  }
  return Float32Array.from(cuts)
}

function between(sorted: Float32Array, at: number): number {
  const [low, high] = [sorted[at]!, sorted[at + 1]!]
  const middle = Math.fround(low + (high - low) / 2)
  // Neighbours in float32 have nothing between them: a value on the cut is left of it.
  return middle < high ? middle : low
}

function fillBins(bins: Uint8Array, values: Float32Array, cuts: Float32Array): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    let [low, high] = [0, cuts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (cuts[middle]! < value) low = middle + 1
      else high = middle
    }
    bins[row] = low
  }
}
