import { stackRows } from './algorithms/features.ts'
import { type LinearModel, logitsOf, trainBinary } from './training.ts'

/**
 * What tells a text of no intent: the highest logit of any intent, the logit of the class of strangers (0 without one), and
 * the similarity to the nearest known texts and to the nearest known strangers (0 without any).
 */
export const scopeFeatures = ['highest', 'strange', 'similarity', 'strangeSimilarity'] as const

/** Values of {@link scopeFeatures}, in their order. */
export type ScopeRow = readonly [number, number, number, number]

/** A score of how much at home a text is, higher for more, and the score below which it counts as a stranger. */
export interface Scope {
  /** Its one logit is the score. */
  readonly model: LinearModel
  readonly threshold: number
}

/** Strangers below this number say nothing of strangers in general. */
export const fewestStrangers = 10
/** Texts with an intent that may be taken for strangers when there is no stranger to learn from. */
const tolerated = 0.02
const l2 = 1e-3

/**
 * Learn to tell held-out strangers by a logistic regression over the features; where there are too few, the score is the sum
 * of the standardised highest logit and the standardised similarity. Either alone misses a kind: words of the trade in a
 * foreign question, and foreign words in an ordinary one.
 * @param known rows of texts with an intent. @param strangers rows of texts without one; all held out.
 */
export async function fitScope(known: readonly ScopeRow[], strangers: readonly ScopeRow[]): Promise<Scope> {
  const learnable = strangers.length >= fewestStrangers
  const model = learnable ? await learnt(known, strangers) : plain(known)
  const scores = await scopeScores(model, known)
  const strange = learnable ? await scopeScores(model, strangers) : []
  return { model, threshold: bestThreshold(scores, strange) }
}

/** Score of each row. */
export async function scopeScores(model: LinearModel, rows: readonly ScopeRow[]): Promise<number[]> {
  return Array.from(await logitsOf(model, stackRows(rows)))
}

function learnt(known: readonly ScopeRow[], strangers: readonly ScopeRow[]): Promise<LinearModel> {
  const labels = [...known.map(() => 1), ...strangers.map(() => 0)]
  return trainBinary(stackRows([...known, ...strangers]), labels, { l2, standardise: true, classWeights: 'balanced' })
}

function plain(known: readonly ScopeRow[]): LinearModel {
  const [mean, deviation] = [new Float32Array(4), new Float32Array(4).fill(1)]
  for (const at of [0, 2] as const) {
    const values = known.map((row) => row[at])
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length
    mean[at] = centre
    deviation[at] = Math.max(Math.sqrt(variance), 1e-6)
  }
  return {
    kind: 'binary',
    columns: 4,
    outputs: 1,
    standard: { mean, deviation },
    weights: Float32Array.of(1, 0, 1, 0),
    sparseWeights: new Float32Array(0),
    bias: new Float32Array(1),
    iterations: 0,
    loss: 0,
  }
}

/**
 * The score below which a text is out of scope: the one that gets most right of both kinds, each kind counting the same.
 * Without strangers: the score that {@link tolerated} of the known texts fall below.
 */
export function bestThreshold(known: readonly number[], strangers: readonly number[]): number {
  const kept = [...known].sort((a, b) => a - b)
  if (strangers.length === 0) return kept[Math.floor(tolerated * kept.length)]!
  const foreign = [...strangers].sort((a, b) => a - b)
  let best = { gain: Number.NEGATIVE_INFINITY, threshold: 0 }
  let [lost, caught] = [0, 0]
  for (const threshold of [...kept, ...foreign].sort((a, b) => a - b)) {
    while (lost < kept.length && kept[lost]! < threshold) lost++
    while (caught < foreign.length && foreign[caught]! < threshold) caught++
    const gain = caught / foreign.length - lost / kept.length
    if (gain > best.gain) best = { gain, threshold }
  }
  return best.threshold
}
