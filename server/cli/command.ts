import type { Config } from '../config.ts'
import { UsageError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { OperationName, RequestOf } from '../operations/table.ts'

/** What a command answers: one JSON object for programs, and the same for people. */
export interface Outcome {
  readonly json: object
  readonly text: string
  /** Default 0; 1 when the work was done but something in it was refused. */
  readonly exitCode?: 0 | 1
}

/** Values of the options by name, as the command line gave them. */
export type Options = Readonly<Record<string, string | boolean | undefined>>

export interface Context {
  readonly config: Config
  readonly logger: Logger
  /** Progress for people on stderr; quiet when stderr is no terminal. */
  readonly progress: (share: number, what: string) => void
  /** Say something before the command is done: a server's address. */
  readonly announce: (json: object, text: string) => void
  /** Run an operation where the data directory's owner is: the server if one runs, else this process. */
  perform<N extends OperationName>(name: N, request: RequestOf<N>): Promise<unknown>
}

/** A command is data and one async function. */
export interface Command {
  /** Words after `bursar`, such as `models pull`. */
  readonly name: string
  /** Arguments in commander's notation, such as `<paths...>`. */
  readonly args: string
  readonly summary: string
  /** Flags, what they do, and their default. */
  readonly options: readonly (readonly [flags: string, description: string, fallback?: string])[]
  /** @returns undefined when everything was announced already. */
  run(context: Context, args: readonly string[], options: Options): Promise<Outcome | undefined>
}

/** The option's text, or undefined. */
export const textOf = (options: Options, name: string): string | undefined => {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The option as one of these words, or undefined. @throws {UsageError} naming those that there are. */
export function oneOf<const T extends string>(options: Options, name: string, known: readonly T[]): T | undefined {
  const value = textOf(options, name)
  const found = known.find((one) => one === value)
  if (value !== undefined && found === undefined)
    throw new UsageError(`--${name} has to be one of ${known.join(', ')}, not "${value}"`)
  return found
}

/** An option as it is typed: `--product-class` for `productClass`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** The option's day, or undefined. @throws {UsageError} for what is none. */
export function dayOf(options: Options, name: string): string | undefined {
  const day = textOf(options, name)
  if (day === undefined || isDay(day)) return day
  throw new UsageError(`${flagOf(name)} is a day such as 2026-05-31, not "${day}"`)
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)

/** For commands that the audit log names. */
export const reasonOption = ['--reason <text>', 'why, for the audit log'] as const

/** The reason as an operation takes it: left out where none was given. */
export function reasonOf(options: Options): { reason?: string } {
  const reason = textOf(options, 'reason')
  return reason === undefined ? {} : { reason }
}
