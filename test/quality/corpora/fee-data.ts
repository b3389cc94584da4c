import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { InputError } from '../../../server/errors.ts'
import { check, day } from '../../../server/ingestion/document.ts'

/** What a number in the fee schedule counts; `none` is a time of day written with a full stop, such as 15.30. */
export const feeUnits = ['percent', 'GBP', 'EUR', 'working-days', 'days', 'hours', 'months', 'none'] as const
export type FeeUnit = (typeof feeUnits)[number]

const blank = z.literal('').transform(() => undefined)
const itemSchema = z.object({
  id: z.string().min(1),
  item: z.string().min(1),
  value: z.string().regex(/^\d+(\.\d+)?$/, { error: 'must be a plain number' }),
  unit: z.enum(feeUnits, { error: `must be one of ${feeUnits.join(', ')}` }),
  product: z.union([blank, z.string()]),
  from: z.union([blank, day]),
  until: z.union([blank, day]),
})

/** One row of `fees/schedule.csv`: the value of an item from a day (inclusive) until a day (exclusive). */
export interface FeeItem extends z.infer<typeof itemSchema> {
  readonly file: string
  readonly line: number
}

const termsSchema = z.strictObject({
  item: z.string().min(1),
  unit: z.enum(feeUnits, { error: `must be one of ${feeUnits.join(', ')}` }),
  terms: z.array(z.string().min(3)).min(1),
})

/** The words by which the documents call an item of the schedule. */
export type FeeTerms = z.infer<typeof termsSchema>

/** The schedule's data columns. @throws {InputError} naming line and column. */
export async function readSchedule(root: string, file: string): Promise<FeeItem[]> {
  const parsed: unknown = parse(await readFile(join(root, file)), { columns: true, info: true, skip_empty_lines: true })
  // With `columns` and `info` csv-parse yields {record, info}; its types know neither option's effect.
  return (parsed as { record: unknown; info: { lines: number } }[]).map(({ record, info: { lines: line } }) => ({
    ...check(itemSchema, record, (column) => ({ file, line, ...(column === undefined ? {} : { column }) })),
    file,
    line,
  }))
}

/** The file of terms. @throws {InputError} naming the field. */
export async function readTerms(root: string, file: string): Promise<FeeTerms[]> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(join(root, file), 'utf8'))
  } catch (cause) {
    throw new InputError({ file }, 'is not JSON', { cause })
  }
  return check(z.array(termsSchema), json, (column) => ({ file, ...(column === undefined ? {} : { column }) }))
}
