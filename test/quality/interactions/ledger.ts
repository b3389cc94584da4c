import { addDays } from '../../../server/text/calendar.ts'
import type { Holding } from './holdings.ts'
import type { Parameters } from './parameters.ts'

export type Currency = keyof Parameters['rates']

/** One line of transactions.jsonl. */
export interface Transaction {
  readonly customer: string
  /** Id of the product that was paid with; a customer has one of each at most. */
  readonly account: string
  readonly date: string
  /** In `currency`, two decimals at most; below 0 for what goes out. */
  readonly amount: number
  readonly currency: Currency
  readonly merchantCategory: string
  readonly description: string
}

/** A transaction to be: pence (or cents) instead of a decimal number. */
export interface Entry {
  readonly account: string
  readonly date: string
  readonly pence: number
  readonly currency?: Currency
  readonly category: string
  readonly description: string
}

/** Collects a customer's transactions. What would lie outside the time, or before an account was opened, does not happen. */
export interface Ledger {
  readonly first: string
  readonly today: string
  /** The calendar months that the time touches, `2026-09`. */
  readonly months: readonly string[]
  /** Whether the customer had the product on that day. */
  has(account: string, day: string): boolean
  add(entry: Entry): void
  /** Money from one account of the customer to another: both sides, or neither. */
  move(from: Entry, to: string): void
  /** In the order of time; of one day, in the order in which they were added. */
  transactions(): Transaction[]
}

export function createLedger(customer: string, holdings: readonly Holding[], { today, days }: Parameters): Ledger {
  const since = new Map(holdings.map((holding) => [holding.product.id, holding.since]))
  const first = addDays(today, 1 - days)
  const rows: Transaction[] = []
  const has = (account: string, day: string) => (since.get(account) ?? '9999') <= day
  const possible = ({ account, date }: Entry) => first <= date && date <= today && has(account, date)
  const add = (entry: Entry) => {
    if (possible(entry) && entry.pence !== 0) rows.push(transactionOf(customer, entry))
  }
  return {
    ...{ first, today, has, add, months: monthsOf(first, today) },
    move(entry, to) {
      const arriving = { ...entry, account: to, pence: -entry.pence }
      if (!possible(entry) || !possible(arriving)) return
      add(entry)
      add(arriving)
    },
    transactions: () =>
      rows
        .map((row, i) => ({ row, i }))
        .sort(byDay)
        .map(({ row }) => row),
  }
}

function byDay(a: { row: Transaction; i: number }, b: { row: Transaction; i: number }): number {
  return a.row.date < b.row.date ? -1 : a.row.date > b.row.date ? 1 : a.i - b.i
}

function transactionOf(
  customer: string,
  { account, date, pence, currency = 'GBP', category, description }: Entry,
): Transaction {
  return { customer, account, date, amount: pence / 100, currency, merchantCategory: category, description }
}

function monthsOf(first: string, last: string): string[] {
  const months = new Set<string>()
  for (let day = first; day <= last; day = addDays(day, 1)) months.add(day.slice(0, 7))
  return [...months]
}
