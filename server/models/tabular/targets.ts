import { InputError } from '../../errors.ts'
import type { RawColumn } from './column-reader.ts'
import type { TableTask } from './method.ts'
import type { TableFile } from './table.ts'

export interface Targets {
  /** 0 and 1, or the numbers themselves. */
  readonly targets: Float64Array
  /** Of the classes 0 and 1. */
  readonly labels?: readonly [string, string]
}

/**
 * What is to be learnt.
 * @param positive class that counts as 1; default the later one in sorted order.
 * @throws {InputError} if the column is not there, a value is missing or no number, or there are not two classes.
 */
export function targetsOf(table: TableFile, target: string, task: TableTask, positive: string | undefined): Targets {
  const { file } = table
  const raw = targetColumn(table, target)
  if (task === 'tabular-regression') {
    if (raw.firstText !== undefined)
      throw new InputError({ file, line: raw.firstText, column: target }, 'is not a number')
    return { targets: Float64Array.from(raw.numbers) }
  }
  const classes = raw.codes ? [...raw.levels].sort() : []
  if (raw.codes === undefined || classes.length !== 2)
    throw new InputError({ file, column: target }, `has ${raw.codes ? classes.length : 'too many'} classes, not two`)
  if (positive !== undefined && !classes.includes(positive))
    throw new InputError({ file, column: target }, `has no class '${positive}': --option positive`)
  const one = positive ?? classes[1]!
  const zero = classes.find((name) => name !== one)!
  return { targets: truthOf(raw, one), labels: [zero, one] }
}

/**
 * What is true of the rows that a model is scored on.
 * @throws {InputError} as {@link targetsOf}; for a class that the model does not know, naming its line.
 */
export function truthsOf(
  table: TableFile,
  target: string,
  labels: readonly [string, string] | undefined,
): Float64Array {
  const { file, lines } = table
  if (!labels) return targetsOf(table, target, 'tabular-regression', undefined).targets
  const raw = targetColumn(table, target)
  const { codes, levels } = raw
  if (!codes) throw new InputError({ file, column: target }, 'has too many classes')
  const odd = codes.findIndex((code) => !labels.includes(levels[code]!))
  if (odd >= 0)
    throw new InputError({ file, line: lines[odd]!, column: target }, `is neither '${labels[0]}' nor '${labels[1]}'`)
  return truthOf(raw, labels[1])
}

function targetColumn({ file, columns }: TableFile, target: string): RawColumn {
  const raw = columns.get(target)
  if (!raw) throw new InputError({ file, column: target }, 'is missing: --target names the column to learn')
  if (raw.firstMissing !== undefined)
    throw new InputError({ file, line: raw.firstMissing, column: target }, 'is empty: there is nothing to learn from')
  return raw
}

function truthOf({ codes, levels }: RawColumn, one: string): Float64Array {
  const place = levels.indexOf(one)
  return Float64Array.from(codes ?? [], (code) => Number(code === place))
}
