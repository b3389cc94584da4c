import { z } from 'zod'
import { day } from '../../../server/ingestion/document.ts'
import { eventKinds } from '../interactions/events.ts'
import { segments } from '../interactions/parameters.ts'
import { regions } from './links.ts'
import { findingOf, type ManifestSet, type Placed, readRows } from './load.ts'
import type { Finding } from './report.ts'

const count = z.int().min(0)
const customer = z.strictObject({
  id: z.string().regex(/^c\d{4}$/),
  segment: z.enum(Object.keys(segments)),
  region: z.enum(regions),
  ...{ age: count.max(120), annualIncome: count, monthlyPayIn: count, savings: count, weeklyHours: count.max(80) },
  ...{ yearsSinceDegree: count.exactOptional(), vehicleAgeYears: count.exactOptional() },
  ...{ resident: z.boolean(), student: z.boolean(), homeowner: z.boolean(), firstTimeBuyer: z.boolean() },
  holds: z.array(z.string()).min(1),
})
export type Customer = z.infer<typeof customer>

const event = z.strictObject({
  ...{ customer: z.string(), product: z.string() },
  kind: z.enum(eventKinds),
  at: z.iso.datetime(),
})
export type ProductEvent = z.infer<typeof event>

const transaction = z.strictObject({
  ...{ customer: z.string(), account: z.string(), date: day, merchantCategory: z.string(), description: z.string() },
  amount: z.number().refine((amount) => amount !== 0 && Math.abs(100 * amount - Math.round(100 * amount)) < 1e-6, {
    error: 'must have at most two decimals and not be 0',
  }),
  currency: z.enum(['GBP', 'EUR', 'USD']),
})
export type Transaction = z.infer<typeof transaction>

/** The folder of customers. */
export const folder = 'interactions'

export interface Interactions {
  readonly customers: readonly Placed<Customer>[]
  readonly events: readonly Placed<ProductEvent>[]
  readonly transactions: readonly Placed<Transaction>[]
}

/** Read the three files, as far as the manifest lists them; a file that cannot be read is a finding. */
export async function loadInteractions(
  root: string,
  sets: readonly ManifestSet[],
): Promise<{ interactions: Interactions; findings: Finding[] }> {
  const findings: Finding[] = []
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<Placed<T>[]> => {
    const file = `${folder}/${name}`
    if (!sets.some(({ path }) => path === file)) return []
    return readRows(root, file, schema).catch((reason: unknown) => {
      findings.push(findingOf(reason, root))
      return []
    })
  }
  const interactions = {
    customers: await read('customers.jsonl', customer),
    events: await read('events.jsonl', event),
    transactions: await read('transactions.jsonl', transaction),
  }
  return { interactions, findings }
}
