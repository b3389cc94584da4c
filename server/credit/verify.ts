import { isDeepStrictEqual } from 'node:util'
import { percentileOfSorted } from '../math/statistics.ts'
import type { TableReference } from '../models/manifest.ts'
import { type Applicant, type Scorer, withValues } from './applicant.ts'
import type { Decider, Decision, Reason, RefusedRow } from './decision.ts'
import { type ColumnMeaning, type CreditSchema, contradictionsIn } from './schema.ts'
import { checkSigns, type SignsKept } from './signs.ts'

/** Shares of what was looked at, 1 where all of it is as it is said to be. */
export interface Verification extends SignsKept {
  /** Applicants that were decided on, and those that were refused as they cannot be true. */
  readonly n: number
  readonly refused: number
  readonly declined: number
  readonly reasons: number
  /** Reasons whose column, set to the reference applicant's value, lowers the probability. */
  readonly faithful: number
  readonly counterfactuals: number
  /** Refusals for which no change was found. */
  readonly withoutChange: number
  /** Changes that turn the decision when they are scored anew, of columns that an applicant can change, in range and in steps. */
  readonly counterfactualsValid: number
  /** Columns that the law protects, in the model or among the reasons. */
  readonly protectedUsed: number
  readonly identicalOnRerun: number
}

export interface VerifyParts {
  readonly names: readonly string[]
  readonly meanings: readonly (ColumnMeaning | undefined)[]
  readonly contradictions?: CreditSchema['contradictions']
  readonly reference: TableReference
  readonly decider: Decider
  readonly score: Scorer
  /** Protected columns of the model. */
  readonly protectedColumns: readonly string[]
}

/** A tenth of a thousandth of a step: what float32 leaves of a sum. */
const stepSlack = 1e-4

const isDecision = (decided: Decision | RefusedRow): decided is Decision => 'decisionId' in decided

/** Hold decisions against what is said of them, by scoring anew. Rows that are refused are left out. */
export async function verifyDecisions(
  applicants: readonly Applicant[],
  parts: VerifyParts,
  onShare: (share: number) => void,
): Promise<Verification> {
  const { decider, protectedColumns } = parts
  const sums = { n: 0, declined: 0, reasons: 0, faithful: 0, found: 0, valid: 0, identical: 0 }
  const used = new Set(protectedColumns)
  const decidedOn: Applicant[] = []
  for (const [i, applicant] of applicants.entries()) {
    onShare(i / applicants.length)
    const decided = await decider.decide(applicant)
    if (!isDecision(decided)) continue
    sums.n++
    decidedOn.push(applicant)
    if (isDeepStrictEqual(await decider.decide(applicant), decided)) sums.identical++
    sums.reasons += decided.reasons.length
    for (const reason of decided.reasons) if (await isFaithful(applicant, reason, parts)) sums.faithful++
    for (const { column } of decided.reasons) if (isUnnamed(column, parts)) used.add(column)
    if (decided.decision === 'approve') continue
    sums.declined++
    if (!decided.counterfactual) continue
    sums.found++
    if (await isValid(applicant, decided.counterfactual, parts)) sums.valid++
  }
  const share = (part: number, of: number): number => (of === 0 ? 1 : part / of)
  return {
    ...{ n: sums.n, refused: applicants.length - sums.n, declined: sums.declined },
    ...{ reasons: sums.reasons, faithful: share(sums.faithful, sums.reasons) },
    ...{ counterfactuals: sums.found, withoutChange: sums.declined - sums.found },
    counterfactualsValid: share(sums.valid, sums.found),
    protectedUsed: used.size,
    identicalOnRerun: share(sums.identical, sums.n),
    ...(await checkSigns(decidedOn, parts.meanings, parts.reference, parts.score)),
  }
}

const isUnnamed = (column: string, { names, meanings, protectedColumns }: VerifyParts): boolean =>
  meanings[names.indexOf(column)]?.unnamed === true || protectedColumns.includes(column)

async function isFaithful(applicant: Applicant, { column }: Reason, { names, score, decider }: VerifyParts) {
  const place = names.indexOf(column)
  const [own, without] = await score([applicant, withValues(applicant, decider.usual, (at) => at === place)])
  return without! < own!
}

async function isValid(
  applicant: Applicant,
  { changes }: NonNullable<Decision['counterfactual']>,
  { names, meanings, contradictions = [], score, decider }: VerifyParts,
): Promise<boolean> {
  const values = new Map(changes.map(({ column, to }) => [names.indexOf(column), to]))
  const changed = applicant.map((value, column) => values.get(column) ?? value)
  if (contradictionsIn(changed, names, contradictions).length > 0) return false
  const [logit] = await score([changed])
  return logit! < decider.limit && changes.every((change) => isFeasible(change, meanings[names.indexOf(change.column)]))
}

function isFeasible({ from, to }: { from: number; to: number }, meaning: ColumnMeaning | undefined): boolean {
  if (!meaning?.actionable || meaning.unnamed || to < meaning.min || to > meaning.max) return false
  const { direction, step, until } = meaning.actionable
  if (direction === 'up' ? to > until + stepSlack * step : to < until - stepSlack * step) return false
  const steps = Math.abs(to - from) / step
  return Math.abs(steps - Math.round(steps)) < stepSlack * Math.max(1, steps) && to > from === (direction === 'up')
}

/** A value that can be true. */
function truthful(value: number, meaning: ColumnMeaning | undefined): number {
  if (!meaning) return value
  const drawn = Math.min(meaning.max, Math.max(meaning.min, value))
  return meaning.whole ? Math.round(drawn) : drawn
}

export type DrawParts = Pick<VerifyParts, 'names' | 'meanings' | 'contradictions' | 'reference'>

/** Tries for an applicant without a contradiction; one that is drawn with one after all is left out as it cannot be true. */
const mostDraws = 100

/** Made-up applicants: every column drawn by itself as the training rows have it, within what can be true. @param random uniform in [0, 1). */
export function drawApplicants(
  { names, meanings, contradictions = [], reference: { columns } }: DrawParts,
  count: number,
  random: () => number,
): Applicant[] {
  const draw = (): Applicant =>
    columns.map((column, i) => {
      if (column.kind === 'category') return levelAt(column.shares, random())
      if (random() < column.missing) return Number.NaN
      const value = percentileOfSorted(column.quantiles, random())
      return Math.fround(truthful(value, meanings[i]))
    })
  return Array.from({ length: count }, () => {
    let drawn = draw()
    for (let tries = 1; tries < mostDraws && contradictionsIn(drawn, names, contradictions).length > 0; tries++)
      drawn = draw()
    return drawn
  })
}

function levelAt(shares: Readonly<Record<string, number>>, share: number): string {
  let left = share
  for (const [level, part] of Object.entries(shares)) {
    left -= part
    if (left <= 0) return level
  }
  return Object.keys(shares).at(-1) ?? ''
}
