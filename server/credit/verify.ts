import { isDeepStrictEqual } from 'node:util'
import { percentileOfSorted } from '../math/statistics.ts'
import type { TableReference } from '../models/manifest.ts'
import { type Applicant, type Scorer, withValues } from './applicant.ts'
import type { Decider, Decision, Reason, RefusedRow } from './decision.ts'
import type { ColumnMeaning } from './schema.ts'

/** Shares of what was looked at, 1 where all of it is as it is said to be. */
export interface Verification {
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
  for (const [i, applicant] of applicants.entries()) {
    onShare(i / applicants.length)
    const decided = await decider.decide(applicant)
    if (!isDecision(decided)) continue
    sums.n++
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
    ...{
      n: sums.n,
      refused: applicants.length - sums.n,
      declined: sums.declined,
      reasons: sums.reasons,
      faithful: share(sums.faithful, sums.reasons),
    },
    ...{ counterfactuals: sums.found, withoutChange: sums.declined - sums.found },
    counterfactualsValid: share(sums.valid, sums.found),
    protectedUsed: used.size,
    identicalOnRerun: share(sums.identical, sums.n),
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
  { names, meanings, score, decider }: VerifyParts,
): Promise<boolean> {
  const changed = new Map(changes.map(({ column, to }) => [names.indexOf(column), to]))
  const [logit] = await score([applicant.map((value, column) => changed.get(column) ?? value)])
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

/** Made-up applicants: every column drawn by itself as the training rows have it, within what can be true. @param random uniform in [0, 1). */
export function drawApplicants(
  { columns }: TableReference,
  meanings: readonly (ColumnMeaning | undefined)[],
  count: number,
  random: () => number,
): Applicant[] {
  return Array.from({ length: count }, () =>
    columns.map((column, i) => {
      if (column.kind === 'category') return levelAt(column.shares, random())
      if (random() < column.missing) return Number.NaN
      const value = percentileOfSorted(column.quantiles, random())
      return Math.fround(truthful(value, meanings[i]))
    }),
  )
}

function levelAt(shares: Readonly<Record<string, number>>, share: number): string {
  let left = share
  for (const [level, part] of Object.entries(shares)) {
    left -= part
    if (left <= 0) return level
  }
  return Object.keys(shares).at(-1) ?? ''
}
