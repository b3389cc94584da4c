import { resolve } from 'node:path'
import { highestRate, mostAmount, mostMonths } from '../credit/instalments.ts'
import { assessLoan, type LoanAssessment, type LoanRequest, loanOf } from '../credit/loan.ts'
import { type LoanRules, readLoanRules } from '../credit/loan-rules.ts'
import { UsageError } from '../errors.ts'
import { type Command, type Options, textOf } from './command.ts'
import { decisionOptions, decisionRequest } from './credit.ts'
import { wholeOf } from './questions.ts'

type Currency = LoanRules['currency']
/** A rate of one per cent, in millionths. */
const percentDigits = 4

export const creditLoanCommand: Command = {
  name: 'credit loan',
  args: '',
  summary: 'assess a loan: instalments, affordability, expected loss, and a decision with reasons',
  options: [
    ['--amount <money>', 'what is lent, such as 10000 or 9999.50'],
    ['--term <months>', 'how many monthly payments'],
    ['--rate <percent>', 'nominal interest a year, such as 7.9'],
    ['--income <money>', 'monthly income'],
    ['--debts <money>', 'monthly payments on other debts'],
    ['--spending <money>', 'what else is spent in a month'],
    ['--applicant <file>', 'one row with the columns of the credit version; without it no probability is known'],
    ['--rules <file>', 'the bank’s own rules, as JSON; default: those of consumer loans'],
    ['--schedule', 'show every payment'],
    ...decisionOptions,
  ],
  async run({ perform }, _, given) {
    const [applicant, rules] = [textOf(given, 'applicant'), textOf(given, 'rules')]
    const ruled = readLoanRules(rules === undefined ? undefined : resolve(rules))
    const loan = loanIn(given, ruled.currency)
    const json =
      applicant === undefined
        ? assessLoan(loanOf(loan), ruled)
        : ((await perform('credit.loan', {
            ...{ ...decisionRequest(given), applicant: resolve(applicant), loan },
            ...(rules !== undefined && { rules: resolve(rules) }),
          })) as LoanAssessment)
    return { json, text: shown(json, ruled.currency, given.schedule === true) }
  },
}

/** @throws {UsageError} for what is missing, no money or out of range. */
function loanIn(given: Options, { digits }: Currency): LoanRequest {
  if (given.amount === undefined || given.term === undefined || given.rate === undefined)
    throw new UsageError('--amount, --term and --rate are needed')
  const money = (name: string): number | undefined => decimalOf(given, name, digits, Number(mostAmount))
  const amount = money('amount') ?? 0
  if (amount === 0) throw new UsageError('--amount has to be above 0')
  const [income, debts, spending] = [money('income'), money('debts'), money('spending')]
  return {
    ...{ amount, months: wholeOf(given, 'term', 0, 1, mostMonths) },
    rate: decimalOf(given, 'rate', percentDigits, Number(highestRate)) ?? 0,
    ...(income !== undefined && { income }),
    ...(debts !== undefined && { debts }),
    ...(spending !== undefined && { spending }),
  }
}

/** A decimal number as a whole one of its least digits: exact, as it was typed. @throws {UsageError} */
function decimalOf(given: Options, name: string, digits: number, most: number): number | undefined {
  const text = textOf(given, name)
  if (text === undefined) return undefined
  const [, whole = '', part = ''] = /^(\d{1,14})(?:\.(\d+))?$/.exec(text) ?? []
  const value = Number(whole + part.padEnd(digits, '0'))
  if (whole !== '' && part.length <= digits && value <= most) return value
  throw new UsageError(
    `--${name} is a number from 0 to ${most / 10 ** digits} with at most ${digits} decimal digits, not "${text}"`,
  )
}

function shown(told: LoanAssessment, { code, digits }: Currency, withSchedule: boolean): string {
  const money = (value: number): string => `${(value / 10 ** digits).toFixed(digits)} ${code}`
  const { decision, instalment, payments, totalPaid, totalInterest, facts, expectedLoss, reasons, questions } = told
  const { debtToIncome, leftOver } = facts
  return [
    `${decision}: ${payments} payments of ${money(instalment)}, in all ${money(totalPaid)}, interest ${money(totalInterest)}`,
    ...(debtToIncome === undefined ? [] : [`debt to income ${(100 * debtToIncome).toFixed(1)} %`]),
    ...(leftOver === undefined ? [] : [`left over each month ${money(leftOver)}`]),
    ...(expectedLoss
      ? [
          `expected loss ${money(expectedLoss.amount)} = ${expectedLoss.pd.toFixed(4)} × ${expectedLoss.lgd} × ${money(expectedLoss.ead)}`,
        ]
      : []),
    ...reasons.map(({ id, text }) => `  ${id}: ${text}`),
    ...(told.credit?.decision === 'decline' ? told.credit.reasons.map(({ text }) => `    ${text}`) : []),
    ...questions.map(({ id, text }) => `  ${id} is open: ${text}`),
    ...(withSchedule
      ? told.schedule.map(
          (one) =>
            `${String(one.month).padStart(4)}  ${money(one.payment)}  interest ${money(one.interest)}  principal ${money(one.principal)}  left ${money(one.balance)}`,
        )
      : []),
  ].join('\n')
}
