import { protectedIn, readCreditSchema, signsOf } from '../credit/schema.ts'
import { InputError, UsageError } from '../errors.ts'
import { keepsSigns } from '../models/tabular/candidates.ts'
import type { MethodName, TableOptions } from '../models/tabular/options.ts'
import type { TableFile } from '../models/tabular/table.ts'
import type { TableSettings } from './table-services.ts'

export interface Schooled {
  readonly options: TableOptions
  /** Signs that the method cannot be held to. */
  readonly signsNotKept: readonly string[]
  /** By the usual words, where no schema refuses them: decisions will be. */
  readonly protectedColumns: readonly string[]
}

/**
 * What a schema of credit asks of a training: no column that is protected, and the signs that are known, where the method can be
 * held to them.
 * @param options as they were given: a sign of theirs must not be against the schema's.
 * @throws {InputError} naming the protected column, or a schema that cannot be used; {@link UsageError} for signs that differ.
 */
export function withSchema(
  { schema, target, ignore }: TableSettings,
  { file, columns }: TableFile,
  method: MethodName,
  options: TableOptions,
): Schooled {
  const meaning = readCreditSchema(schema)
  const left = new Set([target, ...ignore])
  const inputs = [...columns.keys()].filter((name) => !left.has(name))
  const found = protectedIn(inputs, meaning)
  if (schema === undefined) return { options, signsNotKept: [], protectedColumns: found }
  if (found.length > 0)
    throw new InputError(
      { file, column: found[0]! },
      `is protected, and no decision may depend on it: --ignore ${[...ignore, ...found].join(',')}`,
    )
  const signs = signsOf(inputs, meaning)
  const against = options.monotone.find((text) => signs.includes(opposite(text)))
  if (against !== undefined) throw new UsageError(`--option monotone=${against} is against the schema`)
  if (!keepsSigns(method)) return { options, signsNotKept: signs, protectedColumns: [] }
  return {
    options: { ...options, monotone: [...new Set([...options.monotone, ...signs])] },
    signsNotKept: [],
    protectedColumns: [],
  }
}

const opposite = (text: string): string => `${text.slice(0, -1)}${text.endsWith('+') ? '-' : '+'}`
