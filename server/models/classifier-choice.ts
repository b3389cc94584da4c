import { fitTemperature, logLoss } from '../evaluation/calibration.ts'
import type { TextHeadOptions, TextRows } from './algorithms/text-head.ts'
import type { ClassifierSpec } from './classifier.ts'
import { type HeadPlan, type HeldOut, holdOut } from './held-out.ts'
import { fewestStrangers, fitScope, type Scope, type ScopeRow } from './scope.ts'
import type { Metrics } from './service.ts'
import { chooseThreshold, fitSlope } from './several.ts'

/** What cross-validation chose, and the held-out rows that it was chosen on. */
export interface Choice {
  readonly plan: HeadPlan
  readonly heldOut: HeldOut
  readonly nearestWeight: number
  readonly temperature: number
  readonly thresholds: Metrics
  /** Only of models that remember. */
  readonly scope?: Scope
}

/** Terms at most. More weights than this would take gigabytes to train. */
const mostTerms = 20_000
const mostWeights = 32e6
/** Above this many rows the richer head wins everywhere, and choosing would take as long as training. */
const rowsToChoose = 5_000
/** A label's logit is the regression's plus this times the cosine to its most similar example, whichever is best. */
const nearestWeights = [0, 2, 4, 8] as const

/**
 * Choose between the sentence vector alone and joined with n-grams, and how much the nearest examples count, by the log loss
 * of held-out rows after calibration; then temperature and thresholds on the same rows.
 */
export async function chooseHead(
  rows: TextRows,
  labels: number,
  spec: ClassifierSpec,
  seed: number,
  onShare: (share: number) => void,
): Promise<Choice> {
  const strangers = rows.lists ? 0 : rows.labels.filter((place) => place >= labels).length
  const plans = plansOf(rows, labels, spec).map(
    (options): HeadPlan => ({ options, labels, learnsStrangers: strangers >= fewestStrangers }),
  )
  let best: (Weighed & { readonly plan: HeadPlan; readonly heldOut: HeldOut }) | undefined
  for (const [i, plan] of plans.entries()) {
    const heldOut = await holdOut(rows, plan, seed, (share) => onShare((i + share) / plans.length))
    const weighed = weigh(heldOut, labels, spec.remembers && !rows.lists)
    if (!best || weighed.loss < best.loss) best = { ...weighed, plan, heldOut }
  }
  return decide(best!, labels, spec)
}

function plansOf({ texts }: TextRows, labels: number, { extra, classWeights }: ClassifierSpec): TextHeadOptions[] {
  const terms = Math.min(mostTerms, Math.floor(mostWeights / labels))
  return (texts.length > rowsToChoose ? [terms] : [0, terms]).map((maxTerms) => ({
    vocabulary: { minTexts: 2, maxTerms },
    training: { l2: 1 / (10 * texts.length), ...(classWeights && { classWeights }) },
    ...(extra && { extra }),
  }))
}

interface Weighed {
  readonly nearestWeight: number
  readonly temperature: number
  readonly loss: number
}

/** The weight of the nearest examples with the least log loss, and the temperature that goes with it. */
function weigh(heldOut: HeldOut, labels: number, remembers: boolean): Weighed {
  const { lists, labels: places } = heldOut.rows
  if (lists) return { nearestWeight: 0, ...fitSlope(heldOut.logits, lists) }
  const known = places.flatMap((place, row) => (place < labels ? [row] : []))
  const gold = known.map((row) => places[row]!)
  const all = (remembers ? nearestWeights : [0]).map((nearestWeight) => {
    const sums = combined(heldOut, nearestWeight)
    const logits = known.map((row) => sums[row]!)
    const temperature = fitTemperature(logits, gold)
    return { nearestWeight, temperature, loss: logLoss(logits, gold, temperature) }
  })
  return all.reduce((best, one) => (one.loss < best.loss ? one : best))
}

async function decide(
  { plan, heldOut, nearestWeight, temperature }: Weighed & { readonly plan: HeadPlan; readonly heldOut: HeldOut },
  labels: number,
  { remembers }: ClassifierSpec,
): Promise<Choice> {
  const chosen = { plan, heldOut, nearestWeight, temperature }
  const { lists, labels: places } = heldOut.rows
  if (lists) return { ...chosen, thresholds: { several: chooseThreshold(heldOut.logits, lists, temperature) } }
  if (!remembers) return { ...chosen, thresholds: {} }
  const rows = scopeRowsOf(heldOut, nearestWeight)
  const scope = await fitScope(
    rows.filter((_, row) => places[row]! < labels),
    rows.filter((_, row) => places[row]! >= labels),
  )
  return { ...chosen, scope, thresholds: { outOfScope: scope.threshold } }
}

/** The logits of the labels with the nearest examples counted in. */
export function combined({ logits, nearest }: HeldOut, nearestWeight: number): readonly Float32Array[] {
  if (nearestWeight === 0) return logits
  return logits.map((row, i) => row.map((logit, place) => logit + nearestWeight * nearest[i]![place]!))
}

/** What the scope of each held-out row is told by. */
export function scopeRowsOf(heldOut: HeldOut, nearestWeight: number): ScopeRow[] {
  const { strange, similarity, strangeSimilarity } = heldOut
  return combined(heldOut, nearestWeight).map((row, i) => [
    Math.max(...row),
    strange[i]!,
    similarity[i]!,
    strangeSimilarity[i]!,
  ])
}
