import { percentile } from '../math/statistics.ts'
import { fitStandard, stackRows } from './algorithms/features.ts'
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
const tolerated = 0.01
const l2 = 1e-3

/**
 * Learn to tell held-out strangers by a logistic regression over the features, both kinds counting the same: its boundary at 0
 * is the threshold, which is steadier than the best cut through a hundred strangers. Where there are too few, the score is the
 * sum of the standardised highest logit and the standardised similarity, cut so that {@link tolerated} of the known are lost.
 * Either alone misses a kind: words of the trade in a foreign question, and foreign words in an ordinary one.
 * @param known rows of texts with an intent. @param strangers rows of texts without one; all held out.
 */
export async function fitScope(known: readonly ScopeRow[], strangers: readonly ScopeRow[]): Promise<Scope> {
  if (strangers.length >= fewestStrangers) return { model: await learnt(known, strangers), threshold: 0 }
  const model = plain(known)
  return { model, threshold: percentile(await scopeScores(model, known), tolerated) }
}

/** Score of each row. */
export async function scopeScores(model: LinearModel, rows: readonly ScopeRow[]): Promise<number[]> {
  return Array.from(await logitsOf(model, stackRows(rows)))
}

function learnt(known: readonly ScopeRow[], strangers: readonly ScopeRow[]): Promise<LinearModel> {
  const labels = [...known.map(() => 1), ...strangers.map(() => 0)]
  return trainBinary(stackRows([...known, ...strangers]), labels, { l2, standardise: true, classWeights: 'balanced' })
}

/** Highest logit and similarity, each in deviations from the mean of the known; the other two features do not count. */
function plain(known: readonly ScopeRow[]): LinearModel {
  return {
    kind: 'binary',
    columns: scopeFeatures.length,
    outputs: 1,
    standard: fitStandard(stackRows(known)),
    weights: Float32Array.of(1, 0, 1, 0),
    sparseWeights: new Float32Array(0),
    bias: new Float32Array(1),
    iterations: 0,
    loss: 0,
  }
}
