import { readFileSync } from 'node:fs'
import type { z } from 'zod'

/** A file of settings is small. */
const maxBytes = 1_000_000

/** Read a JSON file that somebody wrote by hand. @throws {Error} that names the field, or says why it cannot be read. */
export function readOwnFile<T>(path: string, schema: z.ZodType<T>): T {
  return checkedContent(parse(path), schema)
}

/** @throws {Error} that names the first field that is wrong. */
export function checkedContent<T>(content: unknown, schema: z.ZodType<T>): T {
  const { success, data, error } = schema.safeParse(content)
  if (success) return data
  const issue = error.issues[0]
  throw new Error(`${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'not valid'}`)
}

function parse(path: string): unknown {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`)
    return JSON.parse(bytes.toString())
  } catch (cause) {
    throw new Error(`cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, { cause })
  }
}
