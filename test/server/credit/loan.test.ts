import { describe, expect, it } from 'vitest'
import type { Decision } from '../../../server/credit/decision.ts'
import { instalmentOf, type LoanTerms, scheduleOf } from '../../../server/credit/instalments.ts'
import { assessLoan } from '../../../server/credit/loan.ts'
import { readLoanRules } from '../../../server/credit/loan-rules.ts'
import { createRandom } from '../../../server/math/random.ts'
import { fileOf } from '../models/tabular/support.ts'

const terms = (amount: number, months: number, rate: number): LoanTerms => ({
  ...{ amount: BigInt(amount), months, rate: BigInt(rate) },
})
/** Of any size, from a penny on, up to 100 % a year. */
function drawTerms(count: number): LoanTerms[] {
  const random = createRandom(8)
  return Array.from({ length: count }, () =>
    terms(
      Math.floor(10 ** (10 * random())),
      1 + Math.floor(480 * random()),
      random() < 0.1 ? 0 : Math.floor(1e6 * random() ** 3),
    ),
  )
}
const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n)

describe('instalments', () => {
  it('are those of a loan that is worked out by hand', () => {
    // 1,000.00 over 3 months at 12 %: 1 % a month, 34002.21… rounded up.
    expect(instalmentOf(terms(100_000, 3, 120_000))).toBe(34_003n)
    expect(scheduleOf(terms(100_000, 3, 120_000))).toEqual([
      { month: 1, payment: 34_003n, interest: 1_000n, principal: 33_003n, balance: 66_997n },
      { month: 2, payment: 34_003n, interest: 670n, principal: 33_333n, balance: 33_664n },
      { month: 3, payment: 34_001n, interest: 337n, principal: 33_664n, balance: 0n },
    ])
    expect(scheduleOf(terms(1_000, 3, 0)).map(({ payment }) => payment)).toEqual([334n, 334n, 332n])
  })

  it('are the closed formula, rounded up to the minor unit', () => {
    for (const one of drawTerms(300)) {
      const [amount, i] = [Number(one.amount), Number(one.rate) / 12e6]
      // expm1 and log1p keep digits where the rate is small.
      const exact = i === 0 ? amount / one.months : (amount * i) / -Math.expm1(-one.months * Math.log1p(i))
      const above = Number(instalmentOf(one)) - exact
      expect(above, JSON.stringify(Object.values(one).map(String))).toBeGreaterThanOrEqual(-1e-10 * exact)
      expect(above).toBeLessThan(1 + 1e-10 * exact)
    }
  })

  it('pay back the whole amount and no more, in the term, the last payment being the smallest', () => {
    for (const one of drawTerms(300)) {
      const schedule = scheduleOf(one)
      const usual = instalmentOf(one)
      expect(sum(schedule.map(({ principal }) => principal))).toBe(one.amount)
      expect(sum(schedule.map(({ payment, interest }) => payment - interest))).toBe(one.amount)
      expect(schedule.at(-1)?.balance).toBe(0n)
      expect(schedule.length).toBeLessThanOrEqual(one.months)
      expect(schedule.slice(0, -1).every(({ payment }) => payment === usual)).toBe(true)
      expect(schedule.every(({ principal }) => principal >= 0n)).toBe(true)
      let balance = one.amount
      for (const { interest, principal } of schedule) {
        const twice = 2n * (interest * 12_000_000n - balance * one.rate)
        expect(twice > -12_000_000n && twice <= 12_000_000n).toBe(true)
        balance -= principal
      }
    }
  })

  it.each([
    [terms(0, 12, 0), /amount/],
    [terms(100, 0, 0), /term/],
    [terms(100, 481, 0), /term/],
    [terms(100, 12, 1_000_001), /rate/],
    [terms(100, 12, -1), /rate/],
  ])('are refused for terms out of range: %o', (odd, says) => {
    expect(() => scheduleOf(odd)).toThrow(says)
  })
})

const decided = (probability: number, decision: Decision['decision']): Decision => ({
  ...{ decisionId: 'd_1', probability, band: 'A', decision, reasons: [] },
})

describe('the assessment of a loan', () => {
  const rules = readLoanRules()
  const loan = terms(1_000_000, 36, 79_000)
  const means = { income: 250_000n, debts: 40_000n, spending: 90_000n }
  const good = { decision: decided(0.02, 'approve'), limit: 0.1 }

  it('approves what no rule is against, with the expected loss', () => {
    const told = assessLoan({ terms: loan, means }, rules, good)
    expect(told).toMatchObject({ decision: 'approve', reasons: [], questions: [], currency: 'GBP', payments: 36 })
    expect(told.facts.debtToIncome).toBe((40_000 + told.instalment) / 250_000)
    expect(told.facts.leftOver).toBe(250_000 - 40_000 - 90_000 - told.instalment)
    expect(told.expectedLoss).toEqual({ pd: 0.02, lgd: 0.45, ead: 1_000_000, amount: 9_000 })
    expect(told.totalPaid - told.totalInterest).toBe(1_000_000)
  })

  it.each([
    ['AMOUNT-LEAST', terms(49_999, 12, 0), means, good],
    ['AMOUNT-MOST', terms(5_000_001, 84, 10_000), { ...means, income: 2_500_000n }, good],
    ['TERM-MOST', terms(1_000_000, 85, 79_000), means, good],
    ['DEBT-TO-INCOME', loan, { ...means, debts: 80_000n, spending: 0n }, good],
    ['AFFORDABILITY', loan, { ...means, spending: 190_000n }, good],
    ['EXPECTED-LOSS', loan, means, { ...good, decision: decided(0.12, 'approve') }],
    ['CREDIT-LIMIT', loan, means, { ...good, decision: decided(0.1, 'decline') }],
  ])('declines by the rule %s alone', (id, own, has, credit) => {
    const { decision, reasons } = assessLoan({ terms: own, means: has }, rules, credit)
    expect([decision, reasons.map((reason) => reason.id)]).toEqual(['decline', [id]])
  })

  it('asks for what is not known, unless something known decides already', () => {
    const asked = assessLoan({ terms: loan, means: { income: 250_000n } }, rules)
    expect(asked.decision).toBe('refer')
    expect(asked.questions.map(({ id }) => id)).toEqual(['DEBT-TO-INCOME', 'AFFORDABILITY', 'EXPECTED-LOSS'])
    expect(asked.expectedLoss).toBeUndefined()
    expect(assessLoan({ terms: terms(1_000_000, 90, 79_000), means: {} }, rules).decision).toBe('decline')
    expect(
      assessLoan({ terms: loan, means: { ...means, income: 0n } }, rules, good).reasons.map(({ id }) => id),
    ).toEqual([...['DEBT-TO-INCOME', 'AFFORDABILITY']])
  })

  const own = (change: object) => ({
    ...{ name: 'x', currency: { code: 'EUR', digits: 2 }, lgd: 0.5 },
    rules: [{ id: 'A', fact: 'term', operator: 'at most', value: 1, text: 'long' }],
    ...change,
  })
  const [rule] = own({}).rules
  it.each([
    [own({ lgd: 2 }), /r\.json: lgd/],
    [own({ rules: [{ ...rule, fact: 'sex' }] }), /r\.json: rules\.0\.fact/],
    [own({ rules: [{ ...rule, operator: '<' }] }), /rules\.0\.operator/],
    [own({ rules: [rule, rule] }), /rules: have an id twice/],
    [own({ currency: { code: 'euro', digits: 2 } }), /currency\.code: has to be three capitals/],
  ])('needs rules that can be read: %o', (content, says) => {
    expect(readLoanRules(fileOf(JSON.stringify(own({})), 'r.json')).lgd).toBe(0.5)
    expect(() => readLoanRules(fileOf(JSON.stringify(content), 'r.json'))).toThrow(says)
  })
})
