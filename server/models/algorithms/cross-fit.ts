import { stratifiedFolds } from './folds.ts'
import {
  fitTextHead,
  headLogits,
  joinTexts,
  pickTexts,
  type TextHead,
  type TextHeadOptions,
  type TextRows,
} from './text-head.ts'

/** One part of the rows, read by a head that was fitted to the others. */
export interface Fold {
  readonly head: TextHead
  readonly training: TextRows
  readonly heldOut: TextRows
  /** Of the held-out rows × classes. */
  readonly logits: Float32Array
}

/** A fifth is held out at a time; of many rows one fifth is enough to measure by, and the other four would only cost time. */
const folds = 5
const rowsForOneFold = 5000

/** How many folds {@link crossFit} yields. */
export function foldsOf({ texts }: TextRows): number {
  return texts.length > rowsForOneFold ? 1 : folds
}

/**
 * Honest predictions for calibration, thresholds and metrics: fit to four fifths, read the fifth that was left out, in turn.
 * The final head may then be fitted to everything. Source: Wolpert, Stacked generalization (1992).
 * @param always rows that are fitted to each time, and never read.
 */
export async function* crossFit(
  rows: TextRows,
  classes: number,
  seed: number,
  options: TextHeadOptions,
  always?: TextRows,
): AsyncGenerator<Fold> {
  const fold = stratifiedFolds(rows.labels, folds, seed)
  const where = (wanted: (fold: number) => boolean) =>
    pickTexts(
      rows,
      [...fold.keys()].filter((row) => wanted(fold[row]!)),
    )
  for (let round = 0; round < foldsOf(rows); round++) {
    const others = where((f) => f !== round)
    const training = always ? joinTexts(others, always) : others
    const heldOut = where((f) => f === round)
    const head = await fitTextHead(training, classes, options)
    yield { head, training, heldOut, logits: await headLogits(head, heldOut, options.extra) }
  }
}
