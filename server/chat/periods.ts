import type { IsoDate } from '../storage/types.ts'
import type { Entity } from '../text/entities.ts'

/** Half-open span of days. */
interface Period {
  readonly start: IsoDate
  readonly end: IsoDate
}

const two = (value: number): string => String(value).padStart(2, '0')

/** The days that a date entity means: `2026-03-05`, `2026-03` or `2026`; undefined for weeks, which no fee changes within. */
function periodOf(value: string): Period | undefined {
  const [, year = '', month, day] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(value) ?? []
  if (year === '') return undefined
  if (day !== undefined) {
    const next = new Date(Date.parse(`${value}T00:00:00Z`) + 86_400_000)
    return { start: value, end: next.toISOString().slice(0, 10) }
  }
  if (month === undefined) return { start: `${year}-01-01`, end: `${two(Number(year) + 1)}-01-01` }
  const after = month === '12' ? `${Number(year) + 1}-01` : `${year}-${two(Number(month) + 1)}`
  return { start: `${year}-${month}-01`, end: `${after}-01` }
}

/** Whether a version is in force on a day. */
export function isInForce(
  { from, until }: { readonly from?: IsoDate; readonly until?: IsoDate },
  day: IsoDate,
): boolean {
  return (from ?? '') <= day && (until === undefined || day < until)
}

/** The first day of the one period that is named and does not hold today, and where it is named; undefined if none or several. */
export function dayAsked(
  entities: readonly Entity[],
  today: IsoDate,
): { readonly day: IsoDate; readonly start: number; readonly end: number } | undefined {
  const named = entities.flatMap(({ type, value, start, end }) => {
    const period = type === 'date' ? periodOf(value) : undefined
    return period && !(period.start <= today && today < period.end) ? [{ day: period.start, start, end }] : []
  })
  return new Set(named.map(({ day }) => day)).size === 1 ? named[0] : undefined
}

/**
 * Whether a version may answer a question that names these dates: it has to be in force during every period that does not
 * hold today, else a fee of today would be given for another day.
 */
export function coversDates(
  version: { readonly from?: IsoDate; readonly until?: IsoDate },
  entities: readonly Entity[],
  today: IsoDate,
): boolean {
  return entities.every(({ type, value }) => {
    const period = type === 'date' ? periodOf(value) : undefined
    if (!period || (period.start <= today && today < period.end)) return true
    return (version.from ?? '') <= period.start && (version.until === undefined || version.until >= period.end)
  })
}
