import { addDays, daysBetween } from '../../../server/text/calendar.ts'
import type { Person } from './customers.ts'
import type { Draw } from './draw.ts'
import type { Holding } from './holdings.ts'
import type { Currency, Ledger, Transaction } from './ledger.ts'
import { carriers, destinations, purchases } from './merchants.ts'
import type { Parameters } from './parameters.ts'

/** Who spends like somebody with this much a month, in pounds, spends as in `purchases`. */
const typicalPayIn = 1_900
const youthCategories = ['groceries', 'restaurants', 'entertainment', 'clothing', 'books', 'transport']

/** How much dearer or cheaper this customer's purchases are than usual, in per cent. */
const scaleOf = ({ facts: { monthlyPayIn } }: Person): number =>
  Math.round(100 * Math.min(2.2, Math.max(0.04, monthlyPayIn / typicalPayIn)))

const creditCards = (held: readonly Holding[]): string[] =>
  held.filter(({ product }) => product.category === 'cards').map(({ product }) => product.id)

/** Everyday purchases on days anywhere in the time, by debit or credit card. */
export function addPurchases(
  draw: Draw,
  person: Person,
  held: readonly Holding[],
  ledger: Ledger,
  count: number,
): void {
  const youth = person.segment === 'youth'
  const kinds = Object.entries(purchases).filter(([category]) =>
    youth ? youthCategories.includes(category) : category !== 'fuel' || person.traits.has('drives'),
  )
  const weights = Object.fromEntries(kinds.map(([category, { weight }]) => [category, weight]))
  const [account, cards, scale] = [held[0]!.product.id, creditCards(held), scaleOf(person)]
  const span = daysBetween(ledger.first, ledger.today)
  for (let left = draw.whole([count - 5, count + 5]); left > 0; left--) {
    const category = draw.weighted(weights)
    const { pence: range, names } = purchases[category]!
    const date = draw.day(ledger.first, span)
    const usable = cards.filter((card) => category !== 'cash' && ledger.has(card, date))
    const card = usable.length > 0 && draw.chance(0.45) ? draw.pick(usable) : account
    const pence = category === 'cash' ? 1_000 * draw.whole([1, 12]) : Math.round((draw.whole(range) * scale) / 100)
    ledger.add({ account: card, date, pence: -pence, category, description: draw.pick(names) })
  }
}

/** A journey: booked some weeks before, then a place to stay and purchases in a foreign currency. */
export function addJourney(
  draw: Draw,
  person: Person,
  held: readonly Holding[],
  ledger: Ledger,
  parameters: Parameters,
): void {
  const { journeys } = parameters
  if (person.segment === 'youth' || !draw.chance(person.traits.has('travels') ? journeys.travels : journeys.others))
    return
  const start = draw.day(addDays(ledger.first, 12), parameters.days - 24)
  const { currency, stops } = draw.pick(destinations)
  const scale = scaleOf(person)
  const pay = (
    date: string,
    range: readonly [number, number],
    paidIn: Currency,
    category: string,
    description: string,
  ) => {
    const account = accountAbroad(draw, held, ledger, date, paidIn, category)
    const pence = category === 'cash' ? 5_000 * draw.whole([1, 4]) : Math.round((draw.whole(range) * scale) / 100)
    ledger.add({ account, date, pence: -pence, currency: paidIn, category, description })
  }
  pay(addDays(start, -draw.whole([3, 11])), [7_000, 38_000], 'GBP', 'travel', draw.pick(carriers))
  pay(start, [18_000, 52_000], currency, ...stops[0]!)
  const nights = draw.whole([3, 9])
  for (let left = draw.whole([4, 7]); left > 0; left--)
    pay(draw.day(start, nights), [600, 7_400], currency, ...draw.pick(stops.slice(1)))
}

/** What a journey is paid with: the travel card before others, the euro account for some euro, cash by debit card. */
function accountAbroad(
  draw: Draw,
  held: readonly Holding[],
  ledger: Ledger,
  date: string,
  currency: Currency,
  category: string,
): string {
  const first = held[0]!.product.id
  if (currency === 'EUR' && ledger.has('euro-account', date) && draw.chance(0.5)) return 'euro-account'
  if (category === 'cash') return first
  if (ledger.has('travel-credit-card', date)) return 'travel-credit-card'
  const cards = creditCards(held).filter((card) => ledger.has(card, date))
  return cards.length > 0 && draw.chance(0.3) ? draw.pick(cards) : first
}

/** On the 12th the card bill of the month before is paid from the first account: whole, or a third by those who borrow. */
export function addCardPayments(person: Person, held: readonly Holding[], ledger: Ledger, { rates }: Parameters): void {
  const spent = ledger.transactions()
  for (const card of creditCards(held)) {
    for (const [i, month] of ledger.months.entries()) {
      if (i === 0) continue
      const bill = billOf(spent, card, ledger.months[i - 1]!, rates)
      const pence = -Math.round(person.traits.has('borrows') ? bill / 3 : bill)
      const entry = { account: held[0]!.product.id, date: `${month}-12`, pence, category: 'card-payment' }
      ledger.move({ ...entry, description: held.find(({ product }) => product.id === card)!.product.name }, card)
    }
  }
}

/** Pence that a month's transactions of a card come to. */
function billOf(spent: readonly Transaction[], card: string, month: string, rates: Parameters['rates']): number {
  return spent
    .filter(({ account, date }) => account === card && date.startsWith(month))
    .reduce((sum, { amount, currency }) => sum - Math.round(100 * amount * rates[currency]), 0)
}
