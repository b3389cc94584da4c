import { resolve } from 'node:path'
import { usualSchema } from '../credit/schema.ts'
import { isTableService, methodOf, type TableServiceName, type TableSettings } from '../engine/table-services.ts'
import { UsageError } from '../errors.ts'
import { tableOptions } from '../models/tabular/options.ts'
import { type Options, textOf } from './command.ts'
import { wayOf } from './training-way.ts'

/** Options of commands that learn a column of a table, beside those of training. */
export const tableFlags = [
  ['--target <column>', 'credit, regression: the column to learn'],
  ['--ignore <columns>', 'credit, regression: columns that are not looked at, with commas between'],
  ['--select', 'credit, regression: compare methods by cross-validation, as without --method'],
  ['--schema <file>', 'credit: what the columns mean, or consumer-credit: refuses protected ones, keeps known signs'],
  ['--rule <name>', 'which of them is kept: best, or 1se, the simplest within one standard error; default: 1se'],
] as const

const names = ['target', 'ignore', 'select', 'rule', 'schema'] as const

/**
 * What the options say of a table; the method and its settings are looked at, too, before anything is started.
 * @returns undefined for a service that has no table, or without a target.
 * @throws {UsageError} on an option of tables for another service, a name that is not known, or a bad value.
 */
export function tableSettings(service: string, given: Options): TableSettings | undefined {
  if (!isTableService(service)) {
    const odd = names.find((name) => given[name] !== undefined)
    if (odd !== undefined) throw new UsageError(`--${odd} is for credit and regression, not for ${service}`)
    return undefined
  }
  const { way = {} } = wayOf(given)
  const [target, rule] = [textOf(given, 'target'), textOf(given, 'rule') ?? '1se']
  const method = methodOf(way.method ?? 'select')
  if (given.select === true && method !== 'select')
    throw new UsageError('only one of --select and --method can be given')
  if (rule !== 'best' && rule !== '1se') throw new UsageError(`--rule is best or 1se, not "${rule}"`)
  tableOptions(way.options ?? {})
  const schema = textOf(given, 'schema')
  if (schema !== undefined && service !== 'credit') throw new UsageError('--schema is for credit, not for regression')
  if (target === undefined) return undefined
  const ignore = (textOf(given, 'ignore') ?? '').split(',').filter((name) => name !== '')
  return { target, ignore, rule, ...(schema !== undefined && { schema: schemaPath(schema) }) }
}

/** A file from where the command was given, or the name of the usual schema. */
export const schemaPath = (schema: string): string => (schema === usualSchema ? schema : resolve(schema))

/** @throws {UsageError} without `--target`. */
export function neededSettings(service: TableServiceName, given: Options): TableSettings {
  const settings = tableSettings(service, given)
  if (settings) return settings
  throw new UsageError(`--target is needed: the column that ${service} learns`)
}

/** What to do with values that no training row had; undefined: as usual. @throws {UsageError} */
export function unusualOf(service: string, given: Options): 'refuse' | 'accept' | undefined {
  const value = textOf(given, 'unusual')
  if (value === undefined) return undefined
  if (!isTableService(service)) throw new UsageError(`--unusual is for credit and regression, not for ${service}`)
  if (value === 'refuse' || value === 'accept') return value
  throw new UsageError(`--unusual is refuse or accept, not "${value}"`)
}
