import { UsageError } from '../errors.ts'
import type { TableTask } from '../models/tabular/method.ts'
import { type MethodName, methodNames } from '../models/tabular/options.ts'
import type { Rule } from '../models/tabular/selection.ts'

export interface TableService {
  readonly task: TableTask
  /** Raised when preparation, graph or training change: versions of another recipe are not loaded. */
  readonly recipe: number
}

/** Models that learn a column of a table from the others, by name. */
export const tableServices: Readonly<Record<'credit' | 'regression', TableService>> = {
  credit: { task: 'tabular-classification', recipe: 1 },
  regression: { task: 'tabular-regression', recipe: 1 },
}
export type TableServiceName = keyof typeof tableServices
export const isTableService = (name: string): name is TableServiceName => Object.hasOwn(tableServices, name)

/** What is to be learnt from a table. */
export interface TableSettings {
  readonly target: string
  readonly ignore: readonly string[]
  readonly rule: Rule
  /** Of credit: what the columns mean. Protected ones are refused then, and signs that are known are kept where the method can. */
  readonly schema?: string
}

/** @throws {UsageError} if nobody said which column is to be learnt. */
export function settingsOf(service: string, settings: TableSettings | undefined): TableSettings {
  if (settings) return settings
  throw new UsageError(`${service} learns a column of a table: --target names it`)
}

/** @throws {UsageError} naming the methods that there are. */
export function methodOf(text: string): MethodName {
  const found = methodNames.find((name) => name === text)
  if (found !== undefined) return found
  throw new UsageError(`--method is one of ${methodNames.join(', ')}, not "${text}"`)
}
