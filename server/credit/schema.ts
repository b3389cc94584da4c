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
  /** Known sign of the risk: `+` never falls as the value rises, `-` never rises. */
  monotone: z.enum(['+', '-']).exactOptional(),
  /** Why it counts against somebody, by the side of the reference it lies on; of a category, `other`. */
  reasons: z.strictObject({ high: z.string(), low: z.string(), missing: z.string(), other: z.string() }).partial(),
})
const operators = ['<', '<=', '=', '>=', '>'] as const
const contradiction = z.strictObject({
  id: z.string().min(1).max(60),
  /** All of these at once cannot be true: a column beside a number, or beside another column (`than`). */
  when: z
    .array(
      z
        .strictObject({
          column: z.string(),
          operator: z.enum(operators),
          value: z.number().exactOptional(),
          than: z.string().exactOptional(),
        })
        .refine(({ value, than }) => (value === undefined) !== (than === undefined), {
          error: 'has to have one of value and than',
        }),
    )
    .min(1)
    .max(10),
  text: z.string().min(1).max(300),
})
const premium = z.strictObject({ name: z.string().min(1).max(60), factor: z.number().positive() })
const schema = z.strictObject({
  name: z.string().min(1).max(100),
  /** No model that decides may look at such a column; whole words of a name, in lower case. */
  protected: z.array(z.string().min(2)).max(200),
  columns: z.record(z.string(), column),
  /** What the columns' own definitions rule out. */
  contradictions: z.array(contradiction).max(100).default([]),
  /** Of an insurer: what each band pays, as a factor of the basic premium; never less in a band of higher risk. */
  premiums: z
    .strictObject({ A: premium, B: premium, C: premium, D: premium, E: premium })
    .refine(
      ({ A, B, C, D, E }) => [A, B, C, D, E].every(({ factor }, i, all) => i === 0 || factor >= all[i - 1]!.factor),
      {
        error: 'have a lower factor in a band of higher risk',
      },
    )
    .exactOptional(),
})

/** What the columns of a credit model mean. */
export type CreditSchema = z.infer<typeof schema>
export type ColumnMeaning = z.infer<typeof column>

/** Name of the schema that holds where no file is named. */
export const usualSchema = 'consumer-credit'

/** The bank's own file, or that of consumer credit. @throws {InputError} naming the file and the field. */
export function readCreditSchema(path?: string): CreditSchema {
  try {
    const read = isUsual(path) ? checkedContent(consumerCredit, schema) : readOwnFile(path, schema)
    assertKnown(read)
    return read
  } catch (cause) {
    throw new InputError({ file: isUsual(path) ? 'the usual schema' : path }, messageOf(cause), { cause })
  }
}

const isUsual = (path: string | undefined): path is undefined => path === undefined || path === usualSchema

/** A rule over a column that is not described would be silent for ever. */
function assertKnown({ columns, contradictions }: CreditSchema): void {
  for (const [i, { when }] of contradictions.entries()) {
    const odd = when.flatMap(({ column: name, than }) => [name, ...(than === undefined ? [] : [than])])
    const unknown = odd.find((name) => !Object.hasOwn(columns, name))
    if (unknown !== undefined) throw new Error(`contradictions.${i}: there is no column ${unknown}`)
  }
}

const holds: Readonly<Record<(typeof operators)[number], (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
}

/**
 * What cannot be true together, by the rules of a schema. A missing value, and a column that the model does not look at,
 * contradicts nothing.
 * @param names of the values, in their order.
 */
export function contradictionsIn(
  values: readonly (number | string)[],
  names: readonly string[],
  rules: CreditSchema['contradictions'],
): string[] {
  const given = (name: string): number => {
    const value = values[names.indexOf(name)]
    return typeof value === 'number' ? value : Number.NaN
  }
  // No comparison with NaN holds.
  return rules
    .filter(({ when }) =>
      when.every(({ column: name, operator, value, than }) => holds[operator](given(name), value ?? given(than ?? ''))),
    )
    .map(({ text }) => text)
}

/** Columns of numbers whose sign is known, as training is told it: `late:+`. */
export const signsOf = (names: readonly string[], { columns }: CreditSchema): string[] =>
  names.flatMap((name) => {
    const sign = Object.hasOwn(columns, name) ? columns[name]?.monotone : undefined
    return sign === undefined ? [] : [`${name}:${sign}`]
  })

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
