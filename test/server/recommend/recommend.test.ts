import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Encoder, loadEncoder } from '../../../server/embedding/encoder.ts'
import { createRandom } from '../../../server/math/random.ts'
import { eligibilityOf, evaluate, type Truth } from '../../../server/recommend/eligibility.ts'
import { emptyProfile, mergeProfiles, type Profile, profileOf } from '../../../server/recommend/profile.ts'
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

describe('a profile', () => {
  it.each<[string, Profile['facts']]>([
    ["I'm a student", { student: true }],
    ["I'm not a student", { student: false }],
    ['I am no longer a student, which account now?', { student: false }],
    ['im a first-year student and I am 19', { student: true, age: 19 }],
    ['is there an account for students?', {}],
    ['my son is a student', {}],
    ['my daughter is 12', {}],
    ['I am 19', { age: 19 }],
    ['I’m 67 years old and retired', { age: 67 }],
    ['I am 20 minutes late', {}],
    ['I am £40 short this month', {}],
    ['we earn about £45k', { annualIncome: 45_000 }],
    ['I earn £2,500 a month', { annualIncome: 30_000 }],
    ['my salary is £31,200', { annualIncome: 31_200 }],
    ['I own my flat', { homeowner: true }],
    ["I don't own my home", { homeowner: false }],
    ['we rent', { homeowner: false }],
    ["we're first-time buyers", { firstTimeBuyer: true }],
    ["I'm not a first time buyer", { firstTimeBuyer: false }],
    ['I am 30, and work 20 hours a week', { age: 30 }],
    ['I work 20 hours a week', { weeklyHours: 20 }],
    ["I'm a 45-year-old teacher", { age: 45 }],
    ['I’m 19 years of age', { age: 19 }],
    ['I just turned 18, which card?', { age: 18 }],
    ['I am 30.', { age: 30 }],
    ["I'm 40 with nothing saved", { age: 40 }],
    ['I’m 52 - what about a pension?', { age: 52 }],
    ['i’m 19\nwhich account?', { age: 19 }],
    ['I study medicine, I make 900 a month', { student: true, annualIncome: 10_800 }],
    ['I earn £30,000 before tax', { annualIncome: 30_000 }],
    ['I earn £30,000 p.a. and rent', { annualIncome: 30_000 }],
    ['I get paid 400 pounds per week.', { annualIncome: 20_800 }],
    ['I rent a flat', { homeowner: false }],
    ['I am saving up for my first home', { firstTimeBuyer: true }],
    ['what is the fee?', {}],
    ['', {}],
  ])('of "%s"', (text, facts) => {
    expect(profileOf(text).facts).toEqual(facts)
  })

  it.each([
    // of somebody else
    'an account for a 15 year old',
    'my son is 15',
    'my son is aged 15, which account?',
    'for a child aged 15',
    'my mum is 70 and retired',
    'my daughter is turning 18',
    'she turned 16',
    'my daughter, being a student, wants a card',
    'my son says I’m 15',
    'my son asks: “I am 15, can I have a card?”',
    "I'm a 15-year-old's mother",
    "I'm a student's father",
    'I am a student landlord',
    'my wife earns £50,000',
    'my wife’s salary is £50,000',
    'my parents own their home',
    'my brother is a first-time buyer',
    'my daughter is buying her first home',
    // no such fact
    "I'm 15 miles away",
    'I am 20 minutes away from the branch',
    "I'm 30/40 sure",
    "I'm 15.5 km away",
    'I am 25 - 30 miles away',
    'I am 18 or 19',
    'I make 3 payments',
    'I make 2000 payments a year',
    'I earn £20 interest',
    'I earn £20 a month in interest',
    'I earn £20 a year interest on my savings',
    'I earn £20',
    'I earn 2% interest',
    'I earn £45,000 points',
    'I get paid 3 times a month',
    'I get paid £50 cashback',
    'I earn £12 an hour',
    'my pay is 3 days late',
    'I work 12 hours a day',
    'I work 3 hours away',
    'I rent a car',
    'I rent my flat out',
    'we rent the house to students',
    'I sold my first home',
    'after buying my first home',
    'I study your terms',
    'I am studying your fees',
    "I'm a part-time student", // the catalogue's field means full time
    // asked, or supposed
    'if I’m 17, can I have a card?',
    'when I am 18',
    'until I’m 18',
    'what happens if I am a student',
    'can I earn £200,000 a year',
    'do I own my home',
    'should I rent',
    'if my salary is £30,000, how much can I borrow?',
    "I'm turning 18 next month",
    'when I start university',
  ])('learns nothing from "%s"', (text) => {
    expect(profileOf(text).facts).toEqual({})
  })

  it.each<[string, Profile['facts']]>([['for my son, I’m 45', { age: 45 }]])('of "%s"', (text, facts) => {
    expect(profileOf(text).facts).toEqual(facts)
  })

  it('takes what was said last', () => {
    const before = profileOf("I'm a student and I am 19")
    expect(mergeProfiles(before, profileOf("I'm not a student any more")).facts).toEqual({ student: false, age: 19 })
    expect(mergeProfiles(before, emptyProfile)).toBe(before)
  })

  it('is read in no time, whatever is written', () => {
    const begun = performance.now()
    const long = ['i am ', 'i ', 'im a ', '1', 'I earn 1', 'i earn £1,', 'if i ', ' ', 'i\n', 'i am 1 ', 'buying '].map(
      (part) => part.repeat(800),
    )
    for (const text of [...long, `i earn ${'1,'.repeat(2_000)}x`, `i am${' '.repeat(4_000)}x`]) profileOf(text)
    expect(performance.now() - begun).toBeLessThan(500)
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
