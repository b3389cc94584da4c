import type { IsoDate } from '../storage/types.ts'
import { addDays, weekdayOf } from '../text/calendar.ts'

/** Days on which a bank works. Holidays are known up to and including `until`; later days count by the weekend alone. */
export interface BusinessCalendar {
  /** Days of the week without work, 1 (Monday) to 7; never all seven. */
  readonly weekend: readonly number[]
  readonly holidays: ReadonlySet<IsoDate>
  readonly until: IsoDate
}

export const isBusinessDay = (day: IsoDate, { weekend, holidays }: BusinessCalendar): boolean =>
  !weekend.includes(weekdayOf(day)) && !holidays.has(day)

/**
 * The business day that is `count` of them after `day`, which does not count itself; before it if `count` is negative. With 0
 * the day itself, or the next business day.
 */
export function businessDaysFrom(day: IsoDate, count: number, calendar: BusinessCalendar): IsoDate {
  let [at, left] = [day, Math.abs(count)]
  const step = count < 0 ? -1 : 1
  while (left > 0 || !isBusinessDay(at, calendar)) {
    at = addDays(at, step)
    if (left > 0 && isBusinessDay(at, calendar)) left--
  }
  return at
}
