import type { Table } from './table.ts'

/** What a file of rows holds: to look at, not a reason to refuse. */
export interface DataReport {
  readonly rows: number
  /** Rows that were left out as a number was missing, by the policy `drop`. */
  readonly dropped: number
  /** Rows with the inputs and the target of an earlier one, and with its inputs but another target; null beyond a million rows. */
  readonly duplicates: number | null
  readonly conflicts: number | null
  /** Missing values by column, where there are any. */
  readonly missing: Readonly<Record<string, number>>
  /** Columns that are the same in every row. */
  readonly constant: readonly string[]
  /** Rows by class. */
  readonly balance?: Readonly<Record<string, number>>
}

const mostRows = 1_000_000

/** @param targets a number a row. @param labels of the classes 0 and 1, if they are classes. */
export function reportOf(
  table: Table,
  targets: Float64Array,
  dropped: number,
  labels?: readonly [string, string],
): DataReport {
  const missing: [string, number][] = table.columns.flatMap((column) => {
    const count = missingIn(column)
    return count > 0 ? [[column.name, count]] : []
  })
  const positives = targets.filter((target) => target === 1).length
  return {
    ...{ rows: table.rows, dropped, ...repeatsIn(table, targets) },
    missing: Object.fromEntries(missing),
    constant: table.columns.filter(isConstant).map(({ name }) => name),
    ...(labels && { balance: { [labels[0]]: targets.length - positives, [labels[1]]: positives } }),
  }
}

type Column = Table['columns'][number]

function missingIn(column: Column): number {
  if (column.kind === 'number') return column.values.filter(Number.isNaN).length
  const empty = column.levels.indexOf('')
  return column.codes.filter((code) => code === empty).length
}

function isConstant(column: Column): boolean {
  const values = column.kind === 'number' ? column.values : column.codes
  for (let row = 1; row < values.length; row++) if (!Object.is(values[row], values[0])) return false
  return true
}

function repeatsIn({ rows, columns }: Table, targets: Float64Array): Pick<DataReport, 'duplicates' | 'conflicts'> {
  if (rows > mostRows) return { duplicates: null, conflicts: null }
  const known = new Map<number, number>()
  const hashes = rowHashes(columns, rows)
  let [duplicates, conflicts] = [0, 0]
  for (let row = 0; row < rows; row++) {
    const same = known.get(hashes[row]!)
    if (same === undefined) known.set(hashes[row]!, targets[row]!)
    else if (same === targets[row]) duplicates++
    else conflicts++
  }
  return { duplicates, conflicts }
}

/** How many rows have inputs that a row of another table has as well: what a model was taught is no test of it. */
export function sharedRows(known: Table, test: Table): number | null {
  if (known.rows > mostRows) return null
  const seen = new Set(rowHashes(known.columns, known.rows))
  return rowHashes(test.columns, test.rows).filter((hash) => seen.has(hash)).length
}

/** 52 bits of each row's inputs: among a million rows two different ones agree once in ten thousand files. */
function rowHashes(columns: readonly Column[], rows: number): Float64Array {
  const [high, low] = [new Uint32Array(rows).fill(0x811c9dc5), new Uint32Array(rows).fill(0x9e3779b9)]
  for (const column of columns) {
    const bits = bitsOf(column)
    for (let row = 0; row < rows; row++) {
      high[row] = mix(high[row]! ^ bits[row]!, 0x01000193)
      low[row] = mix(low[row]! + bits[row]!, 0x85ebca6b)
    }
  }
  return Float64Array.from({ length: rows }, (_, row) => (high[row]! & 0xfffff) * 2 ** 32 + low[row]!)
}

/** 32 bits of each value; those of a text are the same in every table. */
function bitsOf(column: Column): Uint32Array {
  if (column.kind === 'number') return new Uint32Array(column.values.slice().buffer)
  const hashes = column.levels.map((level) => {
    let hash = 0x811c9dc5
    for (let i = 0; i < level.length; i++) hash = mix(hash ^ level.charCodeAt(i), 0x01000193)
    return hash
  })
  return Uint32Array.from(column.codes, (code) => hashes[code]!)
}

function mix(value: number, factor: number): number {
  const product = Math.imul(value ^ (value >>> 15), factor)
  return product ^ (product >>> 13)
}
