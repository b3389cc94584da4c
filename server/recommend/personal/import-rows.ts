import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { InputError, messageOf } from '../../errors.ts'
import { assertFile } from '../../models/table-rows.ts'
import type { CustomerEvent, Facts, StoredCustomer } from '../../storage/customers.ts'
import type { Product } from '../../storage/products.ts'
import { customerEventKinds } from '../../storage/schema-customers.ts'

/** Longest line: a row of one customer is far shorter. */
const maxLineChars = 65_536
const dayMs = 86_400_000
/** Of a product that somebody holds, nobody says since when. */
const longAgo = '1970-01-01T00:00:00.000Z'

const id = z.string().trim().min(1).max(64)
const amount = z.number().min(0)
const customerRow = z
  .looseObject({
    id,
    region: z.string().min(1).max(64).optional(),
    consent: z.boolean().optional(),
    holds: z.array(z.string()).max(1_000).optional(),
    age: z.int().min(1).max(119).optional(),
    weeklyHours: z.number().min(0).max(168).optional(),
    ...{ annualIncome: amount.optional(), monthlyPayIn: amount.optional(), savings: amount.optional() },
  })
  .readonly()
const eventRow = z.object({
  customer: id,
  product: z.string(),
  kind: z.enum(customerEventKinds),
  at: z.iso.datetime(),
})

/** A customer as a file has them. */
export interface CustomerRow {
  readonly customer: StoredCustomer
  /** What the row says of consent; undefined where it says nothing. */
  readonly consent: boolean | undefined
  readonly holds: readonly CustomerEvent[]
}

/** What rows are read against. */
export interface Known {
  readonly products: ReadonlySet<string>
  /** Fields that rules of the catalogue ask for: nothing else is kept of anybody. */
  readonly fields: ReadonlySet<string>
}

export const knownOf = (products: readonly Product[]): Known => ({
  products: new Set(products.map((product) => product.id)),
  fields: new Set(products.flatMap(({ eligibility }) => eligibility.map(({ field }) => field))),
})

/**
 * Customers of a file of JSON lines, one after the other; memory does not grow with the file but for the ids.
 * @throws {InputError} that names file, line and field.
 */
export async function* readCustomers(file: string, known: Known): AsyncGenerator<CustomerRow, void, undefined> {
  const ids = new Set<string>()
  for await (const { line, value } of linesOf(file)) {
    const row = checked(file, line, customerRow, value)
    if (ids.has(row.id)) throw new InputError({ file, line, column: 'id' }, `${row.id} is there a second time`)
    ids.add(row.id)
    for (const product of row.holds ?? []) assertProduct(file, line, 'holds', product, known)
    const facts = factsOf(file, line, row, known)
    yield {
      customer: { id: row.id, facts, ...(row.region !== undefined && { region: row.region }) },
      consent: row.consent,
      holds: (row.holds ?? []).map((product) => ({ customer: row.id, product, kind: 'hold', at: longAgo })),
    }
  }
}

/** Events of a file of JSON lines. @throws {InputError} that names file, line and field: also for a time in the future. */
export async function* readEvents(
  file: string,
  known: Known,
  now: () => number = Date.now,
): AsyncGenerator<CustomerEvent & { readonly line: number }, void, undefined> {
  for await (const { line, value } of linesOf(file)) {
    const row = checked(file, line, eventRow, value)
    assertProduct(file, line, 'product', row.product, known)
    // A clock that is a day wrong is not a file from the future.
    if (Date.parse(row.at) > now() + dayMs) throw new InputError({ file, line, column: 'at' }, 'lies in the future')
    yield { ...row, at: new Date(row.at).toISOString(), line }
  }
}

async function* linesOf(file: string): AsyncGenerator<{ line: number; value: unknown }, void, undefined> {
  await assertFile(file)
  const stream = createReadStream(file, 'utf8')
  let line = 0
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++
      if (text.length > maxLineChars) throw new InputError({ file, line }, `has more than ${maxLineChars} characters`)
      const plain = line === 1 ? text.replace(/^\ufeff/, '') : text
      if (plain.trim() !== '') yield { line, value: parsed(file, line, plain) }
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  } finally {
    stream.destroy()
  }
}

function parsed(file: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InputError({ file, line }, 'is not JSON', { cause })
  }
}

function checked<T>(file: string, line: number, schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  const { path, message } = error.issues[0]!
  throw new InputError({ file, line, ...(path.length > 0 && { column: path.join('.') }) }, message)
}

function assertProduct(file: string, line: number, column: string, product: string, { products }: Known): void {
  if (!products.has(product))
    throw new InputError({ file, line, column }, `names ${product}, which the catalogue lacks`)
}

/** The fields that rules ask for. @throws {InputError} for a value that no rule could look at. */
function factsOf(file: string, line: number, row: Readonly<Record<string, unknown>>, { fields }: Known): Facts {
  const facts: Record<string, Facts[string]> = {}
  for (const [name, value] of Object.entries(row)) {
    if (!fields.has(name) || value === null) continue
    if (!isFact(value))
      throw new InputError({ file, line, column: name }, 'has to be a number, a text, true, false or a list of texts')
    facts[name] = value
  }
  return facts
}

const isFact = (value: unknown): value is Facts[string] =>
  (typeof value === 'number' && Number.isFinite(value)) ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= 200) ||
  (Array.isArray(value) && value.length <= 100 && value.every((one) => typeof one === 'string'))
