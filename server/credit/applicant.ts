import type { TableFacts } from '../models/service.ts'
import type { Column, Table } from '../models/tabular/table.ts'

/** What is known of somebody, a value a column in the model's order: a number, NaN if it is missing, or a text, '' if so. */
export type Applicant = readonly (number | string)[]

/** Log odds of the model's second class, a number a row. */
export type Scorer = (rows: readonly Applicant[]) => Promise<Float64Array>

/** Probabilities nearer to 0 or 1 are float32's rounding. */
const leastProbability = 1e-7

export function logitOf(probability: number): number {
  const p = Math.min(1 - leastProbability, Math.max(leastProbability, probability))
  return Math.log(p / (1 - p))
}

export const probabilityOf = (logit: number): number => 1 / (1 + Math.exp(-logit))

/** A model as a scorer. @param predict probabilities of a table's rows. */
export const scorerOf =
  (columns: TableFacts['columns'], predict: (table: Table) => Promise<Float32Array>): Scorer =>
  async (rows) =>
    Float64Array.from(await predict(tableOf(columns, rows)), logitOf)

function tableOf(columns: TableFacts['columns'], rows: readonly Applicant[]): Table {
  return {
    rows: rows.length,
    columns: columns.map(({ name, kind }, at): Column => {
      if (kind === 'number') return { kind, name, values: Float32Array.from(rows, (row) => Number(row[at])) }
      const levels = new Map<string, number>()
      const codes = Uint16Array.from(rows, (row) => {
        const level = String(row[at])
        const code = levels.get(level) ?? levels.size
        levels.set(level, code)
        return code
      })
      return { kind, name, codes, levels: [...levels.keys()] }
    }),
  }
}

/** The rows of a table as applicants. */
export const applicantsIn = ({ rows, columns }: Table): Applicant[] =>
  Array.from({ length: rows }, (_, row) =>
    columns.map((column) => (column.kind === 'number' ? column.values[row]! : column.levels[column.codes[row]!]!)),
  )

/** Missing numbers are alike. */
export const isSame = (a: number | string, b: number | string): boolean => Object.is(a, b) || a === b

/** The applicant with some values of another. */
export const withValues = (applicant: Applicant, from: Applicant, at: (column: number) => boolean): Applicant =>
  applicant.map((value, column) => (at(column) ? from[column]! : value))
