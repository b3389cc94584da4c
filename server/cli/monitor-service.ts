import { UsageError } from '../errors.ts'
import { type Options, textOf } from './command.ts'

/** The option's service; undefined if none is named. @throws {UsageError} naming those that there are. */
export function serviceOf<const S extends string>(given: Options, services: readonly S[]): S | undefined {
  const name = textOf(given, 'service')
  const service = services.find((known) => known === name)
  if (name !== undefined && service === undefined)
    throw new UsageError(`--service has to be one of ${services.join(', ')}, not "${name}"`)
  return service
}
