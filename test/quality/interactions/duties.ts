import type { Product } from '../../../server/storage/products.ts'
import type { Person } from './customers.ts'
import type { Draw } from './draw.ts'
import type { Holding } from './holdings.ts'
import type { Ledger } from './ledger.ts'
import { bills, clients, employers } from './merchants.ts'
import { homeLoans, savingsAccounts, segments } from './parameters.ts'

const onDay = (month: string, day: number): string => `${month}-${String(day).padStart(2, '0')}`
/** Per cent of an amount in pence, a whole number. */
const share = (percent: number, pence: number): number => Math.round((percent * pence) / 100)

/** What comes in every month: together it is the customer's `monthlyPayIn`. */
export function addIncome(draw: Draw, person: Person, account: string, ledger: Ledger): void {
  const { source } = segments[person.segment]
  const [payer, payday] = [draw.pick(employers), draw.whole([24, 28])]
  for (const month of ledger.months) {
    const add = (day: number, pence: number, category: string, description: string) =>
      ledger.add({ account, date: onDay(month, day), pence, category, description })
    if (source === 'salary') add(payday, person.takeHome, 'salary', `Salary ${payer}`)
    if (source === 'pension') add(payday, person.takeHome, 'pension', 'Pension payment')
    if (source === 'client-income') {
      const part = share(draw.whole([30, 70]), person.takeHome)
      add(draw.whole([2, 11]), part, 'client-income', draw.pick(clients))
      add(draw.whole([12, 20]), person.takeHome - part, 'client-income', draw.pick(clients))
    }
    add(1, person.support, 'family-support', person.segment === 'youth' ? 'Pocket money' : 'Family support')
  }
}

/** Rent, or a payment into the home loan, and the household's bills. */
export function addHousehold(
  draw: Draw,
  person: Person,
  held: readonly Holding[],
  account: string,
  ledger: Ledger,
): void {
  if (person.segment === 'youth') return
  const income = person.takeHome + person.support
  const loan = held.find(({ product: { id } }) => homeLoans.includes(id))?.product
  const [due, [utility, telecom]] = [
    share(draw.whole([22, 36]), income),
    [draw.pick(bills.utilities!.names), draw.pick(bills.telecom!.names)],
  ]
  const [power, phone] = [draw.whole(bills.utilities!.pence), draw.whole(bills.telecom!.pence)]
  for (const month of ledger.months) {
    const pay = (day: number, pence: number, category: string, description: string) =>
      ledger.add({ account, date: onDay(month, day), pence: -pence, category, description })
    if (loan && ledger.has(loan.id, onDay(month, 1))) pay(1, due, 'mortgage', loan.name)
    else if (!person.facts.homeowner)
      pay(1, due, 'rent', person.segment === 'student' ? 'Rent Halls of Residence' : 'Rent Quayside Lettings')
    if (person.segment !== 'student') pay(15, power, 'utilities', utility)
    pay(19, phone, 'telecom', telecom)
  }
}

/** Prices of the catalogue, loan payments, and what is put by or invested every month. */
export function addProducts(
  draw: Draw,
  person: Person,
  held: readonly Holding[],
  account: string,
  ledger: Ledger,
): void {
  for (const { product, since } of held) {
    addPrice(draw, product, since, account, ledger)
    const monthly = monthlyOf(draw, person, product)
    if (monthly === undefined) continue
    const { day, pence, category } = monthly
    for (const month of ledger.months) {
      const entry = { account, date: onDay(month, day), pence: -pence, category, description: product.name }
      if (savingsAccounts.includes(product.id)) ledger.move(entry, product.id)
      else if (ledger.has(product.id, entry.date)) ledger.add(entry)
    }
  }
}

const loans = ['personal-loan', 'car-loan', 'home-improvement-loan', 'green-loan']
const investments: Readonly<Record<string, readonly [number, number]>> = {
  'index-portfolio': [5, 60],
  'pension-plan': [10, 80],
}

/** What a customer pays into a product every month, in pence; nothing for most. */
function monthlyOf(draw: Draw, { takeHome, support, traits }: Person, { id }: Product) {
  const income = takeHome + support
  if (loans.includes(id)) return { day: 8, pence: share(draw.whole([4, 9]), income), category: 'loan-payment' }
  const range = investments[id]
  // The least that the sheets allow is £25 and £50 a month.
  if (range) return { day: 6, pence: 500 * draw.whole(range), category: 'investment' }
  const saves = savingsAccounts.includes(id) && id !== 'fixed-saver' && traits.has('saves')
  return saves
    ? { day: 2, pence: 500 * Math.ceil(share(draw.whole([2, 7]), income) / 500), category: 'savings-transfer' }
    : undefined
}

/** The price in the catalogue: every month on the 28th, or every year on the day of opening. Insurance costs it or more. */
function addPrice(
  draw: Draw,
  { id, name, category, price }: Product,
  since: string,
  account: string,
  ledger: Ledger,
): void {
  if (price === null || price.per === 'once') return
  const least = Math.round(100 * Number(price.amount))
  const insurance = category === 'insurance'
  const pence = insurance && price.per === 'month' ? share(draw.whole([100, 220]), least) : least
  const charged = insurance ? account : id
  // The catalogue prices products in pounds or euro.
  const currency = price.currency as 'GBP' | 'EUR'
  for (const month of ledger.months) {
    const date = price.per === 'month' ? onDay(month, 28) : `${month}${since.slice(7)}`
    if (price.per === 'year' && since.slice(5, 7) !== month.slice(5, 7)) continue
    if (date > since && ledger.has(id, date))
      ledger.add({
        account: charged,
        date,
        pence: -pence,
        currency,
        category: insurance ? 'insurance' : 'account-fee',
        description: name,
      })
  }
}
