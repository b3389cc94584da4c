import { isTableService, methodOf, type TableServiceName, type TableSettings } from '../engine/table-services.ts'
import { UsageError } from '../errors.ts'
import { tableOptions } from '../models/tabular/options.ts'
import { listOf, type Options, textOf } from './command.ts'

/** Options of commands that learn a column of a table. */
export const tableFlags = [
  ['--target <column>', 'credit, regression: the column to learn'],
  ['--ignore <columns>', 'credit, regression: columns that are not looked at, with commas between'],
  ['--method <name>', 'credit, regression: select, logistic, linear, mlp, tree, forest or boosting; default: select'],
  ['--select', 'credit, regression: compare methods by cross-validation, as --method select does'],
  ['--rule <name>', 'what select keeps: best, or 1se, the simplest within one standard error; default: 1se'],
  ['--option <name=value>', 'a setting of the method or of the preparation, see docs/credit.md; may be repeated', []],
] as const

const names = ['target', 'ignore', 'method', 'select', 'rule'] as const

/**
 * What the options say of a table.
 * @returns undefined for a service that has no table, or without a target.
 * @throws {UsageError} on an option of tables for another service, a name that is not known, or a bad value.
 */
export function tableSettings(service: string, given: Options): TableSettings | undefined {
  if (!isTableService(service)) {
    const odd = names.find((name) => given[name] !== undefined)
    if (odd !== undefined) throw new UsageError(`--${odd} is for credit and regression, not for ${service}`)
    if (listOf(given, 'option').length > 0)
      throw new UsageError(`--option is for credit and regression, not for ${service}`)
    return undefined
  }
  const target = textOf(given, 'target')
  if (target === undefined) return undefined
  const [method, rule] = [textOf(given, 'method'), textOf(given, 'rule') ?? '1se']
  if (given.select === true && method !== undefined && method !== 'select')
    throw new UsageError('only one of --select and --method can be given')
  if (rule !== 'best' && rule !== '1se') throw new UsageError(`--rule is best or 1se, not "${rule}"`)
  const options = listOf(given, 'option')
  tableOptions(options) // refused here, before anything is started
  const ignore = (textOf(given, 'ignore') ?? '').split(',').filter((name) => name !== '')
  return { target, ignore, method: methodOf(method ?? 'select'), rule, options }
}

/** @throws {UsageError} without `--target`. */
export function neededSettings(service: TableServiceName, given: Options): TableSettings {
  const settings = tableSettings(service, given)
  if (settings) return settings
  throw new UsageError(`--target is needed: the column that ${service} learns`)
}

/** `--option unusual=…`, the one that a prediction knows. @throws {UsageError} */
export function unusualOf(service: string, given: Options): 'refuse' | 'accept' | undefined {
  const options = listOf(given, 'option')
  if (options.length === 0) return undefined
  if (!isTableService(service)) throw new UsageError(`--option is for credit and regression, not for ${service}`)
  const value = options.length === 1 ? /^unusual=(refuse|accept)$/.exec(options[0]!)?.[1] : undefined
  if (value === 'refuse' || value === 'accept') return value
  throw new UsageError('a prediction knows only --option unusual=refuse or unusual=accept')
}
