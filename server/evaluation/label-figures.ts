import { mean } from '../math/statistics.ts'
import {
  accuracy,
  auroc,
  expectedCalibrationError,
  type Labelled,
  macroF1,
  recallByLabel,
} from './classification-metrics.ts'

/** What is true of a text and what a classifier said. */
export interface Outcome {
  /** No label: the text is out of scope. Several only where a text may have several. */
  readonly gold: readonly string[]
  readonly said: readonly string[]
  /** The most probable label, whatever the scope, and its probability, 0 to 1. */
  readonly top: string
  readonly confidence: number
  /** How much at home the text seemed, higher for more. */
  readonly scope: number
  /** Probability of the (first) gold label; 0 for one that was never learnt. */
  readonly ofGold: number
}

type Figures = Readonly<Record<string, number>>

/** The class of texts without a label, where it is counted as one. */
const none = ''
const labelled = ({ gold, said }: Outcome): Labelled => ({ gold: gold[0] ?? none, predicted: said[0] ?? none })
const isRight = ({ gold, predicted }: Labelled): boolean => gold === predicted
const isKnown = ({ gold }: Outcome): boolean => gold.length > 0

/** How far the confidence in the top label is from how often it is right. */
function calibrationOf(outcomes: readonly Outcome[]): number {
  return expectedCalibrationError(
    outcomes.map(({ confidence }) => confidence),
    outcomes.map(({ gold, top }) => gold[0] === top),
  )
}

/**
 * Figures of texts with one label each. `ece` is of the label, on rows that have one. Without strangers among the rows,
 * `accuracy` and `macroF1` are, too; with strangers they are over all rows, a stranger being right when recognised. Then
 * `inScopeAccuracy` is the share of rows with a label that are taken for one and named rightly, `closedAccuracy` the share
 * that are named rightly whatever the scope.
 */
export function labelFigures(outcomes: readonly Outcome[]): Figures {
  const known = outcomes.filter(isKnown)
  const closed = known.map(({ gold, top }) => ({ gold: gold[0]!, predicted: top }))
  const ece = calibrationOf(known)
  if (known.length === outcomes.length) return { accuracy: accuracy(closed), macroF1: macroF1(closed), ece }
  const all = outcomes.map(labelled)
  return {
    accuracy: accuracy(all),
    macroF1: macroF1(all),
    ece,
    closedAccuracy: accuracy(closed),
    inScopeAccuracy: accuracy(all.filter(({ gold }) => gold !== none)),
    oosRecall: accuracy(all.filter(({ gold }) => gold === none)),
    oosAuroc: auroc(
      outcomes.map(({ scope }) => scope),
      outcomes.map(isKnown),
    ),
  }
}

function metMoods(outcomes: readonly Outcome[]): readonly Outcome[] {
  const knowsUrgent = outcomes.some(({ gold }) => gold[0] === 'urgent')
  return outcomes.map((outcome) =>
    outcome.top === 'urgent' && !knowsUrgent ? { ...outcome, top: 'negative', said: ['negative'] } : outcome,
  )
}

/** Figures of moods. Rows without an `urgent` among them are other people's: there an urgent message counts as a negative one. */
export function moodFigures(outcomes: readonly Outcome[]): Figures {
  const met = metMoods(outcomes)
  const all = met.map(labelled)
  const negativeRecall = recallByLabel(all).get('negative')
  return {
    accuracy: accuracy(all),
    macroF1: macroF1(all),
    ece: calibrationOf(met),
    ...(negativeRecall !== undefined && { negativeRecall }),
  }
}

/** Which texts count as right in the accuracy of {@link labelFigures}. */
export function labelsRight(outcomes: readonly Outcome[]): boolean[] {
  const isClosed = outcomes.every(isKnown)
  return outcomes.map(({ gold, said, top }) => (isClosed ? gold[0] === top : gold[0] === said[0]))
}

/** Which texts count as right in the accuracy of {@link moodFigures}. */
export const moodsRight = (outcomes: readonly Outcome[]): boolean[] => metMoods(outcomes).map(labelled).map(isRight)

/** Which texts count as right in the accuracy of {@link sequenceFigures}. */
export const sequencesRight = (outcomes: readonly Outcome[]): boolean[] => outcomes.map(labelled).map(isRight)

/** Which texts count as right in the accuracy of {@link listFigures}. */
export const listsRight = (outcomes: readonly Outcome[]): boolean[] =>
  outcomes.map(({ gold, said }) => gold.length === said.length && said.every((label) => gold.includes(label)))

/** The least probability that is told from 0, so that one impossible label does not make the log loss infinite. */
const leastProbability = 1e-15

/** Figures of sequence classifiers; `logLoss` in nats. */
export function sequenceFigures(outcomes: readonly Outcome[]): Figures {
  const all = outcomes.map(labelled)
  const losses = outcomes.map(({ ofGold }) => -Math.log(Math.max(ofGold, leastProbability)))
  return { accuracy: accuracy(all), macroF1: macroF1(all), logLoss: mean(losses), ece: calibrationOf(outcomes) }
}

/** Figures of texts that may have several labels: F1 over all pairs of text and label, and the share of lists that are right as a whole. */
export function listFigures(outcomes: readonly Outcome[]): Figures {
  let [right, gold, said, whole] = [0, 0, 0, 0]
  for (const outcome of outcomes) {
    const shared = outcome.said.filter((label) => outcome.gold.includes(label)).length
    right += shared
    gold += outcome.gold.length
    said += outcome.said.length
    if (shared === outcome.gold.length && shared === outcome.said.length) whole++
  }
  return { microF1: gold + said === 0 ? 1 : (2 * right) / (gold + said), accuracy: whole / outcomes.length }
}

/** 0 to 1 each; NaN where there is nothing to divide by, so that a resample without the label is left out. */
export function kindFigures(outcomes: readonly Outcome[], label: string): Figures {
  const [gold, said] = [
    outcomes.filter((one) => one.gold.includes(label)),
    outcomes.filter((one) => one.said.includes(label)),
  ]
  const right = said.filter((one) => one.gold.includes(label)).length
  return { precision: right / said.length, recall: right / gold.length, f1: (2 * right) / (gold.length + said.length) }
}

/**
 * Figures of texts that invoke something or nothing. `recall` is the share of those that invoke anything for which anything is
 * said, `falseAlarmRate` that of those that invoke nothing; `microPrecision`, `microRecall` and `microF1` are over all pairs of
 * text and label.
 */
export function rightFigures(outcomes: readonly Outcome[]): Figures {
  const [invoking, others] = [outcomes.filter(isKnown), outcomes.filter((outcome) => !isKnown(outcome))]
  const isTold = ({ said }: Outcome): boolean => said.length > 0
  const pairs = (of: (outcome: Outcome) => readonly string[]): number =>
    outcomes.reduce((sum, one) => sum + of(one).length, 0)
  const right = pairs(({ gold, said }) => said.filter((label) => gold.includes(label)))
  const [gold, said] = [pairs((one) => one.gold), pairs((one) => one.said)]
  return {
    recall: invoking.filter(isTold).length / invoking.length,
    falseAlarmRate: others.filter(isTold).length / others.length,
    microPrecision: right / said,
    microRecall: right / gold,
    microF1: (2 * right) / (gold + said),
  }
}
