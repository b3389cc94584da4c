import { describe, expect, it } from 'vitest'
import { auditAll } from '../../../../server/recommend/personal/audit.ts'
import { type Customer, customersOf } from '../../../../server/recommend/personal/customer.ts'
import { fitPersonal, type PersonalParts } from '../../../../server/recommend/personal/ranking.ts'
import { reasonsFor } from '../../../../server/recommend/personal/reasons.ts'
import { shortlist } from '../../../../server/recommend/personal/shortlist.ts'
import type { EligibilityRule, Product } from '../../../../server/storage/products.ts'
import type { Version } from '../../../../server/storage/types.ts'

const day = '2026-12-01'
const rule = (product: string, field: string, op: EligibilityRule['op'], value: number): EligibilityRule => ({
  ...{ id: `${product}.${field}`, field, op, value },
  text: `For ${product} your ${field} has to be ${op} ${value}.`,
})
const product = (id: string, category: string, tags: string[], more: Partial<Product> = {}): Product => ({
  ...{ id, name: id.toUpperCase(), category, tags, summary: id, sheet: `${id}.md`, price: null, rate: null },
  ...{ regions: ['mainland'], eligibility: [], ...more },
})
const sheetOf = ({ id, name, eligibility }: Product): Version => ({
  ...{ id: 1, ver: 1, doc: `products/${id}.md`, collection: 'products', title: name, audience: 'customer' },
  ...{ contentHash: id, at: '2026-01-01T00:00:00.000Z' },
  text: [`${name} is a product for everybody.`, ...eligibility.map(({ text }) => text)].join('\n'),
})
const products = [
  product('current', 'accounts', ['daily', 'card']),
  product('saver', 'savings', ['save']),
  product('travel', 'cards', ['card', 'abroad'], { eligibility: [rule('travel', 'age', 'gte', 18)] }),
  product('gold', 'cards', ['card', 'lounge'], { eligibility: [rule('gold', 'annualIncome', 'gte', 50_000)] }),
  product('isles', 'accounts', ['daily'], { regions: ['isles'] }),
  product('old', 'accounts', ['daily'], { until: '2026-01-01' }),
]
const sheets = new Map(products.map((one) => [one.id, [sheetOf(one)]]))
/** Who has the current account has the travel card; twice as many have a saver and what is sold no more. */
const stored = Array.from({ length: 60 }, (_, i) => ({ id: `c${i}`, facts: { age: 30 }, region: 'mainland' }))
const events = stored.flatMap(({ id }, i) =>
  (i % 3 === 0 ? ['current', 'travel'] : ['saver', 'old']).map((held) => ({
    customer: id,
    product: held,
    kind: 'hold',
  })),
)
const parts = (): PersonalParts => ({ products, sheets, customers: customersOf(stored, events) })
const catalogue = new Map(products.map((one) => [one.id, one]))
const customer = (more: Partial<Customer> = {}): Customer => ({
  ...{ id: 'x', region: 'mainland', facts: { age: 30 }, holds: new Set(['current']), dismissed: new Set(), ...more },
})
const all = { day, k: 10, offset: 0, exclude: new Set<string>(), category: undefined }

describe('offers to a customer', () => {
  it('are ranked by contributions that add up, the same every time, and say why with what was counted', async () => {
    const personal = await fitPersonal(parts())
    const { items } = shortlist(personal, customer(), all, catalogue)
    expect(items.map((item) => item.product)).toEqual(['travel', 'saver'])
    for (const { score, contributions } of items)
      expect(Object.values(contributions).reduce((sum, part) => sum + part, 0)).toBeCloseTo(score, 12)
    expect(items[0]?.reasons.map(({ kind, text }) => [kind, text])).toEqual(
      expect.arrayContaining([
        ['what', 'TRAVEL is a product for everybody.'],
        ['together', 'Customers with CURRENT often have TRAVEL as well.'],
        ['rule', 'For travel your age has to be gte 18.'],
      ]),
    )
    expect(shortlist(await fitPersonal(parts()), customer(), all, catalogue)).toEqual(
      shortlist(personal, customer(), all, catalogue),
    )
  })

  it('never break a rule; what is not known is asked', async () => {
    const { rank } = await fitPersonal(parts())
    const child = rank(customer({ facts: { age: 12, annualIncome: 10 } }), day)
    expect(child.offered.map((one) => one.product.id)).toEqual(['saver'])
    expect(Object.fromEntries([...child.refused].map(([id, { why }]) => [id, why]))).toEqual({
      ...{ current: 'held', travel: 'rule', gold: 'rule', isles: 'region', old: 'not_in_force' },
    })
    const personal = await fitPersonal(parts())
    const { items, questions } = shortlist(personal, customer(), all, catalogue)
    expect(items.map((item) => item.product)).not.toContain('gold')
    expect(questions).toEqual([
      { field: 'annualIncome', text: 'For gold your annualIncome has to be gte 50000.', products: ['gold'] },
    ])
  })

  it('leave out what was waved away or excluded, come page by page, and exist for who has nothing', async () => {
    const personal = await fitPersonal(parts())
    const ids = (who: Customer, request: Partial<typeof all> = {}) =>
      shortlist(personal, who, { ...all, ...request }, catalogue).items.map((item) => item.product)
    expect(ids(customer({ dismissed: new Set(['travel']) }))).toEqual(['saver'])
    expect(ids(customer(), { exclude: new Set(['saver']) })).toEqual(['travel'])
    expect([...ids(customer(), { k: 1 }), ...ids(customer(), { k: 1, offset: 1 })]).toEqual(ids(customer()))
    expect(ids(customer({ holds: new Set() })).toSorted()).toEqual(['current', 'saver', 'travel'])
    const nobody = await fitPersonal({ ...parts(), customers: new Map() })
    expect(shortlist(nobody, customer(), all, catalogue).items.map((item) => item.product)).toEqual(['saver', 'travel'])
    const empty = await fitPersonal({ products: [], sheets: new Map(), customers: new Map() })
    expect(shortlist(empty, customer(), all, catalogue)).toEqual({ items: [], questions: [] })
  })

  it('give no source as a reason that spoke against the product', async () => {
    const { rank } = await fitPersonal(parts())
    const [best] = rank(customer(), day).offered
    const turned = { ...best!, contributions: { popular: -1, together: -1, alike: -1 } }
    const kinds = reasonsFor(turned, customer(), String, () => []).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind !== 'what' && kind !== 'rule')).toEqual([])
  })
})

describe('the audit', () => {
  it('finds nothing where the rules are kept, and every offer that breaks one', async () => {
    const own = parts()
    const personal = await fitPersonal(own)
    const clean = auditAll(own, personal, day)
    expect(clean).toMatchObject({ customers: 60, pairs: 360, violations: [] })
    expect(clean.offered).toBeGreaterThan(60)
    /** A ranking whose guard is gone: it offers what it should refuse. */
    const careless: typeof personal = {
      ...personal,
      rank(who, on) {
        const ranked = personal.rank(
          { ...who, holds: new Set(), dismissed: new Set(), facts: { age: 99, annualIncome: 1e9 } },
          on,
        )
        return { ...ranked, offered: [...ranked.offered, ...ranked.open] }
      },
    }
    const { violations } = auditAll(own, careless, day)
    expect(violations).toContain('c0 gold: breaks the rule gold.annualIncome')
    expect(violations).toContain('c1 saver: is held already')
    const liar: typeof personal = {
      ...personal,
      rank(who, on) {
        const ranked = personal.rank(who, on)
        return { ...ranked, offered: ranked.offered.map((one) => ({ ...one, score: one.score + 1 })) }
      },
    }
    expect(auditAll(own, liar, day).violations[0]).toContain('not the sum of its contributions')
    const elsewhere = new Map([...own.sheets].map(([id, [sheet]]) => [id, [{ ...sheet!, text: 'TRAVEL is gone.' }]]))
    expect(auditAll({ ...own, sheets: elsewhere }, personal, day).violations[0]).toContain('its sheet does not say')
  })
})
