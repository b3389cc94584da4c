import { z } from 'zod'
import { InputError, messageOf } from '../errors.ts'
import { checkedContent, readOwnFile } from '../text/own-file.ts'
import { consumerCredit } from './consumer-credit.ts'

const column = z.strictObject({
  /** As people name it. */
  label: z.string().min(1).max(100),
  unit: z.string().max(40),
  /** Least and greatest value that can be true. */
  min: z.number(),
  max: z.number(),
  whole: z.boolean().default(false),
  /** Never given as a reason, and never to be changed. */
  unnamed: z.boolean().default(false),
  /** What an applicant can do about it, and in which steps. */
  actionable: z
    .strictObject({ direction: z.enum(['up', 'down']), step: z.number().positive(), until: z.number() })
    .exactOptional(),
  /** Why it counts against somebody, by the side of the reference it lies on; of a category, `other`. */
  reasons: z.strictObject({ high: z.string(), low: z.string(), missing: z.string(), other: z.string() }).partial(),
})
const schema = z.strictObject({
  name: z.string().min(1).max(100),
  /** No model that decides may look at such a column; whole words of a name, in lower case. */
  protected: z.array(z.string().min(2)).max(200),
  columns: z.record(z.string(), column),
})

/** What the columns of a credit model mean. */
export type CreditSchema = z.infer<typeof schema>
export type ColumnMeaning = z.infer<typeof column>

/** The bank's own file, or that of consumer credit. @throws {InputError} naming the file and the field. */
export function readCreditSchema(path?: string): CreditSchema {
  try {
    return path === undefined ? checkedContent(consumerCredit, schema) : readOwnFile(path, schema)
  } catch (cause) {
    throw new InputError({ file: path ?? 'the usual schema' }, messageOf(cause), { cause })
  }
}

/** Names that a decision must not depend on: a word of `protected` stands in them. */
export function protectedIn(names: readonly string[], { protected: words }: CreditSchema): string[] {
  const known = new Set(words)
  return names.filter((name) => {
    const parts = name
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z]+/)
    return parts.some((part) => known.has(part))
  })
}

/** What is wrong with a value; undefined if it can be true. A missing one is. */
export function faultOf(value: number | string, { label, unit, min, max, whole }: ColumnMeaning): string | undefined {
  if (typeof value === 'string' || Number.isNaN(value)) return undefined
  const said = `${label}: ${value}`
  if (value < min || value > max) return `${said} is not from ${min} to ${max} ${unit}`.trimEnd()
  if (whole && !Number.isInteger(value)) return `${said} is no whole number`
  return undefined
}
