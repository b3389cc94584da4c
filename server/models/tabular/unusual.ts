import { InputError } from '../../errors.ts'
import type { ColumnSchema } from '../manifest.ts'
import type { Column, Table } from './table.ts'

/** A value that no training row can have prepared the model for. */
export interface Unusual {
  readonly column: string
  /** Place of the row in the table. */
  readonly row: number
  readonly what: 'a negative number, which no training row had' | 'a category that no training row had'
}

/** Unusual values, column by column. @param table its columns in the schema's order. */
export function unusualIn({ columns }: Table, schema: readonly ColumnSchema[]): Unusual[] {
  return columns.flatMap((column, i) => unusualOf(column, schema[i]!))
}

function unusualOf(column: Column, schema: ColumnSchema): Unusual[] {
  const found: Unusual[] = []
  const add = (row: number, what: Unusual['what']): void => void found.push({ column: column.name, row, what })
  if (column.kind === 'number' && schema.kind === 'number' && schema.low >= 0) {
    column.values.forEach((value, row) => {
      if (value < 0) add(row, 'a negative number, which no training row had')
    })
  }
  if (column.kind === 'category' && schema.kind === 'category') {
    const known = new Set(schema.levels)
    const isKnown = column.levels.map((level) => known.has(level))
    column.codes.forEach((code, row) => {
      if (!isKnown[code]) add(row, 'a category that no training row had')
    })
  }
  return found
}

/** How many values of each column are unusual, where any is. */
export function unusualCounts(table: Table, schema: readonly ColumnSchema[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { column } of unusualIn(table, schema)) counts[column] = (counts[column] ?? 0) + 1
  return counts
}

/** @throws {InputError} naming the first row, in the order of the file. */
export function assertUsual(file: string, lines: Uint32Array, found: readonly Unusual[]): void {
  if (found.length === 0) return
  const { row, column, what } = found.reduce((a, b) => (b.row < a.row ? b : a))
  throw new InputError({ file, line: lines[row]!, column }, `is ${what}: --unusual accept to go on`)
}

/** Names of the columns whose number is missing, a list a row. */
export function imputedIn({ rows, columns }: Table): string[][] {
  const names: string[][] = Array.from({ length: rows }, () => [])
  for (const column of columns) {
    if (column.kind !== 'number') continue
    column.values.forEach((value, row) => {
      if (Number.isNaN(value)) names[row]!.push(column.name)
    })
  }
  return names
}
