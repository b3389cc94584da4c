import { mean } from '../../../server/math/statistics.ts'
import type { Product } from '../../../server/storage/products.ts'
import { today } from './counts.ts'
import { groupBy } from './group-by.ts'
import type { Customer, Transaction } from './interaction-rows.ts'
import type { Placed } from './load.ts'
import { type Finding, faultless, type Report, told } from './report.ts'

type Row = Placed<Transaction>

/** What arrives from outside the bank. */
const incomes = ['salary', 'pension', 'client-income', 'family-support']
/** Twelve times the pay is this share of the income before tax. */
const [leastShare, mostShare] = [0.55, 1.001]

/** Transactions lie in accounts that were open, prices are the catalogue's, and pay fits the income of the profile. */
export function checkMoney(
  customers: readonly Placed<Customer>[],
  transactions: readonly Row[],
  openings: ReadonlyMap<string, string>,
  products: ReadonlyMap<string, Product>,
): Report {
  const byCustomer = groupBy(transactions, ({ value }) => value.customer)
  const accounts = transactions.flatMap((row) => accountFaults(row, openings))
  const prices = transactions
    .filter(({ value }) => value.merchantCategory === 'account-fee')
    .flatMap((row) => priceFaults(row, products))
  const pay = customers.flatMap((row) => payFaults(row, byCustomer.get(row.value.id) ?? [], openings))
  const counts = customers.map(({ value }) => byCustomer.get(value.id)?.length ?? 0)
  return {
    figures: [
      told('transactions of a customer, mean', mean(counts)),
      faultless('transactions in accounts that were open', transactions.length, accounts.length),
      faultless('customers whose pay fits their income', customers.length, pay.length),
    ],
    findings: [...accounts, ...prices, ...pay],
  }
}

const fault = ({ file, line }: Placed<unknown>, reason: string): Finding => ({ file, line, reason })

function accountFaults(row: Row, openings: ReadonlyMap<string, string>): Finding[] {
  const { customer, account, date } = row.value
  const since = openings.get(`${customer} ${account}`)?.slice(0, 10)
  if (since === undefined) return [fault(row, `${customer} never opened ${account}`)]
  if (date < since) return [fault(row, `${customer} opened ${account} on ${since}, after ${date}`)]
  return date >= today ? [fault(row, `${date} is not before ${today}`)] : []
}

function priceFaults(row: Row, products: ReadonlyMap<string, Product>): Finding[] {
  const { account, amount, currency } = row.value
  const price = products.get(account)?.price
  const right = price?.currency === currency && Number(price.amount) === -amount
  return right ? [] : [fault(row, `${-amount} ${currency} is not the catalogue's price of ${account}`)]
}

/** Pay is the same every month and fits the year's income; all that comes in during a whole month is what the profile says. */
function payFaults(row: Placed<Customer>, own: readonly Row[], openings: ReadonlyMap<string, string>): Finding[] {
  const { id, annualIncome, monthlyPayIn, holds } = row.value
  const pay = own
    .filter(({ value }) => ['salary', 'pension'].includes(value.merchantCategory))
    .map(({ value }) => value.amount)
  const arriving = groupBy(
    own.filter(({ value }) => incomes.includes(value.merchantCategory)),
    ({ value }) => value.date.slice(0, 7),
  )
  const opened = openings.get(`${id} ${holds[0]}`)?.slice(0, 7) ?? ''
  const months = wholeMonths(own).filter((month) => month > opened)
  return [
    ...(new Set(pay).size > 1 ? [fault(row, `${id} is paid ${[...new Set(pay)].join(' and ')}`)] : []),
    ...pay
      .slice(0, 1)
      .filter((amount) => 12 * amount < leastShare * annualIncome || 12 * amount > mostShare * annualIncome)
      .map((amount) => fault(row, `${id} is paid ${amount} a month with an income of ${annualIncome} a year`)),
    ...months.flatMap((month) => {
      const sum = (arriving.get(month) ?? []).reduce((total, { value }) => total + value.amount, 0)
      return Math.abs(sum - monthlyPayIn) <= 1
        ? []
        : [fault(row, `${id} is paid ${sum} in ${month}, not ${monthlyPayIn}`)]
    }),
  ]
}

/** Months between the first and the last that a customer's transactions touch. */
const wholeMonths = (rows: readonly Row[]): string[] =>
  [...new Set(rows.map(({ value }) => value.date.slice(0, 7)))].sort().slice(1, -1)
