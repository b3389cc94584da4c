import { createRandom, shuffle } from '../math/random.ts'
import { type Applicant, isSame, type Scorer, withValues } from './applicant.ts'

/** Up to so many columns that differ from the reference, every coalition is asked: 1,024 of them. */
const exactColumns = 10
/** Beyond, orders of the columns, each with its reverse. */
const orders = 16
const seed = 1

/**
 * What each column does to an applicant's log odds beside the reference applicant: baseline Shapley values, which add up to the
 * difference of the two. Exact for up to ten columns that differ; else the mean over random orders and their reverses.
 * Sources: Shapley 1953; Štrumbelj & Kononenko 2014; for a single reference Sundararajan & Najmi 2020, arXiv 1908.08474.
 * @returns log odds, a number a column; 0 for columns that do not differ.
 */
export async function shapleyValues(applicant: Applicant, reference: Applicant, score: Scorer): Promise<Float64Array> {
  const differing = applicant.flatMap((value, column) => (isSame(value, reference[column]!) ? [] : [column]))
  const values = new Float64Array(applicant.length)
  if (differing.length === 0) return values
  const parts =
    differing.length <= exactColumns
      ? await exact(applicant, reference, differing, score)
      : await sampled(applicant, reference, differing, score)
  differing.forEach((column, i) => {
    values[column] = parts[i]!
  })
  return values
}

async function exact(applicant: Applicant, reference: Applicant, columns: readonly number[], score: Scorer) {
  const d = columns.length
  const rows = Array.from({ length: 1 << d }, (_, coalition) => {
    const own = new Set(columns.filter((_, i) => coalition & (1 << i)))
    return withValues(reference, applicant, (column) => own.has(column))
  })
  const scores = await score(rows)
  const weights = weightsOf(d)
  const values = new Float64Array(d)
  for (let coalition = 0; coalition < scores.length; coalition++) {
    const size = bitsIn(coalition)
    for (let i = 0; i < d; i++)
      if (!(coalition & (1 << i))) values[i]! += weights[size]! * (scores[coalition | (1 << i)]! - scores[coalition]!)
  }
  return values
}

/** |S|! (d − |S| − 1)! / d! by the size of S. */
function weightsOf(d: number): number[] {
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))
  return Array.from({ length: d }, (_, size) => (factorial(size) * factorial(d - size - 1)) / factorial(d))
}

function bitsIn(number: number): number {
  let count = 0
  for (let left = number; left > 0; left &= left - 1) count++
  return count
}

async function sampled(applicant: Applicant, reference: Applicant, columns: readonly number[], score: Scorer) {
  const random = createRandom(seed)
  const drawn = Array.from({ length: orders }, () => {
    const order = [...columns.keys()]
    shuffle(order, random)
    return [order, order.toReversed()]
  }).flat()
  const rows = drawn.flatMap((order) => {
    const own = new Set<number>()
    return [-1, ...order].map((i) => {
      if (i >= 0) own.add(columns[i]!)
      return withValues(reference, applicant, (column) => own.has(column))
    })
  })
  const scores = await score(rows)
  const values = new Float64Array(columns.length)
  drawn.forEach((order, k) => {
    const from = k * (columns.length + 1)
    order.forEach((i, step) => {
      values[i]! += (scores[from + step + 1]! - scores[from + step]!) / drawn.length
    })
  })
  return values
}
