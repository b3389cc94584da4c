import { ModelError } from '../../errors.ts'
import type { Candidate, FittedModel, LearningRows, TableTask } from './method.ts'
import type { Prepared } from './preparation.ts'

/** A model with what turns its scores into the target's unit. */
export interface FittedTable {
  /** Of the candidate. */
  readonly name: string
  readonly model: FittedModel
  /** 0 and 1 for classes. */
  readonly scale: { readonly mean: number; readonly deviation: number }
}

export interface TablePart extends LearningRows {
  readonly task: TableTask
  /** Weigh both classes alike. */
  readonly balanced: boolean
}

/** Fit a candidate; numbers are learnt as distances from their mean in deviations. */
export async function fitTable(
  { task, balanced, ...rows }: TablePart,
  candidate: Candidate,
  seed: number,
  onShare: (share: number) => void,
): Promise<FittedTable> {
  const scale = task === 'tabular-regression' ? scaleOf(rows.targets) : { mean: 0, deviation: 1 }
  const targets = rows.targets.map((target) => (target - scale.mean) / scale.deviation)
  const weights = task === 'tabular-classification' && balanced ? evenWeights(targets) : undefined
  const model = await candidate.fit({ ...rows, targets, weights }, { task, seed, onShare })
  return { name: candidate.name, model, scale }
}

/**
 * Logits of the second class, or values in the target's unit; all finite, in the model file's float32 as well.
 * @throws {ModelError} naming the candidate, if it diverged: a network whose steps are too large ends in NaN.
 */
export function tableScores({ name, model, scale }: FittedTable, rows: Prepared): Float64Array {
  const scores = model.scores(rows).map((score) => score * scale.deviation + scale.mean)
  if (scores.every((score) => Number.isFinite(Math.fround(score)))) return scores
  throw new ModelError(
    `${name} diverged, its scores are no numbers: train with smaller steps, such as --option rate=0.001`,
  )
}

function scaleOf(targets: Float64Array) {
  let sum = 0
  for (const target of targets) sum += target
  const mean = Math.fround(sum / targets.length)
  let squares = 0
  for (const target of targets) squares += (target - mean) ** 2
  return { mean, deviation: Math.fround(Math.sqrt(squares / targets.length)) || 1 }
}

/** Weights of mean 1 by which both classes count alike. */
function evenWeights(targets: Float64Array): Float64Array {
  let positives = 0
  for (const target of targets) positives += target
  const [one, zero] = [targets.length / (2 * positives), targets.length / (2 * (targets.length - positives))]
  return targets.map((target) => (target === 1 ? one : zero))
}
