import { softmax } from '../evaluation/calibration.ts'
import type { HeldOutReading } from '../evaluation/label-issues.ts'
import { chooseHead, combined, scopeRowsOf } from './classifier-choice.ts'
import type { ClassifierSpec } from './classifier-spec.ts'
import { judgementOf, labelOf } from './judgement.ts'
import { checkRequest, labelsOf, nameRows, rowsWhere } from './preparation.ts'
import { scopeScores } from './scope.ts'
import type { TrainRequest } from './service.ts'

export interface LabelReview {
  /** In the order of the probabilities. */
  readonly labels: readonly string[]
  /** Of the examples that have a label, each read by a model that was fitted without it; of many rows, a fifth of them. */
  readonly readings: readonly HeldOutReading[]
}

/** Read labelled examples as trainClassifier would measure itself on them. @throws {InputError} {@link RangeError} as it does. */
export async function reviewLabels(
  request: TrainRequest,
  spec: ClassifierSpec & { readonly oosLabel: string },
): Promise<LabelReview> {
  checkRequest(request)
  const { examples, vectors, seed, onProgress } = request
  const labels = labelsOf(examples, spec.oosLabel)
  const places = new Map(labels.map((label, place) => [label, place]))
  const rows = rowsWhere(request, places, () => true)
  const data = { rows, labels: labels.length, names: nameRows(labels, request), gatePlace: -1 }
  const { heldOut, temperature, thresholds, scope, nearestWeight } = await chooseHead(data, spec, seed, (share) =>
    onProgress?.(share),
  )
  const scores = scope ? await scopeScores(scope.model, scopeRowsOf(heldOut, nearestWeight)) : undefined
  // Each text was embedded by itself, so its vector tells it from all others, in whatever order the folds left them.
  const rowOf = new Map(vectors.map((vector, row) => [vector, row]))
  const readings = combined(heldOut, nearestWeight).flatMap((logits, i): HeldOutReading[] => {
    const [gold, row] = [labels[heldOut.rows.labels[i]!], rowOf.get(heldOut.rows.vectors[i]!)]
    if (gold === undefined || row === undefined) return []
    const probabilities = softmax(logits, temperature)
    const judgement = judgementOf(probabilities, scores?.[i] ?? 0, { labels, thresholds })
    return [{ row, gold, said: labelOf(judgement, false, spec.oosLabel), probabilities }]
  })
  return { labels, readings }
}
