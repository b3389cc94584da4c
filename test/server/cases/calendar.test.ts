import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { businessDaysFrom, isBusinessDay } from '../../../server/cases/calendar.ts'
import { readCaseRules, termsOf } from '../../../server/cases/rules.ts'
import { createRandom } from '../../../server/math/random.ts'
import { temporaryFolder } from '../../support/folder.ts'

const rules = readCaseRules()
const { calendar } = rules

describe('business days', () => {
  it.each([
    ['2026-12-01', 1, '2026-12-02'],
    ['2026-12-24', 1, '2026-12-29'], // Christmas, a Saturday for Boxing Day, a Sunday, the day in its place
    ['2026-12-05', 0, '2026-12-07'], // a Saturday: the next business day
    ['2026-12-05', 1, '2026-12-07'],
    ['2026-04-02', 2, '2026-04-08'], // over Easter
    ['2026-12-29', -1, '2026-12-24'],
    ['2026-12-07', -1, '2026-12-04'],
  ])('from %s, %i of them is %s', (day, count, wanted) => {
    expect(businessDaysFrom(day, count, calendar)).toBe(wanted)
  })

  it('hold for any day and count: exactly so many lie between, and back again is where it began', () => {
    const draw = createRandom(7)
    for (let i = 0; i < 300; i++) {
      const day = new Date(Date.UTC(2026, 0, 1) + Math.floor(draw() * 700) * 86_400_000).toISOString().slice(0, 10)
      const count = 1 + Math.floor(draw() * 30)
      const due = businessDaysFrom(day, count, calendar)
      let passed = 0
      for (let at = Date.parse(day) + 86_400_000; at <= Date.parse(due); at += 86_400_000)
        if (isBusinessDay(new Date(at).toISOString().slice(0, 10), calendar)) passed++
      expect([day, count, passed, isBusinessDay(due, calendar)]).toEqual([day, count, count, true])
      const begin = businessDaysFrom(day, 0, calendar)
      if (begin === day) expect(businessDaysFrom(due, -count, calendar)).toBe(day)
    }
  })
})

describe('rules of cases', () => {
  it('say when a case is due, and escalate it a business day earlier, never before it was told', () => {
    expect(termsOf('complaint', '2026-12-01', rules)).toEqual({ due: '2026-12-22', escalateOn: '2026-12-21' })
    expect(termsOf('unauthorised_payment', '2026-12-04', rules)).toEqual({
      due: '2026-12-07',
      escalateOn: '2026-12-07',
    })
    expect(termsOf('fraud_in_progress', '2026-12-01', rules)).toEqual({ due: '2026-12-01', escalateOn: '2026-12-01' })
    expect(termsOf('human', '2026-12-01', rules)).toEqual({ due: '2026-12-02', escalateOn: '2026-12-02' })
  })

  it('keep a request for data within a month, whatever day it comes', () => {
    const late: string[] = []
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 10, 1); at += 86_400_000) {
      const day = new Date(at)
      const month = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, Math.min(day.getUTCDate(), 28)))
      const { due } = termsOf('data_request', day.toISOString().slice(0, 10), rules)
      if (due > month.toISOString().slice(0, 10)) late.push(due)
    }
    expect(late).toEqual([])
  })

  const whole = {
    region: 'here',
    calendars: { here: { weekend: ['fri'], holidays: ['2026-12-02'], until: '2027-12-31' } },
    days: rules.days,
    escalateBefore: 0,
  }
  const read = (content: unknown) => {
    const path = join(temporaryFolder(), 'rules.json')
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return readCaseRules(path)
  }

  it('can be a bank’s own', () => {
    expect(termsOf('human', '2026-12-01', read(whole)).due).toBe('2026-12-03')
    expect(termsOf('human', '2026-12-03', read(whole)).due).toBe('2026-12-05')
  })

  it.each([
    ['{', /rules\.json\): .*JSON/],
    [{ ...whole, region: 'there' }, /rules\.json\): region: there is no calendar "there"/],
    [{ ...whole, escalateBefore: -1 }, /rules\.json\): escalateBefore: /],
    [{ ...whole, days: { ...rules.days, complaint: 1.5 } }, /rules\.json\): days\.complaint: /],
    [{ ...whole, days: { ...rules.days, complaints: 1 } }, /rules\.json\): days: .*complaints/],
    [
      { ...whole, calendars: { here: { ...whole.calendars.here, holidays: ['2026-13-01'] } } },
      /rules\.json\): calendars\.here\.holidays\.0: /,
    ],
    [
      {
        ...whole,
        calendars: { here: { ...whole.calendars.here, weekend: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] } },
      },
      /rules\.json\): calendars\.here\.weekend: /,
    ],
  ])('of a file that is wrong are refused, naming the field: %j', (content, message) => {
    expect(() => read(content)).toThrow(message)
  })

  it('of a file that is not there are refused', () => {
    expect(() => readCaseRules(join(temporaryFolder(), 'none.json'))).toThrow(/^BURSAR_CASE_RULES .*ENOENT/)
  })
})
