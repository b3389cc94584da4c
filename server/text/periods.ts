import { addDays, addMonths, isoDay, sameDayInMonth } from './calendar.ts'
import { datesIn } from './dates.ts'
import { createCover, type Reading } from './readings.ts'

const numbers: Readonly<Record<string, number>> = {
  ...{ a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10 },
  ...{ twelve: 12, eighteen: 18, 一: 1, 两: 2, 二: 2, 三: 3, 四: 4, 五: 5, 六: 6, 半: 0.5 },
}
const count = `(\\d{1,3}|${Object.keys(numbers)
  .filter((name) => /^[a-z]/.test(name))
  .join('|')})`
const unit = '(day|week|fortnight|month|year)s?'
const around = (pattern: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}.,])${pattern}(?![\\p{L}\\p{N}])`, 'giu')

const span = around(`(?:the )?(last|past|previous|next|coming) ${count} ${unit}`)
const duration = around(`${count}[ -]${unit}`)
const chineseSpan = /(过去|最近|未来|今后)的?(\d{1,3}|[一两二三四五六])个?(天|周|星期|月|年)/gu
const chineseDuration = /(\d{1,3}|[一两二三四五六])(天|周|个星期|个月|年)(?!\d)/gu
/** What stands between the two ends of a range. */
const join = /^\s*(?:to|until|till|through|and|[-–—]|至|到)\s*$/iu
const letters: Readonly<Record<string, string>> = {
  ...{ day: 'D', week: 'W', fortnight: 'F', month: 'M', year: 'Y' },
  ...{ 天: 'D', 周: 'W', 星期: 'W', 个星期: 'W', 月: 'M', 个月: 'M', 年: 'Y' },
}
/** Every pattern needs one of them. */
const mayHold = /day|week|fortnight|month|year|[天周月年]|星期|\d/iu

/**
 * Stretches of time in a text that was written on the day `today`: a range of two dates or one counted from today as its first
 * and last day (`2026-03-01/2026-04-05`), a mere length as an ISO 8601 duration (`P12M`). Of two that overlap the longer wins.
 */
export function periodsIn(text: string, today: string): Reading[] {
  if (!mayHold.test(text)) return []
  const found = [...rangesIn(text, today), ...spansIn(text, today), ...durationsIn(text)]
  const taken = createCover(text.length)
  return found
    .sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)
    .filter(({ start, end }) => {
      const isFree = !taken.overlaps(start, end)
      if (isFree) taken.add(start, end)
      return isFree
    })
    .sort((a, b) => a.start - b.start)
}

function rangesIn(text: string, today: string): Reading[] {
  const dates = datesIn(text, today)
  return dates.slice(1).flatMap((last, i) => {
    const first = dates[i]!
    if (!join.test(text.slice(first.end, last.start))) return []
    const to = boundsOf(last.value)?.[1]
    if (to === undefined) return []
    // "From 1 March to 5 April 2026": the year stands once, so the first day is the one next to the last.
    const from = [first, ...datesIn(text.slice(first.start, first.end), to)]
      .map(({ value }) => boundsOf(value)?.[0])
      .find((day) => day !== undefined && day <= to)
    if (from === undefined) return []
    return [{ start: first.start, end: last.end, value: `${from}/${to}` }]
  })
}

/** First and last day of a date as `datesIn` values it; undefined for a week, which a range is seldom made of. */
function boundsOf(value: string): readonly [string, string] | undefined {
  const [, year = '', month, day] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(value) ?? []
  if (year === '') return undefined
  if (day !== undefined) return [value, value]
  if (month === undefined) return [`${year}-01-01`, `${year}-12-31`]
  const first = isoDay(Number(year), Number(month), 1)
  return first === undefined ? undefined : [first, addDays(`${addMonths(first, 1)}-01`, -1)]
}

function spansIn(text: string, today: string): Reading[] {
  return [...text.matchAll(span), ...text.matchAll(chineseSpan)].map((match) => {
    const [, which = '', written = '', name = ''] = match
    const isAhead = /^(next|coming|未来|今后)$/iu.test(which)
    const other = moved(today, (isAhead ? 1 : -1) * countOf(written), letterOf(name))
    const value = isAhead ? `${today}/${other}` : `${other}/${today}`
    return { start: match.index, end: match.index + match[0].length, value }
  })
}

function durationsIn(text: string): Reading[] {
  return [...text.matchAll(duration), ...text.matchAll(chineseDuration)].flatMap((match) => {
    const [whole, written = '', name = ''] = match
    // "A year" is mostly "per year": only counted lengths are lengths.
    if (/^an?$/iu.test(written) && !/fortnight/iu.test(name)) return []
    const letter = letterOf(name)
    const value = letter === 'F' ? `P${2 * countOf(written)}W` : `P${countOf(written)}${letter}`
    return [{ start: match.index, end: match.index + whole.length, value }]
  })
}

const countOf = (written: string): number => numbers[written.toLowerCase()] ?? Number(written)
const letterOf = (name: string): string => letters[name.toLowerCase()] ?? 'D'

function moved(day: string, by: number, letter: string): string {
  if (letter === 'M') return sameDayInMonth(day, by)
  if (letter === 'Y') return sameDayInMonth(day, 12 * by)
  return addDays(day, by * (letter === 'W' ? 7 : letter === 'F' ? 14 : 1))
}
