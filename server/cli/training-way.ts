import type { Way } from '../engine/tasks.ts'
import { UsageError } from '../errors.ts'
import { type Options, textOf } from './command.ts'

/** Options of the commands that train. */
export const wayOptions = [
  ['--method <name>', 'how to learn, in services that know several ways'],
  ['--option <k=v,…>', 'settings of the method, separated by commas'],
] as const

/** @throws {UsageError} for what is no list of settings, or one named twice. */
export function wayOf(given: Options): { readonly way?: Way } {
  const method = textOf(given, 'method')
  const options: Record<string, string> = Object.create(null)
  for (const pair of textOf(given, 'option')?.split(',') ?? []) {
    const [, name = '', value = ''] = /^\s*([a-zA-Z][\w-]*)\s*=\s*(\S|\S.*\S)\s*$/.exec(pair) ?? []
    if (name === '') throw new UsageError(`--option: "${pair}" is not NAME=VALUE`)
    if (name in options) throw new UsageError(`--option: ${name} is given twice`)
    options[name] = value
  }
  const way = {
    ...(method !== undefined && { method }),
    ...(Object.keys(options).length > 0 && { options: { ...options } }),
  }
  return Object.keys(way).length > 0 ? { way } : {}
}
