import type { ColumnSchema } from '../manifest.ts'
import type { Column, Table } from './table.ts'

/** What becomes of missing numbers. A missing category is a level like others. */
export const missingPolicies = ['indicator', 'median', 'mode', 'drop'] as const
export type MissingPolicy = (typeof missingPolicies)[number]

export interface PreparedNumber {
  readonly kind: 'number'
  readonly name: string
  /** Least and greatest value of the training rows. */
  readonly low: number
  readonly high: number
  /** Value of a missing one. */
  readonly fill: number
  /** Whether being missing is a feature of its own. */
  readonly indicator: boolean
  /** Values beyond are drawn in, for models that weigh the value itself. */
  readonly clip: readonly [low: number, high: number]
  /** log(1 + x) first. */
  readonly log: boolean
  /** Of what is left then; a deviation of 1 where all values are alike. */
  readonly mean: number
  readonly deviation: number
}
export interface PreparedCategory {
  readonly kind: 'category'
  readonly name: string
  /** Levels with a feature of their own; the rest and what was never seen have none. */
  readonly kept: readonly string[]
  /** All levels of the training rows. */
  readonly levels: readonly string[]
}
export type PreparedColumn = PreparedNumber | PreparedCategory

/** How columns become features; every statistic is of the training rows. */
export interface Preparation {
  readonly columns: readonly PreparedColumn[]
}

/** Features of rows, feature by feature: numbers, then indicators, then one-hot levels. */
export interface Prepared {
  readonly rows: number
  readonly names: readonly string[]
  /** As they are, missing ones filled: what trees split. */
  readonly plain: readonly Float32Array[]
  /** Clipped, perhaps as logarithm, standardised: what linear models and networks weigh; made when it is first asked for. */
  readonly scaled: () => readonly Float32Array[]
}

/** A level of fewer rows than this number, or this share, is rare; so are those beyond the most frequent hundred. */
const [rareRows, rareShare, mostKept] = [5, 0.001, 100]
/** Numbers beyond these quantiles are clipped. */
const clipShare = 0.001
/** Columns without negative numbers and with a larger skewness are taken as logarithms. */
const skewed = 1

/** Measure the columns of the training rows. */
export function fitPreparation(table: Table, policy: MissingPolicy): Preparation {
  return { columns: table.columns.map((column) => fitColumn(column, table.rows, policy)) }
}

function fitColumn(column: Column, rows: number, policy: MissingPolicy): PreparedColumn {
  if (column.kind === 'number') return fitNumber(column.name, column.values, policy)
  const { name, codes, levels } = column
  const counts = new Uint32Array(levels.length)
  for (let row = 0; row < rows; row++) counts[codes[row]!]!++
  const least = Math.max(rareRows, rareShare * rows)
  const order = [...levels.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b)
  const named = (codes: readonly number[]): string[] => codes.map((code) => levels[code]!).sort()
  return {
    ...{ kind: 'category', name },
    kept: named(order.filter((code) => counts[code]! >= least).slice(0, mostKept)),
    levels: named(order.filter((code) => counts[code]! > 0)),
  }
}

function fitNumber(name: string, values: Float32Array, policy: MissingPolicy): PreparedNumber {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  const missing = values.length - sorted.length
  if (sorted.length === 0)
    return {
      ...{ kind: 'number', name, low: 0, high: 0, fill: 0, indicator: false, clip: [0, 0], log: false, mean: 0 },
      deviation: 1,
    }
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!
  const [low, high] = [sorted[0]!, sorted.at(-1)!]
  const fill = policy === 'mode' ? modeOf(sorted) : at(0.5)
  const clip = [at(clipShare), at(1 - clipShare)] as const
  const clipped = sorted.map((value) => Math.min(clip[1], Math.max(clip[0], value)))
  const log = low >= 0 && skewnessOf(clipped) > skewed
  const flat = log ? clipped.map(logOf) : clipped
  const filled = log ? logOf(Math.min(clip[1], fill)) : fill
  return {
    ...{ kind: 'number', name, low, high, fill, clip, log },
    ...{ indicator: policy === 'indicator' && missing > 0, ...spreadOf(flat, filled, missing) },
  }
}

const logOf = (value: number): number => Math.fround(Math.log(Math.fround(1 + value)))

/** The most frequent of sorted values, the least of equals. */
function modeOf(sorted: Float32Array): number {
  let [best, most] = [sorted[0]!, 0]
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++
    if (to - from > most) [best, most] = [sorted[from]!, to - from]
  }
  return best
}

/** Third standardised moment; 0 where all values are alike. */
function skewnessOf(values: Float32Array): number {
  const { mean, deviation } = momentsOf(values, 0, 0)
  if (deviation === 0) return 0
  let cubes = 0
  for (let i = 0; i < values.length; i++) cubes += ((values[i]! - mean) / deviation) ** 3
  return cubes / values.length
}

function momentsOf(values: Float32Array, filled: number, missing: number) {
  const rows = values.length + missing
  let sum = missing * filled
  for (let i = 0; i < values.length; i++) sum += values[i]!
  const mean = sum / rows
  let squares = missing * (filled - mean) ** 2
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / rows) }
}

/** Of the values with the missing ones filled, as float32, which the graph computes in. */
function spreadOf(values: Float32Array, filled: number, missing: number) {
  const { mean, deviation } = momentsOf(values, filled, missing)
  return {
    mean: Math.fround(mean),
    deviation: deviation > 1e-6 * Math.max(1, Math.abs(mean)) ? Math.fround(deviation) : 1,
  }
}

/** Features of rows by a preparation that may have been fitted to others. @param table has its columns, in its order. */
export function prepare({ columns }: Preparation, table: Table): Prepared {
  const [names, plain]: [string[], Float32Array[]] = [[], []]
  const add = (name: string, values: Float32Array): void => {
    names.push(name)
    plain.push(values)
  }
  const numbers = columns.flatMap((column, i) => (column.kind === 'number' ? [{ column, at: i }] : []))
  for (const { column, at } of numbers) add(column.name, filledOf(table.columns[at]!, column.fill))
  for (const { column, at } of numbers) {
    if (column.indicator) add(`${column.name} is missing`, missingOf(table.columns[at]!))
  }
  columns.forEach((column, at) => {
    if (column.kind === 'category')
      for (const level of column.kept) add(`${column.name} = ${level}`, levelOf(table.columns[at]!, level))
  })
  let scaled: readonly Float32Array[] | undefined
  const scale = () => plain.map((values, i) => (i < numbers.length ? scaledOf(values, numbers[i]!.column) : values))
  return { rows: table.rows, names, plain, scaled: () => (scaled ??= scale()) }
}

function numbersOf(column: Column): Float32Array {
  if (column.kind === 'number') return column.values
  throw new RangeError(`column ${column.name} holds categories, not numbers`)
}

const filledOf = (column: Column, fill: number): Float32Array =>
  numbersOf(column).map((value) => (Number.isNaN(value) ? fill : value))

const missingOf = (column: Column): Float32Array => numbersOf(column).map((value) => Number(Number.isNaN(value)))

function levelOf(column: Column, level: string): Float32Array {
  if (column.kind === 'number') throw new RangeError(`column ${column.name} holds numbers, not categories`)
  const code = column.levels.indexOf(level)
  return Float32Array.from(column.codes, (one) => Number(one === code))
}

/** Step by step in float32, as the graph does it. */
function scaledOf(values: Float32Array, { clip: [low, high], log, mean, deviation }: PreparedNumber): Float32Array {
  return values.map((value) => {
    const clipped = Math.min(high, Math.max(low, value))
    return Math.fround((log ? logOf(clipped) : clipped) - mean) / deviation
  })
}

/** Rows that a preparation by listwise deletion keeps: those without a missing number. */
export function completeRows({ rows, columns }: Table): Uint32Array {
  const numbers = columns.flatMap((column) => (column.kind === 'number' ? [column.values] : []))
  const kept: number[] = []
  for (let row = 0; row < rows; row++) if (!numbers.some((values) => Number.isNaN(values[row]))) kept.push(row)
  return Uint32Array.from(kept)
}

/** What a manifest says of the inputs. */
export const schemaOf = ({ columns }: Preparation): ColumnSchema[] =>
  columns.map((column) => {
    if (column.kind === 'category') return { kind: 'category', name: column.name, levels: [...column.levels] }
    const { kind, name, low, high, fill } = column
    return { kind, name, low, high, fill }
  })
