import { stackRows } from './features.ts'
import { stratifiedFolds } from './folds.ts'
import { createProducts } from './products.ts'
import { fitTextHead, headLogits, pickTexts, type TextHeadOptions, type TextRows } from './text-head.ts'

/** Rows that a fold's model has not seen, with what it says of them. */
export interface HeldOut {
  /** Class of each row; −1 for a row of no class. */
  readonly labels: readonly number[]
  /** Rows × classes. */
  readonly logits: Float32Array
  /** Mean cosine to the nearest training texts, per row. */
  readonly similarity: Float32Array
}

export interface CrossFitOptions extends TextHeadOptions {
  readonly seed: number
  /** Rows of no class: seen by no model, dealt out over the folds to be read. */
  readonly strangers?: TextRows
  /** Share of the folds that is done. */
  readonly onProgress?: (share: number) => void
}

/** Training texts that a similarity is the mean over. */
export const nearestTexts = 3
/** A fifth is held out at a time; on many rows one fifth is enough to measure by, and the other four would only cost time. */
const folds = 5
const rowsForOneFold = 5000

/**
 * Honest predictions for calibration, thresholds and metrics: train on four fifths, read the fifth that was left out, in turn.
 * The final model may then be trained on everything. Source: Wolpert, Stacked generalization (1992).
 */
export async function crossFit(rows: TextRows, classes: number, options: CrossFitOptions): Promise<HeldOut> {
  const fold = stratifiedFolds(rows.labels, folds, options.seed)
  const strangerFold = options.strangers && stratifiedFolds(options.strangers.labels, folds, options.seed)
  const rounds = rows.labels.length > rowsForOneFold ? 1 : folds
  const parts: HeldOut[] = []
  for (let round = 0; round < rounds; round++) {
    const training = pickTexts(
      rows,
      placesOf(fold, (f) => f !== round),
    )
    const asked = [
      pickTexts(
        rows,
        placesOf(fold, (f) => f === round),
      ),
    ]
    if (options.strangers && strangerFold) {
      asked.push(
        pickTexts(
          options.strangers,
          placesOf(strangerFold, (f) => rounds === 1 || f === round),
        ),
      )
    }
    const head = await fitTextHead(training, classes, options)
    for (const part of asked.filter(({ texts }) => texts.length > 0)) {
      const logits = await headLogits(head, part, options.extra)
      parts.push({ labels: part.labels, logits, similarity: await similarities(training.vectors, part.vectors) })
    }
    options.onProgress?.((round + 1) / rounds)
  }
  return {
    labels: parts.flatMap(({ labels }) => labels),
    logits: joined(parts.map(({ logits }) => logits)),
    similarity: joined(parts.map(({ similarity }) => similarity)),
  }
}

/** Mean cosine of each vector to the {@link nearestTexts} most similar of `known`; unit vectors. */
export async function similarities(
  known: readonly Float32Array[],
  vectors: readonly Float32Array[],
): Promise<Float32Array> {
  const { dense, rows, columns } = stackRows(known)
  const transposed = new Float32Array(dense.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) transposed[j * rows + i] = dense[i * columns + j]!
  const bias = new Float32Array(rows)
  const result = new Float32Array(vectors.length)
  // Few rows at a time: all cosines of two large sets at once would take gigabytes.
  const block = Math.min(256, vectors.length)
  const products = await createProducts(columns, rows)
  try {
    for (let from = 0; from < vectors.length; from += block) {
      const part = stackRows(vectors.slice(from, from + block))
      const cosines = await products.forward(part, transposed, bias)
      for (let i = 0; i < part.rows; i++) result[from + i] = meanOfHighest(cosines.subarray(i * rows, (i + 1) * rows))
    }
  } finally {
    await products.close()
  }
  return result
}

function meanOfHighest(values: Float32Array): number {
  const highest = new Float64Array(Math.min(nearestTexts, values.length)).fill(Number.NEGATIVE_INFINITY)
  const last = highest.length - 1
  for (const value of values) {
    if (value <= highest[last]!) continue
    let at = last
    for (; at > 0 && highest[at - 1]! < value; at--) highest[at] = highest[at - 1]!
    highest[at] = value
  }
  return highest.reduce((sum, value) => sum + value, 0) / highest.length
}

function placesOf(fold: Uint8Array, wanted: (fold: number) => boolean): number[] {
  return [...fold.keys()].filter((row) => wanted(fold[row]!))
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
