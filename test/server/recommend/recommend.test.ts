import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Encoder, loadEncoder } from '../../../server/embedding/encoder.ts'
import { createRandom } from '../../../server/math/random.ts'
import { eligibilityOf, evaluate, type Truth } from '../../../server/recommend/eligibility.ts'
import { emptyProfile, type Profile, profileOf } from '../../../server/recommend/profile.ts'
import { createRecommender, type Suggestion } from '../../../server/recommend/recommender.ts'
import { type Database, openDatabase } from '../../../server/storage/database.ts'
import { createProducts, type EligibilityRule, type Product } from '../../../server/storage/products.ts'
import { createSheets, type ProductSheet } from '../../../server/storage/sheets.ts'
import { copyDemo, repository } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testEncoderDir } from '../../support/models.ts'

const catalogue = readFileSync(join(repository, 'corpora/products/catalogue.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => ({ eligibility: [], ...JSON.parse(line) }) as Product) // the corpora's own check reads its schema

const rule = (field: string, op: EligibilityRule['op'], value: EligibilityRule['value'], anyOf?: string) => ({
  ...{ id: `${field}-${op}-${value}`, field, op, value, text: `${field} ${op} ${value}` },
  ...(anyOf === undefined ? {} : { anyOf }),
})
const profile = (facts: Profile['facts']): Profile => ({ facts })

describe('a rule', () => {
  it.each<[EligibilityRule, Profile['facts'], Truth]>([
    [rule('age', 'gte', 18), { age: 18 }, true],
    [rule('age', 'gte', 18), { age: 17 }, false],
    [rule('age', 'gt', 18), { age: 18 }, false],
    [rule('age', 'lt', 18), { age: 17 }, true],
    [rule('age', 'lte', 18), { age: 19 }, false],
    [rule('age', 'gte', 18), {}, 'unknown'],
    [rule('age', 'gte', 18), { age: true }, 'unknown'],
    [rule('student', 'eq', true), { student: true }, true],
    [rule('student', 'eq', true), { student: false }, false],
    [rule('student', 'eq', true), { student: 'yes' }, 'unknown'],
    [rule('holds', 'includes', 'cash-isa'), { holds: ['cash-isa'] }, true],
    [rule('holds', 'includes', 'cash-isa'), { holds: [] }, false],
    [rule('holds', 'includes', 'cash-isa'), { holds: 'cash-isa' }, 'unknown'],
  ])('%j over %j is %s', (given, facts, truth) => {
    expect(evaluate(given, profile(facts))).toBe(truth)
  })
})

describe('the rules of a product', () => {
  const verdict = (rules: EligibilityRule[], facts: Profile['facts']): Truth =>
    eligibilityOf({ ...catalogue[0]!, eligibility: rules }, profile(facts)).verdict
  const [adult, student] = [rule('age', 'gte', 18), rule('student', 'eq', true)]
  const either = [rule('age', 'gte', 18, 'way'), rule('student', 'eq', true, 'way')]

  it.each<[string, EligibilityRule[], Profile['facts'], Truth]>([
    ['no rule', [], {}, true],
    ['both hold', [adult, student], { age: 20, student: true }, true],
    ['one fails, one is open', [adult, student], { age: 10 }, false],
    ['one holds, one is open', [adult, student], { age: 20 }, 'unknown'],
    ['one of two ways holds', either, { age: 10, student: true }, true],
    ['one of two ways is open', either, { age: 10 }, 'unknown'],
    ['both ways fail', either, { age: 10, student: false }, false],
  ])('%s', (_, rules, facts, truth) => {
    expect(verdict(rules, facts)).toBe(truth)
  })
})

describe('the recommender, over the real catalogue', () => {
  let encoder: Encoder
  let db: Database
  let products: Product[]
  let sheets: Map<string, ProductSheet[]>
  beforeAll(async () => {
    encoder = await loadEncoder(testEncoderDir())
    db = await openDatabase({ dir: copyDemo(temporaryFolder()) })
    products = await createProducts(db).all()
    sheets = await createSheets(db).byProduct()
  })
  afterAll(async () => {
    db.close()
    await encoder.close()
  })

  async function recommend(
    text: string,
    more: { day?: string; profile?: Profile; dismissed?: readonly string[]; k?: number } = {},
  ): Promise<Suggestion[]> {
    const { day = '2026-11-22', profile: known = profileOf(text), dismissed = [], k = 3 } = more
    const vector = await encoder.encode(text, 'query')
    return createRecommender({ products, sheets }).recommend({
      ...{ vector, text, day, profile: known, dismissed: new Set(dismissed), k },
    })
  }

  it('knows every product and its sheet', () => {
    expect(products.map(({ id }) => id).sort()).toEqual(catalogue.map(({ id }) => id).sort())
    expect(products.filter(({ id }) => !sheets.has(id)).map(({ id }) => id)).toEqual([])
  })

  it.each([
    ["I'm a student, which account should I open?", 'student-current'],
    ['which credit card is good for travelling?', 'travel-credit-card'],
    ['which savings account lets me take money out any time?', 'easy-saver'],
    ['I want to buy my first home, which mortgage do you suggest?', 'first-home-mortgage'],
    ['I need a loan for a new car', 'car-loan'],
    ['insurance for my holiday', 'travel-insurance'],
    ['what can I save in without paying tax, an ISA?', 'cash-isa'],
    ['I want to save for my retirement', 'pension-plan'],
    ['I want to move the balance of my other card to you', 'balance-transfer-card'],
    ['which account can my partner and I open together?', 'joint-current'],
    ['I want to lock my savings away for a fixed rate', 'fixed-saver'],
    ['cover for my house and belongings', 'home-insurance'],
  ])('"%s" → %s', async (text, first) => {
    expect((await recommend(text))[0]?.product).toBe(first)
  })

  it('never offers what a rule refuses, to 200 customers of all kinds', async () => {
    const random = createRandom(5)
    const fields = [...new Set(products.flatMap(({ eligibility }) => eligibility.map(({ field }) => field)))]
    const text = 'which account, card, loan, mortgage, savings or insurance is best for me?'
    const vector = await encoder.encode(text, 'query')
    const recommender = createRecommender({ products, sheets })
    let offered = 0
    for (let i = 0; i < 200; i++) {
      const facts: Record<string, number | boolean> = {}
      for (const field of fields) {
        const kinds = products.flatMap(({ eligibility }) => eligibility.filter((one) => one.field === field))
        const [{ value } = { value: 0 }] = kinds
        if (random() < 0.3) continue
        facts[field] = typeof value === 'boolean' ? random() < 0.5 : Math.floor(random() * 2 * Number(value))
      }
      const dismissed = new Set<string>()
      const shown = recommender.recommend({ vector, text, day: '2026-11-22', profile: { facts }, dismissed, k: 40 })
      offered += shown.length
      for (const { product, verdict } of shown) {
        const found = eligibilityOf(products.find(({ id }) => id === product)!, { facts })
        expect([product, found.verdict]).toEqual([product, verdict])
        expect(found.failed).toEqual([])
      }
    }
    expect(offered).toBeGreaterThan(200)
  })

  it('does not offer a student’s account to who is none', async () => {
    const shown = await recommend("I'm not a student, which account should I open?", { k: 40 })
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.map(({ product }) => product)).not.toContain('student-current')
  })

  it('offers a product, and quotes its sheet, only in its time', async () => {
    const day = '2026-11-22'
    for (const { product, version } of await recommend('credit card for travelling', { day, k: 40 })) {
      const { from = '', until = '9' } = products.find(({ id }) => id === product)!
      expect([from <= day, day < until, (version.from ?? '') <= day, day < (version.until ?? '9')]).not.toContain(false)
    }
    expect(await recommend('credit card for travelling', { day: '1999-01-01', k: 40 })).toEqual([])
  })

  it('leaves out what was dismissed, and keeps the order of the rest', async () => {
    const text = 'which savings account is best?'
    const all = (await recommend(text, { k: 5 })).map(({ product }) => product)
    const rest = (await recommend(text, { k: 4, dismissed: [all[0]!] })).map(({ product }) => product)
    expect(rest).toEqual(all.slice(1))
  })

  it('gives reasons that stand in the sheet, word for word, no product twice, best first', async () => {
    for (const text of ['a card for travel', 'a loan', 'somewhere to save', 'an account for a student', 'a mortgage']) {
      const shown = await recommend(text, { k: 40, profile: emptyProfile })
      expect(new Set(shown.map(({ product }) => product)).size).toBe(shown.length)
      expect(shown.map(({ score }) => score)).toEqual(shown.map(({ score }) => score).sort((a, b) => b - a))
      for (const { product, version, reasons, verdict } of shown) {
        expect(reasons.length).toBeGreaterThan(0)
        const quotes = reasons.map((spans) => spans.map(([start, end]) => version.text.slice(start, end)).join(''))
        for (const quote of quotes) expect(quote).toMatch(/^\S[\s\S]*[.!?]$/)
        // What is not known of the customer is said as the condition that it is.
        const open = eligibilityOf(products.find(({ id }) => id === product)!, emptyProfile).open.map((one) => one.text)
        if (verdict === 'unknown')
          expect(
            open.filter((text) => quotes.includes(text)),
            product,
          ).not.toEqual([])
      }
    }
  })

  it('has nothing for what the bank does not sell', async () => {
    expect(await recommend('a recipe for carrot soup')).toEqual([])
  })
})
