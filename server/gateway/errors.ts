import { BursarError, type ErrorCode, messageOf, RateLimitedError, type WireCode } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { ProtocolError } from '../protocol/codec.ts'
import type { ErrFrame } from '../protocol/events.ts'
import { mintId } from '../protocol/ids.ts'

/** What everybody may read. Own messages (paths, sizes, table names) stay in the log. */
const wording: Readonly<Record<WireCode, string>> = {
  bad_frame: 'that is not a JSON object',
  unknown_type: 'this server does not know that type of frame',
  invalid_field: 'a field is missing or not valid',
  unauthorised: 'a valid credential is needed',
  forbidden: 'that is not allowed here',
  not_found: 'there is no such thing, or it is not yours',
  conv_closed: 'this conversation has ended',
  idempotency_conflict: 'that id was used for something else',
  too_long: 'that is longer than allowed',
  rate_limited: 'too many requests, please wait',
  busy: 'the service is busy, please try again shortly',
  model_unavailable: 'the assistant is not available right now',
  storage_unavailable: 'nothing can be saved right now, please try again shortly',
  internal: 'something went wrong on our side',
}

const statusOf: Readonly<Record<WireCode, number>> = {
  bad_frame: 400,
  unknown_type: 400,
  invalid_field: 400,
  unauthorised: 401,
  forbidden: 403,
  not_found: 404,
  conv_closed: 409,
  idempotency_conflict: 409,
  too_long: 413,
  rate_limited: 429,
  busy: 503,
  model_unavailable: 503,
  storage_unavailable: 503,
  internal: 500,
}

/** Codes after which the same request may succeed later, and how long to wait at least (milliseconds). */
const retryAfter: Partial<Record<WireCode, number>> = {
  busy: 1_000,
  model_unavailable: 2_000,
  storage_unavailable: 2_000,
}

/** A request without a valid credential. */
export class UnauthorisedError extends BursarError {
  readonly code = 'unauthorised'
}

/** A request from an origin or place that may not make it. */
export class ForbiddenError extends BursarError {
  readonly code = 'forbidden'
}

/** A request for a name that is not this server's. Whoever runs it reads this, behind a proxy that hands the name on. */
export const foreignName = (): ProtocolError =>
  new ProtocolError('forbidden', 'this server does not go by that name: add its public address to BURSAR_ORIGINS')

/** What a caller is told: the content of an `err` frame or of an HTTP error body. */
export interface Refusal {
  readonly code: WireCode
  readonly msg: string
  readonly temporary: boolean
  readonly retryAfterMs?: number
  readonly field?: string
  readonly trace: string
}

/** Turn whatever was thrown into what the caller may know. `trace` is found again in the log. */
export function refusalOf(reason: unknown, trace = mintId('r')): Refusal {
  const code = wireCodeOf(reason)
  const isLimit = reason instanceof RateLimitedError
  const retryAfterMs = isLimit ? reason.retryAfterMs : retryAfter[code]
  // Only these are written for the caller: they name the limit, or the field that is wrong and never its value.
  const own =
    reason instanceof ProtocolError
      ? { msg: reason.message, field: reason.field }
      : { msg: isLimit ? reason.message : wording[code] }
  return {
    code,
    msg: own.msg,
    temporary: retryAfterMs !== undefined,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...('field' in own && own.field !== undefined && { field: own.field }),
    trace,
  }
}

/** The `err` frame for whatever was thrown; `re` is the id of the command it answers, where one was readable. */
export const errFrame = (refusal: Refusal, re: string | undefined): ErrFrame => ({
  t: 'err',
  ...(re !== undefined && { re }),
  ...refusal,
})

export const httpStatusOf = (code: WireCode): number => statusOf[code]

const inside: Partial<Record<ErrorCode, WireCode>> = {
  engine_lost: 'model_unavailable',
  deadline: 'model_unavailable',
  corrupt: 'storage_unavailable',
}

function wireCodeOf(reason: unknown): WireCode {
  if (!(reason instanceof BursarError)) return 'internal'
  const { code } = reason
  return code in statusOf ? (code as WireCode) : (inside[code] ?? 'internal') // cast: the table's keys are the wire's codes
}

/**
 * Log what the caller is not told. A message of our own errors is ours; a foreign one may quote what somebody wrote (SQLite
 * and JSON.parse do), so only its class and the places it came from are kept.
 */
export function logRefusal(log: Logger, reason: unknown, refusal: Refusal): void {
  const { code, trace } = refusal
  if (reason instanceof BursarError) {
    if (statusOf[code] >= 500 && code !== 'busy')
      log.error({ trace, code: reason.code, reason: messageOf(reason) }, 'request failed')
    return
  }
  const frames = reason instanceof Error ? (reason.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  const kind = reason instanceof Error ? reason.name : typeof reason
  log.error({ trace, code, kind, stack: frames.slice(0, 8).map((line) => line.trim()) }, 'unexpected error')
}
