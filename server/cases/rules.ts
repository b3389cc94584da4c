import { z } from 'zod'
import { messageOf, SettingError } from '../errors.ts'
import type { IsoDate } from '../storage/types.ts'
import { checkedContent, readOwnFile } from '../text/own-file.ts'
import { type Right, rights } from '../text/rights-kinds.ts'
import { type BusinessCalendar, businessDaysFrom } from './calendar.ts'

/** When a case has to be settled, and when somebody is told that it is not yet. */
export interface CaseTerms {
  readonly due: IsoDate
  readonly escalateOn: IsoDate
}

export interface CaseRules {
  readonly calendar: BusinessCalendar
  /** Business days that a case of this type may take from its first notice. */
  readonly days: Readonly<Record<Right, number>>
  /** Business days before the due day on which a case that is still open is escalated. */
  readonly escalateBefore: number
}

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const file = z.strictObject({
  region: z.string(),
  calendars: z.record(
    z.string(),
    z.strictObject({
      weekend: z.array(z.enum(weekdays)).max(6),
      holidays: z.array(z.iso.date()).max(1_000),
      until: z.iso.date(),
    }),
  ),
  days: z.record(z.enum(rights), z.int().min(0).max(250)),
  escalateBefore: z.int().min(0).max(60),
})

/**
 * England's bank holidays, and days that stay within what the law there asks for: a complaint about payments 15 business days
 * (DISP 1.6.2A), an unauthorised payment the next one (Payment Services Regulations 2017, 76), data a month. A bank sets its own.
 */
const usual: z.input<typeof file> = {
  region: 'england',
  calendars: {
    england: {
      weekend: ['sat', 'sun'],
      holidays: [
        ...['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-04', '2026-05-25', '2026-08-31', '2026-12-25'],
        ...['2026-12-28', '2027-01-01', '2027-03-26', '2027-03-29', '2027-05-03', '2027-05-31', '2027-08-30'],
        ...['2027-12-27', '2027-12-28'],
      ],
      until: '2027-12-31',
    },
  },
  days: {
    dispute: 15,
    unauthorised_payment: 1,
    fraud_in_progress: 0,
    complaint: 15,
    hardship: 5,
    bereavement: 5,
    vulnerability: 3,
    opt_out: 10,
    data_request: 15,
    human: 1,
  },
  escalateBefore: 1,
}

/** Rules of the bank's own file, or the usual ones. @throws {SettingError} that names the file and the field. */
export function readCaseRules(path?: string): CaseRules {
  try {
    return rulesIn(path === undefined ? checkedContent(usual, file) : readOwnFile(path, file))
  } catch (reason) {
    throw new SettingError(`BURSAR_CASE_RULES (${path ?? 'the usual ones'}): ${messageOf(reason)}`, { cause: reason })
  }
}

function rulesIn({ region, calendars, days, escalateBefore }: z.output<typeof file>): CaseRules {
  const calendar = Object.hasOwn(calendars, region) ? calendars[region] : undefined
  if (!calendar) throw new Error(`region: there is no calendar "${region}"`)
  const weekend = calendar.weekend.map((name) => weekdays.indexOf(name) + 1)
  const { holidays, until } = calendar
  return { calendar: { weekend, holidays: new Set(holidays), until }, days, escalateBefore }
}

/** When a case that was first told of on `day` is due. */
export function termsOf(type: Right, day: IsoDate, { calendar, days, escalateBefore }: CaseRules): CaseTerms {
  const due = businessDaysFrom(day, days[type], calendar)
  const early = businessDaysFrom(due, -escalateBefore, calendar)
  return { due, escalateOn: early <= day ? due : early } // without a day to spare, on the day that it is due
}
