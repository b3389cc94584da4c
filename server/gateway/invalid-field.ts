import type { z } from 'zod'
import { ProtocolError } from '../protocol/codec.ts'

/** Check what came with a request. @throws {ProtocolError} that names the first bad field, and never its value. */
export function checked<T>(schema: z.ZodType<T>, values: unknown): T {
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const field = parsed.error.issues[0]?.path.join('.') || 'body'
  const hint = field === 'body' ? '; send JSON as application/json' : ''
  throw new ProtocolError('invalid_field', `${field} is missing or not valid${hint}`, { field })
}
