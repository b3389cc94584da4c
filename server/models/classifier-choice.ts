import { fitTemperature, logLoss } from '../evaluation/calibration.ts'
import type { TextRows } from './algorithms/text-head.ts'
import type { ClassifierSpec, Gate } from './classifier-spec.ts'
import { type HeadPlan, type HeldOut, holdOut } from './held-out.ts'
import { fewestStrangers, fitScope, type Scope, type ScopeRow } from './scope.ts'
import type { Metrics } from './service.ts'
import { chooseThreshold, fitSlope, gateThresholds } from './several.ts'

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
const mostWeights = 16e6
/** Later ones change hardly a label. */
const maxIterations = 40
/** Of models that may give several labels: each label has few rows, so a row counts more, and training takes longer to settle. */
const ofLists = { strengths: [1_000], maxIterations: 120 } as const
/** Above this many rows the richer head wins everywhere, and choosing would take as long as training. */
const rowsToChoose = 5_000
/** A label's logit is the regression's plus this times the cosine to its most similar example, whichever is best. */
const nearestWeights = [0, 2, 4, 8, 12, 16] as const

/** What a head is chosen for. */
interface Data {
  readonly rows: TextRows
  readonly labels: number
  /** The labels' own names as rows, if they are known. */
  readonly names: TextRows | undefined
  /** Place of the gate among the labels, −1 without one. */
  readonly gatePlace: number
}

interface PlacedGate extends Gate {
  readonly place: number
}

/**
 * Choose whether the labels' names are learnt from too, whether n-grams join the sentence vector, how strict the penalty is and
 * how much the nearest examples count: one after the other, each kept if the log loss of held-out rows after calibration falls.
 * Then temperature and thresholds on the same rows.
 */
export async function chooseHead(
  data: Data,
  spec: ClassifierSpec,
  seed: number,
  onShare: (share: number) => void,
): Promise<Choice> {
  const { rows, labels } = data
  const [first, ...changes] = plansOf(data, spec)
  const tried = async (plan: HeadPlan, done: number) => {
    const heldOut = await holdOut(rows, plan, seed, (share) => onShare((done + share) / (changes.length + 1)))
    return { ...weigh(heldOut, labels, spec.remembers && !rows.lists), plan, heldOut }
  }
  let best = await tried(first, 0)
  for (const [i, change] of changes.entries()) {
    const other = await tried({ ...best.plan, ...change(best.plan) }, i + 1)
    if (other.loss < best.loss) best = other
  }
  return decide(best, labels, spec, spec.gate && { ...spec.gate, place: data.gatePlace })
}

type Change = (plan: HeadPlan) => Partial<HeadPlan>

/** Where to begin, and what to change. Of many rows one candidate has to do: more would take as long as training. */
function plansOf({ rows, labels, names }: Data, spec: ClassifierSpec): readonly [HeadPlan, ...Change[]] {
  const { extra, classWeights } = spec
  const { strengths, ...steps } = !rows.lists
    ? { strengths: spec.strengths, maxIterations }
    : { ...ofLists, ...(spec.gate && { strengths: spec.strengths }) }
  const strangers = rows.lists ? 0 : rows.labels.filter((place) => place >= labels).length
  const terms = Math.min(mostTerms, Math.floor(mostWeights / labels))
  const many = rows.texts.length > rowsToChoose
  const trainingOf = (strength: number) => ({
    l2: 1 / (strength * rows.texts.length),
    ...steps,
    ...(classWeights && { classWeights }),
  })
  const options = {
    ...{ vocabulary: { minTexts: many ? 3 : 2, maxTerms: many ? terms : 0 }, training: trainingOf(strengths[0]) },
    ...(extra && { extra }),
  }
  const joined: Change = ({ options: own }) => ({
    options: { ...own, vocabulary: { ...own.vocabulary, maxTerms: terms } },
  })
  const strict = strengths.slice(1).map(
    (strength): Change =>
      ({ options: own }) => ({ options: { ...own, training: trainingOf(strength) } }),
  )
  return [
    { options, labels, learnsStrangers: strangers >= fewestStrangers },
    ...(names && !many ? [() => ({ names })] : []),
    ...(many ? [] : [joined]),
    ...strict,
  ]
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

/** Labels of texts that may have several are given from a probability on; where there is a gate, behind that. */
function listThresholds(
  { heldOut, temperature }: Pick<Choice, 'heldOut' | 'temperature'>,
  lists: readonly (readonly number[])[],
  gate: PlacedGate | undefined,
): Metrics {
  if (gate) return gateThresholds(heldOut.logits, lists, temperature, gate)
  return { several: chooseThreshold(heldOut.logits, lists, temperature) }
}

async function decide(
  { plan, heldOut, nearestWeight, temperature }: Weighed & { readonly plan: HeadPlan; readonly heldOut: HeldOut },
  labels: number,
  { remembers }: ClassifierSpec,
  gate: PlacedGate | undefined,
): Promise<Choice> {
  const chosen = { plan, heldOut, nearestWeight, temperature }
  const { lists, labels: places } = heldOut.rows
  if (lists) return { ...chosen, thresholds: listThresholds(chosen, lists, gate) }
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
