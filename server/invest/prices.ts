import { InputError } from '../errors.ts'

/** Prices in the order of time: of a share, a fund, an index. */
export interface PriceSeries {
  /** ISO 8601 days, each once, ascending. */
  readonly days: readonly string[]
  /** Above 0, one a day of `days`. */
  readonly prices: readonly number[]
}

/** A row as its file has it. */
interface Row {
  readonly fields: Readonly<Record<string, unknown>>
  readonly line: number
}

const fewestPrices = 3
const number = /^\d{1,15}(\.\d+)?$/

/**
 * A series from rows.
 * @throws {InputError} naming file, line and column: a missing column, what is no day or no price above 0, days that do not
 * ascend, fewer than three rows.
 */
export function pricesIn(
  file: string,
  rows: readonly Row[],
  columns: { readonly day: string; readonly price: string },
) {
  const [days, prices]: [string[], number[]] = [[], []]
  for (const { fields, line } of rows) {
    const bad = (column: string, what: string) => new InputError({ file, line, column }, what)
    const cell = (column: string): string => {
      const value = Object.hasOwn(fields, column) ? fields[column] : undefined
      if (typeof value === 'string' || typeof value === 'number') return String(value).trim()
      throw bad(column, 'is missing')
    }
    const [day, price] = [cell(columns.day), cell(columns.price)]
    if (!isDay(day)) throw bad(columns.day, 'is no day such as 2026-05-31')
    if (days.length > 0 && day <= days.at(-1)!)
      throw bad(columns.day, day === days.at(-1) ? 'is there twice' : 'is before the row above: oldest first')
    if (!number.test(price) || !(Number(price) > 0)) throw bad(columns.price, 'is no price above 0')
    days.push(day)
    prices.push(Number(price))
  }
  if (days.length < fewestPrices)
    throw new InputError({ file }, `has ${days.length} prices: at least ${fewestPrices} are needed`)
  return { days, prices } satisfies PriceSeries
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)

/** Of the Gregorian calendar. */
const yearDays = 365.2425

/** Years between the first and the last day. */
export const yearsOf = ({ days }: PriceSeries): number =>
  (Date.parse(days.at(-1)!) - Date.parse(days[0]!)) / 86_400_000 / yearDays
