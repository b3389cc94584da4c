import { crossFit, type Fold, foldsOf } from './algorithms/cross-fit.ts'
import { nearness } from './algorithms/similarity.ts'
import {
  headLogits,
  joinTexts,
  pickTexts,
  type TextHead,
  type TextHeadOptions,
  type TextRows,
} from './algorithms/text-head.ts'

/** Rows that a head was not fitted to, with what is known of each. */
export interface HeldOut {
  readonly rows: TextRows
  /** Of the labels, by the linear model. */
  readonly logits: readonly Float32Array[]
  /** Cosine to the most similar training text of each label. */
  readonly nearest: readonly Float32Array[]
  /** Of the class of strangers; 0 without one. */
  readonly strange: readonly number[]
  /** Mean cosine to the nearest training texts with a label, and without one. */
  readonly similarity: readonly number[]
  readonly strangeSimilarity: readonly number[]
}

/** What a head is fitted to, and how. */
export interface HeadPlan {
  readonly options: TextHeadOptions
  /** How many labels there are; the class behind them is that of strangers. */
  readonly labels: number
  /** Whether strangers are a class to be learnt. Otherwise they are left out. */
  readonly learnsStrangers: boolean
  /** The labels' own names as further rows to learn from: what few examples leave out, the name often says. */
  readonly names?: TextRows
}

/** The rows that have a label, or those that have none. */
export function withLabel(rows: TextRows, labels: number, has = true): TextRows {
  return pickTexts(
    rows,
    rows.labels.flatMap((place, row) => (place < labels === has ? [row] : [])),
  )
}

/** Rows that the linear model learns from, and how many outputs it has. */
export function trainable(rows: TextRows, plan: HeadPlan): readonly [TextRows, number] {
  const [own, outputs] = withoutNames(rows, plan)
  return [plan.names ? joinTexts(own, plan.names) : own, outputs]
}

function withoutNames(rows: TextRows, { labels, learnsStrangers }: HeadPlan): readonly [TextRows, number] {
  if (rows.lists) return [rows, labels]
  return learnsStrangers ? [rows, labels + 1] : [withLabel(rows, labels), labels]
}

/** Read every row by a head that was fitted without it, fold by fold. @param onFold told of the share that is done. */
export async function holdOut(
  rows: TextRows,
  plan: HeadPlan,
  seed: number,
  onFold: (share: number) => void,
): Promise<HeldOut> {
  const [learnt, classes] = withoutNames(rows, plan)
  const parts: HeldOut[] = []
  for await (const fold of crossFit(learnt, classes, seed, plan.options, plan.names)) {
    parts.push(await readFold(fold, plan.labels))
    onFold(parts.length / foldsOf(learnt))
  }
  return joined(parts)
}

/** Read rows that were held out from the first. */
export async function readTest(head: TextHead, training: TextRows, test: TextRows, plan: HeadPlan): Promise<HeldOut> {
  const logits = await headLogits(head, test, plan.options.extra)
  return readFold({ head, training, heldOut: test, logits }, plan.labels)
}

async function readFold({ head, training, heldOut, logits }: Fold, labels: number): Promise<HeldOut> {
  const { outputs } = head.model
  const known = training.lists ? { vectors: [], labels: [] } : withLabel(training, labels)
  const near = await nearness(known, labels, heldOut.vectors)
  // One class; nothing is known of strangers where they are too few to be one.
  const strangers = outputs > labels ? withLabel(training, labels, false).vectors : []
  const foreign = await nearness({ vectors: strangers, labels: strangers.map(() => 0) }, 1, heldOut.vectors)
  const each = <T>(value: (row: number) => T): T[] => heldOut.labels.map((_, row) => value(row))
  return {
    rows: heldOut,
    logits: each((row) => logits.subarray(row * outputs, row * outputs + labels)),
    nearest: each((row) => near.best.subarray(row * labels, (row + 1) * labels)),
    strange: each((row) => (outputs > labels ? logits[row * outputs + labels]! : 0)),
    similarity: each((row) => near.mean[row]!),
    strangeSimilarity: each((row) => foreign.mean[row]!),
  }
}

function joined(parts: readonly HeldOut[]): HeldOut {
  const lists = parts.flatMap(({ rows }) => rows.lists ?? [])
  return {
    rows: {
      texts: parts.flatMap(({ rows }) => rows.texts),
      vectors: parts.flatMap(({ rows }) => rows.vectors),
      labels: parts.flatMap(({ rows }) => rows.labels),
      ...(lists.length > 0 && { lists }),
    },
    logits: parts.flatMap(({ logits }) => logits),
    nearest: parts.flatMap(({ nearest }) => nearest),
    strange: parts.flatMap(({ strange }) => strange),
    similarity: parts.flatMap(({ similarity }) => similarity),
    strangeSimilarity: parts.flatMap(({ strangeSimilarity }) => strangeSimilarity),
  }
}
