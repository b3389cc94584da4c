import { createHash } from 'node:crypto'
import { percentileOfSorted } from '../math/statistics.ts'
import type { TableReference } from '../models/manifest.ts'
import { type Applicant, logitOf, probabilityOf, type Scorer, withValues } from './applicant.ts'
import { counterfactualOf, waysOf } from './counterfactual.ts'
import { type ColumnMeaning, type CreditSchema, contradictionsIn, faultOf } from './schema.ts'
import { shapleyValues } from './shapley.ts'

export type Band = 'A' | 'B' | 'C' | 'D' | 'E'

/** Why somebody's probability is higher than that of the reference applicant. */
export interface Reason {
  readonly column: string
  readonly value: number | string | null
  /** Log odds that the column adds; a Shapley value. */
  readonly contribution: number
  readonly text: string
}

export interface Decision {
  /** The same for the same model, schema, limit and row. */
  readonly decisionId: string
  readonly probability: number
  /** A to E, by the probabilities of the rows that the model was measured on: half of them are A. */
  readonly band: Band
  /** Of an insurer's schema: what this band pays, as a factor of the basic premium. */
  readonly premium?: { readonly name: string; readonly factor: number }
  readonly decision: 'approve' | 'decline'
  /** At most four, what adds most first; setting any of these columns to the reference applicant's value lowers the probability. */
  readonly reasons: readonly Reason[]
  /** Columns that were missing and are read as the model's usual value. */
  readonly imputed?: readonly string[]
  /** The least change that would turn a refusal; null if there is none that was tried. */
  readonly counterfactual?: {
    readonly changes: readonly { readonly column: string; readonly from: number; readonly to: number }[]
    readonly probability: number
  } | null
}

/** A row that nothing can be said of. */
export interface RefusedRow {
  readonly refused: readonly string[]
}

export interface DeciderParts {
  /** Of the model's inputs, in its order. */
  readonly names: readonly string[]
  readonly meanings: readonly (ColumnMeaning | undefined)[]
  readonly contradictions?: CreditSchema['contradictions']
  readonly premiums?: CreditSchema['premiums'] | undefined
  readonly reference: TableReference
  readonly score: Scorer
  /** Share of the rows that the model was measured on that would be approved. */
  readonly approve: number
  /** Checksums of the model and of what its columns mean. */
  readonly model: string
}

const mostReasons = 4
/** More would be asked of the model than a reason is worth. */
const mostCandidates = 8
const bands = [
  ['A', 0.5],
  ['B', 0.75],
  ['C', 0.9],
  ['D', 0.97],
] as const

/** Decides on applicants, one by one and without memory: the same row gets the same decision and reasons, bit for bit. */
export function createDecider(parts: DeciderParts) {
  const { names, meanings, contradictions = [], premiums, reference, score, approve, model } = parts
  const limit = logitOf(percentileOfSorted(reference.scores, approve))
  const usual: Applicant = reference.columns.map(({ value }) => value)
  const bandLimits = bands.map(([name, share]) => [name, percentileOfSorted(reference.scores, share)] as const)

  async function reasonsFor(applicant: Applicant, logit: number): Promise<Reason[]> {
    const values = await shapleyValues(applicant, usual, score)
    const candidates = [...names.keys()]
      .filter((column) => values[column]! > 0 && !meanings[column]?.unnamed)
      .sort((a, b) => values[b]! - values[a]! || a - b)
      .slice(0, mostCandidates)
    if (candidates.length === 0) return []
    const without = await score(candidates.map((column) => withValues(applicant, usual, (at) => at === column)))
    return candidates
      .filter((_, i) => without[i]! < logit)
      .slice(0, mostReasons)
      .map((column) => ({
        column: names[column]!,
        value: shownValue(applicant[column]!),
        contribution: values[column]!,
        text: textOf(applicant[column]!, usual[column]!, meanings[column], names[column]!),
      }))
  }

  async function changeFor(applicant: Applicant): Promise<NonNullable<Decision['counterfactual']> | null> {
    const ways = waysOf(applicant, meanings, reference)
    const isPossible = (changed: Applicant): boolean => contradictionsIn(changed, names, contradictions).length === 0
    const found = await counterfactualOf(applicant, { limit, ways, isPossible }, score)
    if (!found) return null
    const changes = found.changes.map(({ column, from, to }) => ({ column: names[column]!, from, to }))
    return { changes, probability: probabilityOf(found.logit) }
  }

  return {
    /** Log odds from which on somebody is refused. */
    limit,
    /** The reference applicant. */
    usual,
    async decide(applicant: Applicant): Promise<Decision | RefusedRow> {
      const refused = applicant.flatMap((value, column) => {
        const meaning = meanings[column]
        return (meaning && faultOf(value, meaning)) ?? []
      })
      refused.push(...contradictionsIn(applicant, names, contradictions))
      if (refused.length > 0) return { refused }
      const logit = (await score([applicant]))[0]!
      const probability = probabilityOf(logit)
      const imputed = names.filter((_, column) => Number.isNaN(applicant[column]))
      const isApproved = logit < limit
      const band = bandLimits.find(([, most]) => probability <= most)?.[0] ?? 'E'
      return {
        decisionId: idOf([model, limit, applicant.map(shownValue)]),
        probability,
        band,
        ...(premiums && { premium: premiums[band] }),
        decision: isApproved ? 'approve' : 'decline',
        reasons: await reasonsFor(applicant, logit),
        ...(imputed.length > 0 && { imputed }),
        ...(!isApproved && { counterfactual: await changeFor(applicant) }),
      }
    },
  }
}
export type Decider = ReturnType<typeof createDecider>

/** JSON has no NaN. */
const shownValue = (value: number | string): number | string | null => (Number.isNaN(value) ? null : value)

const idOf = (parts: unknown): string =>
  `d_${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)}`

function textOf(
  value: number | string,
  usual: number | string,
  meaning: ColumnMeaning | undefined,
  name: string,
): string {
  const { high, low, missing, other } = meaning?.reasons ?? {}
  const ofNumber = Number.isNaN(value) ? missing : value > usual ? high : low
  const text = typeof value === 'string' ? (value === '' ? missing : other) : ofNumber
  return text ?? `${meaning?.label ?? name} differs from what is usual`
}
