import { logisticLoss } from '../math/logistic.ts'
import { mean } from '../math/statistics.ts'

/** How a score becomes a logit whose sigmoid is a probability that can be believed. Always rising: the order stays. */
export type ScoreCalibration =
  | { readonly kind: 'none' }
  /** slope · score + offset. */
  | { readonly kind: 'platt'; readonly slope: number; readonly offset: number }
  /** Straight lines between points, with slope 1 beyond the first and the last. */
  | { readonly kind: 'isotonic'; readonly scores: readonly number[]; readonly logits: readonly number[] }

/** Scores of rows that the model was not fitted to. */
export interface Scored {
  readonly scores: ArrayLike<number>
  readonly positive: ArrayLike<number>
}

const mostSteps = 50
/** Bins of equal count that isotonic regression starts from. */
const bins = 50
/** Fewer of either class say too little for a curve of points. */
const leastForIsotonic = 100
/** Between the logits of two blocks. */
const leastRise = 1e-4

/** The logit of a score. */
export function calibrated(calibration: ScoreCalibration, score: number): number {
  if (calibration.kind === 'none') return score
  if (calibration.kind === 'platt') return calibration.slope * score + calibration.offset
  const { scores, logits } = calibration
  let at = 0
  while (at < scores.length && scores[at]! <= score) at++
  if (at === 0) return logits[0]! + score - scores[0]!
  const [x, y] = [scores[at - 1]!, logits[at - 1]!]
  if (at === scores.length) return y + score - x
  return y + ((score - x) * (logits[at]! - y)) / (scores[at]! - x)
}

/**
 * A line through scores, by Newton's method with a step that is halved until the loss falls, against targets that are not
 * quite 0 and 1. Sources: Platt, Probabilistic Outputs for Support Vector Machines (1999); Lin, Lin & Weng (2007).
 */
export function fitPlatt({ scores, positive }: Scored): ScoreCalibration {
  let positives = 0
  for (let row = 0; row < scores.length; row++) positives += positive[row]!
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (scores.length - positives + 2)]
  const targetOf = (row: number): number => (positive[row] ? high : low)
  const lossAt = (slope: number, offset: number): number => {
    let sum = 0
    for (let row = 0; row < scores.length; row++) {
      sum += logisticLoss(slope * scores[row]! + offset, targetOf(row))
    }
    return sum
  }
  let [slope, offset] = [1, 0]
  let loss = lossAt(slope, offset)
  for (let step = 0; step < mostSteps; step++) {
    const [byOffset, bySlope] = newtonStep(scores, targetOf, slope, offset)
    let share = 1
    while (share > 1e-6 && !(lossAt(slope + share * bySlope, offset + share * byOffset) < loss)) share /= 2
    if (share <= 1e-6) break
    slope += share * bySlope
    offset += share * byOffset
    loss = lossAt(slope, offset)
  }
  // A falling line would turn the order round: then the scores say nothing, and are left as they are.
  return slope > 0 ? { kind: 'platt', slope, offset } : { kind: 'none' }
}

function newtonStep(
  scores: ArrayLike<number>,
  targetOf: (row: number) => number,
  slope: number,
  offset: number,
): readonly [byOffset: number, bySlope: number] {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12]
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!
    const probability = 1 / (1 + Math.exp(-slope * score - offset))
    const [error, weight] = [probability - targetOf(row), probability * (1 - probability)]
    g0 += error
    g1 += error * score
    h00 += weight
    h01 += weight * score
    h11 += weight * score * score
  }
  const determinant = h00 * h11 - h01 * h01
  return [(h01 * g1 - h11 * g0) / determinant, (h01 * g0 - h00 * g1) / determinant]
}

interface Block {
  readonly rows: number
  readonly score: number
  readonly positives: number
}

const join = (a: Block, b: Block): Block => ({
  rows: a.rows + b.rows,
  score: (a.rows * a.score + b.rows * b.score) / (a.rows + b.rows),
  positives: a.positives + b.positives,
})
const shareOf = ({ positives, rows }: Block): number => positives / rows

/** Scores as the served model holds them, in float32, have to rise as well: two points of one score have no line between. */
const rises = (before: Block, after: Block): boolean =>
  Math.fround(before.score) < Math.fround(after.score) && shareOf(before) < shareOf(after)

/** Rows by score, parted into bins of about equal count; rows of one score (in float32) stay together. */
function binned(scores: ArrayLike<number>): Uint32Array[] {
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => scores[a]! - scores[b]!)
  const isTied = (at: number): boolean => Math.fround(scores[order[at]!]!) === Math.fround(scores[order[at - 1]!]!)
  const found: Uint32Array[] = []
  let from = 0
  for (let bin = 1; bin <= bins; bin++) {
    let to = Math.floor((bin * order.length) / bins)
    if (to <= from) continue // the rows of the bin before reach beyond this one
    while (to < order.length && isTied(to)) to++
    found.push(order.subarray(from, to))
    from = to
  }
  return found
}

/**
 * Shares of positives that never fall as the score grows, by pooling adjacent violators, joined by straight lines through the
 * blocks' mean scores. Sources: Zadrozny & Elkan (2002); Oron & Flournoy, Centered Isotonic Regression (2017).
 */
export function fitIsotonic({ scores, positive }: Scored): ScoreCalibration {
  const blocks: Block[] = []
  let all = 0
  for (const rows of binned(scores)) {
    let [score, positives] = [0, 0]
    for (const row of rows) {
      score += scores[row]!
      positives += positive[row]!
    }
    all += positives
    blocks.push({ rows: rows.length, score: score / rows.length, positives })
    while (blocks.length > 1 && !rises(blocks.at(-2)!, blocks.at(-1)!)) {
      const last = blocks.pop()!
      blocks.push(join(blocks.pop()!, last))
    }
  }
  const base = all / scores.length
  // One more row of the mean share: no block is sure of anything.
  let highest = Number.NEGATIVE_INFINITY
  const logits = blocks.map(({ rows, positives }) => {
    const share = (positives + base) / (rows + 1)
    // That row counts more in small blocks: it must not turn the order round.
    highest = Math.max(highest + leastRise, Math.log(share / (1 - share)))
    return highest
  })
  return { kind: 'isotonic', scores: blocks.map(({ score }) => Math.fround(score)), logits }
}

/** A calibration and the logits of the rows it was chosen by, each from a fit without that row's part. */
export interface ChosenCalibration {
  readonly calibration: ScoreCalibration
  readonly logits: Float64Array
}

/**
 * None, Platt's or isotonic: the simplest whose log loss on rows it was not fitted to, part by part, is within one standard
 * error of the least; the error is that of the difference, row by row.
 * @param part of each row, 0 to parts − 1.
 */
export function chooseCalibration(scored: Scored, part: ArrayLike<number>, parts: number): ChosenCalibration {
  const positives = Array.from(scored.positive).filter(Boolean).length
  const few = Math.min(positives, scored.scores.length - positives)
  const none = (): ScoreCalibration => ({ kind: 'none' })
  const ways = [none, fitPlatt, ...(few >= leastForIsotonic ? [fitIsotonic] : [])]
  const tried = ways.map((way) => ({ way, ...heldOut(scored, way, part, parts) }))
  const best = tried.reduce((a, b) => (mean(b.losses) < mean(a.losses) ? b : a))
  const chosen = tried.find(({ losses }) => isNear(losses, best.losses)) ?? best
  return { calibration: chosen.way(scored), logits: chosen.logits }
}

/** Logit and loss of each row by a fit to the other parts. */
function heldOut(scored: Scored, way: (rows: Scored) => ScoreCalibration, part: ArrayLike<number>, parts: number) {
  const logits = new Float64Array(scored.scores.length)
  const losses: number[] = Array.from(logits)
  for (let p = 0; p < parts; p++) {
    const fitted = way(rowsWhere(scored, (row) => part[row] !== p))
    for (let row = 0; row < logits.length; row++) {
      if (part[row] !== p) continue
      logits[row] = calibrated(fitted, scored.scores[row]!)
      losses[row] = logisticLoss(logits[row]!, scored.positive[row]!)
    }
  }
  return { logits, losses }
}

function isNear(losses: readonly number[], least: readonly number[]): boolean {
  const differences = losses.map((loss, row) => loss - least[row]!)
  const centre = mean(differences)
  const squares = differences.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return centre <= Math.sqrt(squares) / differences.length
}

function rowsWhere({ scores, positive }: Scored, wanted: (row: number) => boolean): Scored {
  const rows = Array.from(scores, (_, row) => row).filter(wanted)
  return { scores: rows.map((row) => scores[row]!), positive: rows.map((row) => positive[row]!) }
}
