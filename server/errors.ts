/**
 * Every error that Bursar raises on purpose. Match on `code`, never on the message.
 * The wire's codes are the subset that protocol/ lets out; the rest stay inside the house.
 */
export const wireCodes = [
  'bad_frame',
  'unknown_type',
  'invalid_field',
  'unauthorised',
  'forbidden',
  'not_found',
  'conv_closed',
  'idempotency_conflict',
  'too_long',
  'rate_limited',
  'busy',
  'model_unavailable',
  'storage_unavailable',
  'internal',
] as const
export type WireCode = (typeof wireCodes)[number]
export type ErrorCode =
  | WireCode
  | 'usage'
  | 'bad_input'
  | 'bad_setting'
  | 'engine_lost'
  | 'deadline'
  | 'corrupt'
  | 'claimed'

export abstract class BursarError extends Error {
  abstract readonly code: ErrorCode
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** A queue is full: come back later. */
export class BusyError extends BursarError {
  readonly code = 'busy'
}

/** The caller has used up its share; `retryAfterMs` until the next request can succeed. The message is for the caller. */
export class RateLimitedError extends BursarError {
  readonly code = 'rate_limited'
  readonly retryAfterMs: number
  constructor(retryAfterMs: number, message = 'too many requests, please wait') {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** Something asked for does not exist, or is not this caller's. */
export class NotFoundError extends BursarError {
  readonly code = 'not_found'
}

/** The same command id came with another body. */
export class ConflictError extends BursarError {
  readonly code = 'idempotency_conflict'
}

/** The conversation has ended. */
export class ClosedError extends BursarError {
  readonly code = 'conv_closed'
}

/** A person has taken the conversation over: the assistant is silent. */
export class ClaimedError extends BursarError {
  readonly code = 'claimed'
}

/** A command line that cannot be understood; exit code 2. */
export class UsageError extends BursarError {
  readonly code = 'usage'
}

/** A setting (environment variable or option) that has a bad value. */
export class SettingError extends BursarError {
  readonly code = 'bad_setting'
}

/** A place in a file that a person gave us: line and column count from 1. */
export interface InputPlace {
  readonly file: string
  readonly line?: number
  readonly column?: string
}

/** A name may hold line ends: {@link messageOf} would cut the reason off, and name another file. */
const oneLine = (name: string): string =>
  name.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (sign) => `\\u{${sign.charCodeAt(0).toString(16)}}`)

/** A file or row that cannot be used; the message names the file, the line and the column where known. */
export class InputError extends BursarError {
  readonly code = 'bad_input'
  readonly place: InputPlace
  readonly reason: string
  constructor(place: InputPlace, reason: string, options?: ErrorOptions) {
    const line = place.line === undefined ? '' : `:${place.line}`
    const column = place.column === undefined ? '' : ` column ${place.column}`
    super(`${oneLine(`${place.file}${line}${column}`)}: ${reason}`, options)
    this.place = place
    this.reason = reason
  }
}

/** A model file is missing, altered or refused to load. */
export class ModelError extends BursarError {
  readonly code = 'model_unavailable'
}

/** The store cannot be opened, read or written; the message says what to do. */
export class StorageError extends BursarError {
  readonly code = 'storage_unavailable'
}

/** An index or model file does not match its manifest. */
export class CorruptError extends BursarError {
  readonly code = 'corrupt'
}

/** The engine that held a job has died; the job had no effect yet. */
export class EngineLostError extends BursarError {
  readonly code = 'engine_lost'
}

/** A job took longer than it may. */
export class DeadlineError extends BursarError {
  readonly code = 'deadline'
}

/** The message of whatever was thrown, on one line. */
export function messageOf(reason: unknown): string {
  const text = reason instanceof Error ? reason.message : String(reason)
  return text.split('\n', 1)[0] ?? ''
}
