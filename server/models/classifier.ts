import { softmax } from '../evaluation/calibration.ts'
import { listFigures, type Outcome } from '../evaluation/label-figures.ts'
import { vocabularyBytes } from './algorithms/ngrams.ts'
import { fitTextHead, type TextHead, type TextRows } from './algorithms/text-head.ts'
import { type Choice, chooseHead, combined, scopeRowsOf } from './classifier-choice.ts'
import { writeClassifier } from './classifier-graph.ts'
import type { ClassifierSpec } from './classifier-spec.ts'
import { modelFile, vocabularyFile } from './head-session.ts'
import { type HeldOut, readTest, trainable, withLabel } from './held-out.ts'
import { judgementOf, outcomeOf } from './judgement.ts'
import { checkRequest, goldOf, labelsOf, nameRows, repeatsIn, rowsWhere } from './preparation.ts'
import { scopeScores } from './scope.ts'
import type { Artifact, Example, Metrics, TrainRequest } from './service.ts'
import { gateLabel } from './several.ts'

/**
 * Train a text classifier: softmax regression over sentence vector, further features and n-grams (which of them, by
 * cross-validation), one-vs-rest where a text may have several labels; calibrated on held-out rows.
 * @throws {InputError} {@link RangeError} as ModelService.train.
 */
export async function trainClassifier(request: TrainRequest, spec: ClassifierSpec): Promise<Artifact> {
  checkRequest(request)
  const { examples, seed, onProgress } = request
  const labels = labelsOf(examples, spec.oosLabel)
  const places = new Map(labels.map((label, place) => [label, place]))
  const rows = rowsWhere(request, places, ({ split }) => split !== 'test')
  const test = rowsWhere(request, places, ({ split }) => split === 'test')
  const data = { rows, labels: labels.length, names: nameRows(labels, request), gatePlace: labels.indexOf(gateLabel) }
  const choice = await chooseHead(data, spec, seed, (share) => onProgress?.(0.8 * share))
  const [learnt, outputs] = trainable(rows, choice.plan)
  const head = await fitTextHead(learnt, outputs, choice.plan.options)
  const isTested = test.texts.length > 0
  const measured = isTested ? await readTest(head, learnt, test, choice.plan) : choice.heldOut
  // Test rows may have labels that nobody could learn.
  const gold = examples.flatMap((one) => (one.split === 'test' ? [goldOf(one, spec.oosLabel)] : []))
  const outcomes = withoutGate(await judged(measured, choice, labels, isTested ? gold : undefined), spec)
  onProgress?.(1)
  return {
    files: filesOf(head, learnt, choice, labels, spec),
    labels,
    temperature: choice.temperature,
    thresholds: choice.thresholds,
    metrics: {
      n: outcomes.length,
      ...(rows.lists && !spec.gate ? listFigures : spec.figures)(outcomes),
      ...(rows.lists && { pairs: pairsIn(outcomes) }),
      ...noted(examples),
    },
  }
}

/** That a text has any label is no label. */
const withoutGate = (outcomes: readonly Outcome[], { gate }: ClassifierSpec): readonly Outcome[] =>
  gate ? outcomes.map((one) => ({ ...one, gold: one.gold.filter((label) => label !== gate.label) })) : outcomes

/** Pairs of text and label that are true or said: what an F1 score is over, and its interval follows from. */
const pairsIn = (outcomes: readonly Outcome[]): number =>
  outcomes.reduce((sum, { gold, said }) => sum + new Set([...gold, ...said]).size, 0)

/** Repeats among the rows that were learnt from, where there are any: a number to look at, not a reason to refuse. */
function noted(examples: readonly Example[]): Metrics {
  const repeats = repeatsIn(examples.filter(({ split }) => split !== 'test'))
  return Object.fromEntries(Object.entries(repeats).filter(([, count]) => count > 0))
}

/** What the model would say of held-out rows. @param gold their labels; default those that they are known by. */
async function judged(
  heldOut: HeldOut,
  choice: Choice,
  labels: readonly string[],
  gold: readonly (readonly string[])[] | undefined,
): Promise<Outcome[]> {
  const { temperature, scope, thresholds, nearestWeight } = choice
  const scores = scope ? await scopeScores(scope.model, scopeRowsOf(heldOut, nearestWeight)) : undefined
  const { lists, labels: places } = heldOut.rows
  return combined(heldOut, nearestWeight).map((logits, row) => {
    const probabilities = lists
      ? logits.map((logit) => 1 / (1 + Math.exp(-logit / temperature)))
      : softmax(logits, temperature)
    const judgement = judgementOf(probabilities, scores?.[row] ?? 0, { labels, thresholds })
    const known = lists?.[row] ?? [places[row]!]
    return outcomeOf(gold?.[row] ?? known.flatMap((place) => labels[place] ?? []), judgement, labels)
  })
}

function filesOf(
  { model, vocabulary }: TextHead,
  rows: TextRows,
  { temperature, scope, nearestWeight }: Choice,
  labels: readonly string[],
  { extraNames }: ClassifierSpec,
): Map<string, Uint8Array> {
  const strangers = model.outputs > labels.length ? withLabel(rows, labels.length, false).vectors : []
  const memory = scope && { nearestWeight, scope: scope.model, known: withLabel(rows, labels.length), strangers }
  const graph = writeClassifier({
    ...{ model, temperature, labels },
    ...(memory && { memory }),
    ...(extraNames && { metadata: { features: JSON.stringify(['vector', ...extraNames]) } }),
  })
  const files = new Map([[modelFile, graph]])
  if (vocabulary.hashes.length > 0) files.set(vocabularyFile, vocabularyBytes(vocabulary))
  return files
}
