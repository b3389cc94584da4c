import { amountsIn, percentagesIn } from '../../../server/text/amounts.ts'
import type { FeeTerms, FeeUnit } from './fee-data.ts'

/** A name of an item of the schedule, as a pattern. */
export interface Name {
  readonly item: string
  readonly unit: FeeUnit
  readonly pattern: RegExp
}

/** The names as whole words, in any case, with one space or line end between words; Chinese has no word borders. */
export function namesOf({ item, unit, terms }: FeeTerms): Name[] {
  return terms.map((term) => {
    const words = term
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll("'", "['’]")
      .split(/\s+/)
      .join('\\s+')
    const whole = /\p{Script=Han}/u.test(term) ? words : `(?<![\\p{L}\\p{N}-])${words}s?(?![\\p{L}\\p{N}])`
    return { item, unit, pattern: new RegExp(whole, 'giu') }
  })
}

/** The items that a text names; a name inside a longer one ("arranged overdraft" in "unarranged overdraft") is not meant. */
export function namedIn(text: string, names: readonly Name[]): Name[] {
  const hits = names.flatMap((name) =>
    [...text.matchAll(name.pattern)].map(({ index, 0: hit }) => ({ name, start: index, end: index + hit.length })),
  )
  const inside = (a: (typeof hits)[number], b: (typeof hits)[number]) =>
    b.start <= a.start && a.end <= b.end && b.end - b.start > a.end - a.start
  const outer = hits.filter((hit) => !hits.some((other) => inside(hit, other)))
  return [...new Map(outer.map(({ name }) => [`${name.item} ${name.unit}`, name])).values()]
}

const counts: Readonly<Record<string, string>> = { one: '1', two: '2', three: '3', four: '4', five: '5' }
const count = String.raw`(?<![\p{N}.,])(\d+|one|two|three|four|five)\s*`
const counted = (unit: string) => {
  const pattern = new RegExp(`${count}${unit}`, 'giu')
  return (text: string) =>
    [...text.matchAll(pattern)].map(({ 1: found = '' }) => Number(counts[found.toLowerCase()] ?? found))
}
const money = (currency: string) => (text: string) =>
  amountsIn(text).flatMap(({ value }) => (value.endsWith(currency) ? [Number(value.split(' ')[0])] : []))
const timeOfDay = /(?<![\d:.£€])([01]?\d|2[0-3])[:.]([0-5]\d)(?!\d|[:.]\d|\s*%)/g

const readers: Readonly<Record<FeeUnit, (text: string) => number[]>> = {
  percent: (text) => percentagesIn(text).map(({ value }) => Number(value)),
  GBP: money('GBP'),
  EUR: money('EUR'),
  'working-days': counted(String.raw`(?:working\s+days?|个工作日)`),
  days: counted(String.raw`(?:days?['’](?:\s+interest)?|天的利息)`),
  hours: counted('(?:hours?|小时)'),
  months: counted(String.raw`months?['’](?:s\s+interest)?`),
  none: (text) => [...text.matchAll(timeOfDay)].map(({ 1: hour, 2: minute }) => Number(`${hour}.${minute}`)),
}

/** The numbers of a unit in a text, in reading order: "2.75 %" and "2.75%" are 2.75, "15:30" and "15.30" are 15.3. */
export const valuesIn = (text: string, unit: FeeUnit): number[] => readers[unit](text)
