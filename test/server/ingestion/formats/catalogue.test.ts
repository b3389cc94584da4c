import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readCatalogue } from '../../../../server/ingestion/formats/catalogue.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const rule = { id: 'saver.age', field: 'age', op: 'gte', value: 18, text: 'You must be 18 or over.' }
const product = {
  id: 'saver',
  name: 'Saver',
  category: 'savings',
  tags: ['interest'],
  summary: 'A savings account.',
  sheet: 'products/saver.md',
  price: null,
  rate: { value: '2.50', kind: 'AER' },
  regions: ['mainland'],
  from: '2026-01-01',
  eligibility: [rule],
}
const read = (...products: unknown[]) =>
  readCatalogue(bytes(products.map((one) => JSON.stringify(one)).join('\n')), 'catalogue.jsonl')

describe('the product catalogue', () => {
  it('is read as it stands', () => {
    expect(read(product)).toEqual([product])
  })

  it('of the demo bank is valid', () => {
    const path = 'corpora/products/catalogue.jsonl'
    const products = readCatalogue(readFileSync(path), path)
    expect(products.length).toBeGreaterThanOrEqual(30)
    expect(products.some(({ eligibility }) => eligibility.some(({ anyOf }) => anyOf !== undefined))).toBe(true)
  })

  it.each([
    [{ ...product, name: '' }, 'catalogue.jsonl:2 column name: must not be empty'],
    [{ ...product, colour: 'red' }, 'catalogue.jsonl:2 column colour: unknown field'],
    [
      { ...product, price: { amount: 5, currency: 'GBP', per: 'month' } },
      'catalogue.jsonl:2 column price.amount: must be decimal text such as "5.00"',
    ],
    [
      { ...product, price: { amount: '5.00', currency: '£', per: 'month' } },
      'catalogue.jsonl:2 column price.currency: must be a currency code such as GBP',
    ],
    [
      { ...product, sheet: '../secret.md' },
      'catalogue.jsonl:2 column sheet: must be a relative path such as products/easy-saver.md',
    ],
    [{ ...product, regions: [] }, 'catalogue.jsonl:2 column regions: must name a region'],
    [{ ...product, from: '2026-02-30' }, 'catalogue.jsonl:2 column from: must be a day such as 2026-01-31'],
    [
      { ...product, until: '2025-01-01' },
      'catalogue.jsonl:2 column until: 2025-01-01 is not later than from, 2026-01-01',
    ],
    [
      { ...product, eligibility: [{ ...rule, op: 'ge' }] },
      'catalogue.jsonl:2 column eligibility.0.op: must be one of eq, lt, lte, gt, gte, includes',
    ],
    [
      { ...product, eligibility: [{ ...rule, value: 'adult' }] },
      'catalogue.jsonl:2 column eligibility.0.value: must be a number for gte',
    ],
    [{ ...product, eligibility: [{ ...rule, why: '' }] }, 'catalogue.jsonl:2 column eligibility.0.why: unknown field'],
    [
      { ...product, eligibility: [rule, { ...rule, field: 'Age!' }] },
      'catalogue.jsonl:2 column eligibility.1.field: must be the name of a profile field',
    ],
    [
      { ...product, id: 'first', eligibility: [] },
      'catalogue.jsonl:2 column id: the id "first" is already used in line 1',
    ],
    [
      { ...product, eligibility: [rule, rule] },
      'catalogue.jsonl:2 column eligibility.1.id: the id "rule saver.age" is already used in line 2',
    ],
    [
      { ...product, price: undefined },
      'catalogue.jsonl:2 column price: must be null, or an object of amount, currency and per',
    ],
    ['text', 'catalogue.jsonl:2: is not a JSON object'],
  ])('%#: refuses what it cannot trust', (bad, message) => {
    const first = { ...product, id: 'first', eligibility: [] }
    expect(() => read(first, bad)).toThrow(expect.objectContaining({ code: 'bad_input', message }))
  })
})
