import { z } from 'zod'
import { InputError, messageOf } from '../errors.ts'
import { checkedContent, readOwnFile } from '../text/own-file.ts'
import { usualLoanRules } from './usual-loan-rules.ts'

/** What a rule may look at. */
export const loanFacts = [
  /** Minor units. */
  'amount',
  /** Months. */
  'term',
  /** Share a year: 0.079. */
  'rate',
  /** Monthly payment in minor units. */
  'instalment',
  /** Monthly, in minor units. */
  'income',
  /** (debts + instalment) / income. */
  'debtToIncome',
  /** income − debts − spending − instalment, in minor units a month. */
  'leftOver',
  /** That the loan is not paid back, as the credit version says. */
  'probability',
  /** probability × lgd, of what is owed: a share. */
  'expectedLossShare',
] as const
export type LoanFact = (typeof loanFacts)[number]

const rule = z.strictObject({
  id: z.string().regex(/^[A-Z][A-Z0-9-]{0,39}$/, { error: 'has to be capitals, digits and hyphens' }),
  fact: z.enum(loanFacts),
  operator: z.enum(['at most', 'at least']),
  value: z.number(),
  /** Why a loan is refused by it, for the customer. */
  text: z.string().min(1).max(300),
  /** What is asked when the fact is not known. */
  question: z.string().min(1).max(300).exactOptional(),
})
const rulesSchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    currency: z.strictObject({
      code: z.string().regex(/^[A-Z]{3}$/, { error: 'has to be three capitals' }),
      /** Decimal digits of the minor unit (ISO 4217). */
      digits: z.int().min(0).max(4),
    }),
    /** Share of what is owed that is lost when it is not paid back. */
    lgd: z.number().min(0).max(1),
    rules: z.array(rule).max(100),
  })
  .refine(({ rules }) => new Set(rules.map(({ id }) => id)).size === rules.length, {
    path: ['rules'],
    error: 'have an id twice',
  })
export type LoanRules = z.infer<typeof rulesSchema>
export type LoanRule = LoanRules['rules'][number]

/** The bank's own file, or the usual rules. @throws {InputError} naming the file and the field. */
export function readLoanRules(path?: string): LoanRules {
  try {
    return path === undefined ? checkedContent(usualLoanRules, rulesSchema) : readOwnFile(path, rulesSchema)
  } catch (cause) {
    throw new InputError({ file: path ?? 'the usual rules' }, messageOf(cause), { cause })
  }
}
