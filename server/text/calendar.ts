// Days as ISO text and their arithmetic, in UTC so that no time zone moves them.

const dayMs = 86_400_000

/** `2026-03-01` for a real day of the years 1900 to 2199, else undefined. */
export function isoDay(year: number, month: number, day: number): string | undefined {
  if (!(year >= 1900 && year < 2200) || !(month >= 1 && month <= 12) || !(day >= 1 && day <= 31)) return undefined
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 ? date.toISOString().slice(0, 10) : undefined
}

/** Year, month (1 to 12) and day of an ISO day. */
export function partsOf(day: string): readonly [year: number, month: number, day: number] {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))]
}

/** Monday 1 to Sunday 7. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7
}

/** The day `days` later, or earlier if negative. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)
}

/** Days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs
}

/** The month `months` later as `2026-03`. */
export function addMonths(day: string, months: number): string {
  const [year, month] = partsOf(day)
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 7)
}

/** The same day `months` later; the last of that month where it has no such day. */
export function sameDayInMonth(day: string, months: number): string {
  const target = addMonths(day, months)
  for (let wanted = partsOf(day)[2]; wanted > 28; wanted--) {
    const found = isoDay(Number(target.slice(0, 4)), Number(target.slice(5)), wanted)
    if (found) return found
  }
  return `${target}-${String(Math.min(partsOf(day)[2], 28)).padStart(2, '0')}`
}

/** ISO 8601 week of a day, as `2026-W09`. */
export function weekOf(day: string): string {
  const thursday = addDays(day, 4 - weekdayOf(day))
  const week = Math.floor(daysBetween(`${thursday.slice(0, 4)}-01-01`, thursday) / 7) + 1
  return `${thursday.slice(0, 4)}-W${String(week).padStart(2, '0')}`
}
