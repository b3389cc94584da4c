import { z } from 'zod'
import { InputError, type InputPlace } from '../../errors.ts'
import { operators, type Product } from '../../storage/products.ts'
import { assertOrder, check, day } from '../document.ts'
import { jsonLines } from './json-line.ts'
import { decode } from './source.ts'

/** The file name that marks the product catalogue; it is data of the recommender and no document. */
export const catalogueName = 'catalogue.jsonl'

const text = z.string({ error: 'must be text' }).trim().min(1, { error: 'must not be empty' }).max(500)
const slug = z
  .string({ error: 'must be text' })
  .regex(/^[a-z0-9]+([-.][a-z0-9]+)*$/, { error: 'must be small letters, digits, hyphens and full stops' })
const decimal = z
  .string({ error: 'must be decimal text such as "5.00"' })
  .regex(/^\d{1,9}(\.\d{1,4})?$/, { error: 'must be decimal text such as "5.00"' })
const path = z
  .string({ error: 'must be text' })
  .regex(/^(?!.*(^|\/)\.)[^\\/]+(\/[^\\/]+)*$/, { error: 'must be a relative path such as products/easy-saver.md' })

const rule = z
  .strictObject({
    id: slug,
    field: z
      .string({ error: 'must be text' })
      .regex(/^[a-z][A-Za-z0-9]*$/, { error: 'must be the name of a profile field' }),
    op: z.enum(operators, { error: `must be one of ${operators.join(', ')}` }),
    value: z.union([z.number(), text, z.boolean()], { error: 'must be a number, text, true or false' }),
    anyOf: slug.exactOptional(),
    text,
  })
  .superRefine(({ op, value }, context) => {
    const needed = op === 'includes' ? 'string' : op === 'eq' ? typeof value : 'number'
    if (typeof value !== needed)
      context.addIssue({ code: 'custom', path: ['value'], message: `must be a ${needed} for ${op}` })
  })

const price = {
  amount: decimal,
  currency: z.string({ error: 'must be text' }).regex(/^[A-Z]{3}$/, { error: 'must be a currency code such as GBP' }),
  per: z.enum(['month', 'year', 'once'], { error: 'must be month, year or once' }),
}
/** What to say of a field that is no object; unknown fields inside one keep their own message. */
const wrongObject = (message: string) => (issue: { readonly code?: string | undefined }) =>
  issue.code === 'invalid_type' ? message : undefined

const product = z.strictObject({
  id: slug,
  name: text,
  category: slug,
  tags: z.array(text, { error: 'must be a list of texts' }),
  summary: text,
  sheet: path,
  price: z
    .strictObject(price, { error: wrongObject('must be null, or an object of amount, currency and per') })
    .nullable(),
  rate: z
    .strictObject(
      { value: decimal, kind: text },
      { error: wrongObject('must be null, or an object of value and kind') },
    )
    .nullable(),
  regions: z.array(slug, { error: 'must be a list of regions' }).min(1, { error: 'must name a region' }),
  from: day.exactOptional(),
  until: day.exactOptional(),
  eligibility: z.array(rule, { error: 'must be a list of rules' }),
})

/**
 * Reads the product catalogue: one JSON object a line, eligibility rules as data.
 * @throws {InputError} naming file, line and field; an unknown field, a repeated product or rule id is an error.
 */
export function readCatalogue(bytes: Uint8Array, path: string): Product[] {
  const lineOf = new Map<string, number>()
  const once = (id: string, place: InputPlace) => {
    const before = lineOf.get(id)
    if (before !== undefined) throw new InputError(place, `the id "${id}" is already used in line ${before}`)
    lineOf.set(id, place.line ?? 0)
  }
  return jsonLines(decode(bytes, path), path).map(({ value, line }): Product => {
    const placeOf = (column: string | undefined) => ({ file: path, line, ...(column === undefined ? {} : { column }) })
    const read = check(product, value, placeOf)
    once(read.id, placeOf('id'))
    for (const [i, { id }] of read.eligibility.entries()) once(`rule ${id}`, placeOf(`eligibility.${i}.id`))
    assertOrder(read, placeOf)
    return read
  })
}
