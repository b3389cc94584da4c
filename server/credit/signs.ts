import type { TableReference } from '../models/manifest.ts'
import type { Applicant, Scorer } from './applicant.ts'
import type { ColumnMeaning } from './schema.ts'

/** Of the ways that were walked along a column whose sign is known, those on which the risk never went against it. */
export interface SignsKept {
  readonly signsChecked: number
  /** Share of those, 1 of none. */
  readonly signsKept: number
}

/** Log odds are made of float32: a fall by less is rounding. */
const rounding = 1e-5

/**
 * Move each column whose sign the schema tells over the quantiles of the training rows, one column of one applicant at a time,
 * all else left as it is.
 */
export async function checkSigns(
  applicants: readonly Applicant[],
  meanings: readonly (ColumnMeaning | undefined)[],
  { columns }: TableReference,
  score: Scorer,
): Promise<SignsKept> {
  let [checked, kept] = [0, 0]
  for (const [place, known] of columns.entries()) {
    const sign = meanings[place]?.monotone
    if (sign === undefined || known.kind !== 'number') continue
    const values = [...new Set(known.quantiles)].sort((a, b) => (sign === '+' ? a - b : b - a))
    for (const applicant of applicants) {
      const way = values.map((value) => applicant.map((own, at) => (at === place ? Math.fround(value) : own)))
      checked++
      if (neverFalls(await score(way))) kept++
    }
  }
  return { signsChecked: checked, signsKept: checked === 0 ? 1 : kept / checked }
}

const neverFalls = (logits: Float64Array): boolean =>
  logits.every((logit, i) => i === 0 || logit >= logits[i - 1]! - rounding)
