import { addDays, addMonths, daysBetween, isoDay, partsOf, sameDayInMonth, weekdayOf, weekOf } from './calendar.ts'
import { createCover, type Reading } from './readings.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const month =
  '(jan(?:uary|\\.)?|feb(?:ruary|\\.)?|mar(?:ch|\\.)?|apr(?:il|\\.)?|may|june?|july?|aug(?:ust|\\.)?|sept?(?:ember|\\.)?|oct(?:ober|\\.)?|nov(?:ember|\\.)?|dec(?:ember|\\.)?)'
const weekday = '(monday|tuesday|wednesday|thursday|friday|saturday|sunday)'
const day = '(\\d{1,2})(?:st|nd|rd|th)?'
const year = '((?:19|20|21)\\d{2})'

/** Reads one match, given the day on which it was written; undefined if it is no real day. */
type Rule = (parts: readonly string[], today: string) => string | undefined

const word = (pattern: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, 'giu')
const monthOf = (name: string | undefined): number => months.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1
const counts: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  ten: 10,
}
const countOf = (text: string | undefined): number => counts[(text ?? '').toLowerCase()] ?? Number(text)
const shifts: Readonly<Record<string, number>> = {
  last: -1,
  previous: -1,
  past: -1,
  this: 0,
  current: 0,
  next: 1,
  coming: 1,
  上: -1,
  本: 0,
  这: 0,
  下: 1,
}
const shiftOf = (text: string | undefined): number => shifts[(text ?? '').toLowerCase()] ?? 0
const relativeDays: Readonly<Record<string, number>> = {
  yesterday: -1,
  today: 0,
  tonight: 0,
  tomorrow: 1,
  昨天: -1,
  前天: -2,
  今天: 0,
  明天: 1,
  后天: 2,
}

/** Patterns, the most telling first: of two that overlap the one further up wins. */
const rules: readonly (readonly [RegExp, Rule])[] = [
  [word(`${year}[-/.](\\d{1,2})[-/.](\\d{1,2})`), ([y, m, d]) => isoDay(Number(y), Number(m), Number(d))],
  [/((?:19|20|21)\d{2})年(\d{1,2})月(\d{1,2})[日号]/gu, ([y, m, d]) => isoDay(Number(y), Number(m), Number(d))],
  [word(`(\\d{1,2})[/.-](\\d{1,2})[/.-]${year}`), ([a, b, y]) => dayFirst(Number(a), Number(b), Number(y))],
  [word(`${day}(?:\\s+of)?\\s+${month},?\\s+${year}`), ([d, m, y]) => isoDay(Number(y), monthOf(m), Number(d))],
  [word(`${month}\\s+${day},?\\s+${year}`), ([m, d, y]) => isoDay(Number(y), monthOf(m), Number(d))],
  [word(`${month},?\\s+${year}`), ([m, y]) => `${y}-${String(monthOf(m)).padStart(2, '0')}`],
  [/((?:19|20|21)\d{2})年(\d{1,2})月/gu, ([y, m]) => isoDay(Number(y), Number(m), 1)?.slice(0, 7)],
  [word(`${day}(?:\\s+of)?\\s+${month}`), ([d, m], today) => nearest(monthOf(m), Number(d), today)],
  [word(`${month}\\s+${day}`), ([m, d], today) => nearest(monthOf(m), Number(d), today)],
  [
    word('(?:the\\s+)?day\\s+(before\\s+yesterday|after\\s+tomorrow)'),
    ([way], today) => addDays(today, /^b/i.test(way ?? '') ? -2 : 2),
  ],
  [
    word('(yesterday|today|tonight|tomorrow)'),
    ([name], today) => addDays(today, relativeDays[(name ?? '').toLowerCase()] ?? 0),
  ],
  [/(昨天|前天|今天|明天|后天)/gu, ([name], today) => addDays(today, relativeDays[name ?? ''] ?? 0)],
  [
    word('(last|previous|this|current|next|coming)\\s+(week|month|year)'),
    ([which, unit], today) => period(shiftOf(which), (unit ?? '').toLowerCase(), today),
  ],
  [
    /(上|本|这|下)个?(周|星期|月)/gu,
    ([which, unit], today) => period(shiftOf(which), unit === '月' ? 'month' : 'week', today),
  ],
  [
    /(今年|去年|明年)/gu,
    ([name], today) => String(partsOf(today)[0] + (name === '今年' ? 0 : name === '去年' ? -1 : 1)),
  ],
  [
    word(`(last|this|next)\\s+${weekday}`),
    ([which, name], today) => dayOfWeek((which ?? '').toLowerCase(), name ?? '', today),
  ],
  [
    word('(\\d{1,3}|an?|one|two|three|four|five|six|seven|ten)\\s+(day|week|month|year)s?\\s+ago'),
    ([n, unit], today) => moved(-countOf(n), unit ?? '', today),
  ],
  [
    word('in\\s+(\\d{1,3}|an?|one|two|three|four|five|six|seven|ten)\\s+(day|week|month|year)s?(?:\\s+time)?'),
    ([n, unit], today) => moved(countOf(n), unit ?? '', today),
  ],
  [word(`(?<=(?:in|since|by|from|until|during|before|after|for)\\s(?:the\\syear\\s)?)${year}`), ([y]) => y],
]

/** What every rule needs at least. Most messages hold no date, and nineteen patterns take longer to say so than this one. */
const mayHold = /\d|day|tonight|tomorrow|week|month|year|[天年周月]|星期/iu

/**
 * Dates in a text, the day on which it was written being `today`. Valued as precisely as they were written: a day
 * (`2026-03-01`), a month (`2026-03`), an ISO week (`2026-W09`) or a year (`2026`). Numbers are day first, as in Europe, unless
 * that gives no real day; a day without a year is the nearest one.
 */
export function datesIn(text: string, today: string): Reading[] {
  if (!mayHold.test(text)) return []
  const found: Reading[] = []
  const taken = createCover(text.length)
  for (const [pattern, rule] of rules) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index ?? 0, (match.index ?? 0) + match[0].length]
      const value = taken.overlaps(start, end) ? undefined : rule(match.slice(1), today)
      if (value === undefined) continue
      taken.add(start, end)
      found.push({ start, end, value })
    }
  }
  return found.sort((a, b) => a.start - b.start)
}

function dayFirst(a: number, b: number, y: number): string | undefined {
  return isoDay(y, b, a) ?? isoDay(y, a, b)
}

function nearest(m: number, d: number, today: string): string | undefined {
  const [y] = partsOf(today)
  const days = [y - 1, y, y + 1].flatMap((candidate) => isoDay(candidate, m, d) ?? [])
  return days.sort((a, b) => Math.abs(daysBetween(today, a)) - Math.abs(daysBetween(today, b)))[0]
}

function period(shift: number, unit: string, today: string): string {
  if (unit === 'week') return weekOf(addDays(today, 7 * shift))
  return unit === 'month' ? addMonths(today, shift) : String(partsOf(today)[0] + shift)
}

/** "Last Monday" is before today, "next" in the week after this one, any other the first from today on. */
function dayOfWeek(which: string, name: string, today: string): string {
  const ahead = (weekdays.indexOf(name.slice(0, 3).toLowerCase()) + 1 - weekdayOf(today) + 7) % 7
  if (which === 'last') return addDays(today, ahead === 0 ? -7 : ahead - 7)
  if (which === 'next') return addDays(today, 8 - weekdayOf(today) + weekdays.indexOf(name.slice(0, 3).toLowerCase()))
  return addDays(today, ahead)
}

function moved(count: number, unit: string, today: string): string {
  if (/^day/i.test(unit)) return addDays(today, count)
  if (/^week/i.test(unit)) return addDays(today, 7 * count)
  return sameDayInMonth(today, /^month/i.test(unit) ? count : 12 * count)
}
