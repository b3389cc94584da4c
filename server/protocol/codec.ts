import type { z } from 'zod'
import { BursarError, type WireCode } from '../errors.ts'
import type { AgentFrame } from './agent-events.ts'
import { type AgentCommand, agentCommand } from './agent-messages.ts'
import type { CustomerFrame } from './events.ts'
import {
  agentCommandTypes,
  type CustomerCommand,
  customerCommand,
  customerCommandTypes,
  type Hello,
  hello,
} from './messages.ts'

/** A frame that breaks the contract; `re` is the id of the command it held, `field` the path that was wrong. */
export class ProtocolError extends BursarError {
  readonly code: WireCode
  readonly re: string | undefined
  readonly field: string | undefined
  constructor(code: WireCode, message: string, more: { re?: string | undefined; field?: string } & ErrorOptions = {}) {
    super(message, more)
    this.code = code
    this.re = more.re
    this.field = more.field
  }
}

/**
 * Decode one text frame from a customer after the first.
 * @returns undefined for another hello, which closes the connection instead of being answered.
 * @throws {ProtocolError} if it is not a known, valid command that a customer may send.
 */
export const decodeCommand = (frame: string): CustomerCommand | undefined =>
  decodeAs(frame, customerCommand, agentCommandTypes, 'agents')

/** Decode one text frame from a member of staff after the first; else as {@link decodeCommand}. */
export const decodeAgentCommand = (frame: string): AgentCommand | undefined =>
  decodeAs(frame, agentCommand, customerCommandTypes, 'customers')

/** @param others types of frames that only `whose` may send. */
function decodeAs<T>(frame: string, schema: z.ZodType<T>, others: ReadonlySet<unknown>, whose: string): T | undefined {
  const json = parse(frame)
  const type = 't' in json ? json.t : undefined
  if (type === 'hello') return undefined
  const re = idOf(json)
  if (others.has(type)) throw new ProtocolError('forbidden', `only ${whose} may send that type of frame`, { re })
  const parsed = schema.safeParse(json)
  // Name the field, never echo its value: frames carry what people say about their money.
  if (!parsed.success) throw refusal(parsed.error.issues[0], re)
  return parsed.data
}

/** Decode the first frame of a connection. @throws {ProtocolError} if it is anything but a valid hello. */
export function decodeHello(frame: string): Hello {
  const json = parse(frame)
  if (!('t' in json) || json.t !== 'hello')
    throw new ProtocolError('bad_frame', 'the first frame has to be a hello', { re: idOf(json) })
  const parsed = hello.safeParse(json)
  if (!parsed.success) throw refusal(parsed.error.issues[0], undefined)
  return parsed.data
}

export const encode = (frame: CustomerFrame): string => JSON.stringify(frame)
export const encodeForAgent = (frame: AgentFrame): string => JSON.stringify(frame)

function parse(frame: string): object {
  let json: unknown
  try {
    json = JSON.parse(frame)
  } catch (cause) {
    throw new ProtocolError('bad_frame', 'the frame is not JSON', { cause })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ProtocolError('bad_frame', 'the frame is not a JSON object')
  }
  return json
}

function idOf(json: object): string | undefined {
  return 'id' in json && typeof json.id === 'string' && json.id.length <= 64 ? json.id : undefined
}

/** Fields that people write into at length. */
const longFields: ReadonlySet<unknown> = new Set(['text', 'comment', 'reason', 'q'])

/** The wire's code for zod's first issue. Unknown types are told apart, so that a newer client knows what to leave out. */
function refusal(issue: z.core.$ZodIssue | undefined, re: string | undefined): ProtocolError {
  const field = issue?.path.join('.') || 'frame'
  if (issue?.code === 'invalid_union' && issue.path[0] === 't') {
    return new ProtocolError('unknown_type', 'this server does not know that type of frame', { re, field })
  }
  if (issue?.code === 'too_big' && longFields.has(issue.path.at(-1))) {
    return new ProtocolError('too_long', `${field} is longer than allowed`, { re, field })
  }
  return new ProtocolError('invalid_field', `${field} is missing or not valid`, { re, field })
}
