import type { Decision } from './decision.ts'
import { type Instalment, instalmentOf, type LoanTerms, scheduleOf } from './instalments.ts'
import type { LoanFact, LoanRule, LoanRules } from './loan-rules.ts'

/** A loan that is asked for, as it goes from process to process; money in minor units, the rate a year in millionths. */
export interface LoanRequest {
  readonly amount: number
  readonly months: number
  readonly rate: number
  readonly income?: number
  readonly debts?: number
  readonly spending?: number
}

/** What somebody has each month, in minor units; what was not told is left out. */
export interface Means {
  readonly income?: bigint
  /** Payments on other debts. */
  readonly debts?: bigint
  readonly spending?: bigint
}

/** Why a loan is refused: a rule that is broken, or the limit of the credit decision. */
export interface LoanReason {
  readonly id: string
  readonly text: string
  readonly fact: LoanFact
  readonly value: number
  readonly limit: number
}

/** Money in minor units. */
export interface LoanAssessment {
  readonly currency: string
  readonly instalment: number
  readonly payments: number
  readonly totalInterest: number
  readonly totalPaid: number
  /** Of the rules' facts those that are known. */
  readonly facts: Readonly<Partial<Record<LoanFact, number>>>
  /** PD × LGD × EAD, the exposure being the whole amount; absent without an applicant. */
  readonly expectedLoss?: { readonly pd: number; readonly lgd: number; readonly ead: number; readonly amount: number }
  /** `refer`: nothing is broken, but something has to be asked first. */
  readonly decision: 'approve' | 'decline' | 'refer'
  readonly reasons: readonly LoanReason[]
  /** What is not known and would decide, rule by rule. */
  readonly questions: readonly { readonly id: string; readonly fact: LoanFact; readonly text: string }[]
  readonly schedule: readonly Readonly<Record<keyof Instalment, number>>[]
  /** Decision on the applicant by the credit version. */
  readonly credit?: Decision
}

const limitId = 'CREDIT-LIMIT'

/**
 * Instalments, affordability, expected loss and a decision. A rule whose fact is not known is a question, never a guess, and a
 * broken one decides whatever is not known. Limits are compared with exact fractions rounded once, to a double.
 * @param credit of the applicant, if there is one; a refusal by its limit refuses the loan. @throws {RangeError} for terms out of range.
 */
export function assessLoan(
  { terms, means }: { readonly terms: LoanTerms; readonly means: Means },
  { rules, lgd, currency }: LoanRules,
  credit?: { readonly decision: Decision; readonly limit: number },
): LoanAssessment {
  const [instalment, schedule] = [instalmentOf(terms), scheduleOf(terms)]
  const probability = credit?.decision.probability
  const facts = factsOf(
    terms,
    means,
    instalment,
    probability === undefined ? {} : { probability, expectedLossShare: probability * lgd },
  )
  const broken = rules.flatMap((rule) => reasonOf(rule, facts[rule.fact]))
  const reasons = [...refusalOf(credit), ...broken]
  const questions = rules
    .filter(({ fact }) => facts[fact] === undefined)
    .map(({ id, fact, question }) => ({ id, fact, text: question ?? `What is ${fact}?` }))
  const sum = (pick: (one: Instalment) => bigint): number => Number(schedule.reduce((all, one) => all + pick(one), 0n))
  return {
    ...{ currency: currency.code, instalment: Number(instalment), payments: schedule.length },
    ...{ totalInterest: sum(({ interest }) => interest), totalPaid: sum(({ payment }) => payment), facts },
    ...(probability !== undefined && { expectedLoss: expectedLossOf(probability, lgd, Number(terms.amount)) }),
    decision: reasons.length > 0 ? 'decline' : questions.length > 0 ? 'refer' : 'approve',
    ...{ reasons, questions, schedule: schedule.map(inNumbers) },
    ...(credit && { credit: credit.decision }),
  }
}

/** @throws {RangeError} for what is no whole number. */
export function loanOf({ amount, months, rate, income, debts, spending }: LoanRequest) {
  const terms: LoanTerms = { amount: BigInt(amount), months, rate: BigInt(rate) }
  const means: Means = {
    ...(income !== undefined && { income: BigInt(income) }),
    ...(debts !== undefined && { debts: BigInt(debts) }),
    ...(spending !== undefined && { spending: BigInt(spending) }),
  }
  return { terms, means }
}

/** Rounded half up to the minor unit. */
const expectedLossOf = (pd: number, lgd: number, ead: number) => ({ pd, lgd, ead, amount: Math.round(pd * lgd * ead) })

function factsOf(
  { amount, months, rate }: LoanTerms,
  { income, debts, spending }: Means,
  instalment: bigint,
  ofCredit: { readonly probability?: number; readonly expectedLossShare?: number },
): Partial<Record<LoanFact, number>> {
  const owed = debts === undefined ? undefined : debts + instalment
  return {
    ...{ amount: Number(amount), term: months, rate: Number(rate) / 1e6, instalment: Number(instalment) },
    ...(income !== undefined && { income: Number(income) }),
    // Who has no income can carry no payment: any share of it is too much.
    ...(income !== undefined &&
      owed !== undefined && { debtToIncome: income === 0n ? Number.MAX_VALUE : Number(owed) / Number(income) }),
    ...(income !== undefined &&
      owed !== undefined &&
      spending !== undefined && { leftOver: Number(income - owed - spending) }),
    ...ofCredit,
  }
}

function reasonOf({ id, fact, operator, value: limit, text }: LoanRule, value: number | undefined): LoanReason[] {
  if (value === undefined) return []
  const holds = operator === 'at most' ? value <= limit : value >= limit
  return holds ? [] : [{ id, text, fact, value, limit }]
}

function refusalOf(credit: { readonly decision: Decision; readonly limit: number } | undefined): LoanReason[] {
  if (credit?.decision.decision !== 'decline') return []
  const { probability } = credit.decision
  const text = 'The probability that it is not paid back is at the limit of the credit decision or above'
  return [{ id: limitId, text, fact: 'probability', value: probability, limit: credit.limit }]
}

const inNumbers = (one: Instalment): Readonly<Record<keyof Instalment, number>> => ({
  month: one.month,
  payment: Number(one.payment),
  interest: Number(one.interest),
  principal: Number(one.principal),
  balance: Number(one.balance),
})
