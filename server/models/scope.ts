import type { HeldOut } from './algorithms/cross-fit.ts'

/**
 * How far a text is from all intents: standardised highest logit plus standardised similarity to the nearest training texts.
 * Mean and deviation are those of held-out texts that do belong to an intent, so 0 is an ordinary text and less is stranger.
 * Each of the two alone misses a kind: words of the trade in a foreign question, and foreign words in an ordinary one.
 */
export interface Scope {
  readonly logit: Spread
  readonly similarity: Spread
}

export interface Spread {
  readonly mean: number
  readonly deviation: number
}

/** Measure both parts on the held-out rows that have a label (0 or more). */
export function fitScope(heldOut: HeldOut, classes: number): Scope {
  const rows = heldOut.labels.flatMap((label, row) => (label < 0 ? [] : [row]))
  return {
    logit: spreadOf(rows.map((row) => highestLogit(heldOut, row, classes))),
    similarity: spreadOf(rows.map((row) => heldOut.similarity[row]!)),
  }
}

/** Score of every row; higher is more at home. */
export function scopeScores(heldOut: HeldOut, classes: number, { logit, similarity }: Scope): number[] {
  return heldOut.labels.map((_, row) => {
    const a = (highestLogit(heldOut, row, classes) - logit.mean) / logit.deviation
    return a + (heldOut.similarity[row]! - similarity.mean) / similarity.deviation
  })
}

/** In-scope texts that may be taken for strangers when there is no stranger to learn from. */
const tolerated = 0.02

/**
 * The score below which a text is out of scope: the one that gets most right of both kinds, each kind counting the same.
 * Without strangers: the score that {@link tolerated} of the in-scope texts fall below.
 */
export function bestThreshold(inScope: readonly number[], strangers: readonly number[]): number {
  const sorted = [...inScope].sort((a, b) => a - b)
  if (strangers.length === 0) return sorted[Math.floor(tolerated * sorted.length)]!
  const foreign = [...strangers].sort((a, b) => a - b)
  let best = { share: Number.NEGATIVE_INFINITY, threshold: 0 }
  let [lost, caught] = [0, 0]
  for (const threshold of [...sorted, ...foreign].sort((a, b) => a - b)) {
    while (lost < sorted.length && sorted[lost]! < threshold) lost++
    while (caught < foreign.length && foreign[caught]! < threshold) caught++
    const share = caught / foreign.length - lost / sorted.length
    if (share > best.share) best = { share, threshold }
  }
  return best.threshold
}

function highestLogit({ logits }: HeldOut, row: number, classes: number): number {
  let highest = Number.NEGATIVE_INFINITY
  for (let k = row * classes; k < (row + 1) * classes; k++) highest = Math.max(highest, logits[k]!)
  return highest
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.max(Math.sqrt(variance), 1e-6) }
}
