import { expect, it } from 'vitest'
import { caseIn, isInTrouble } from '../../../server/chat/distress.ts'
import { coversDates, dayAsked } from '../../../server/chat/periods.ts'
import { entitiesIn } from '../../../server/text/entities.ts'

const today = '2026-11-22'
const version = { from: '2026-01-01', until: '2026-12-01' }

it.each([
  ['what is the deposit protection limit from December 2026?', false],
  ['what was the fee in 2025?', false],
  ['what was the fee in March 2026?', true],
  ['what is the fee?', true],
  ['what is the fee in 2026', true],
])('%s may be answered by a version of 2026 until December: %s', (text, may) => {
  expect(coversDates(version, entitiesIn(text, { day: today }), today)).toBe(may)
})

it.each([
  ['I want to kill myself', 'crisis'],
  ['i was robbed', 'fraud'],
  ['my debit card was stolen in Spain help', 'fraud'],
  ['somebody has stolen my purse', 'fraud'],
  ['what happens if my card is stolen?', undefined],
  ['i think someone is in my account right now', 'fraud'],
  ['我的卡被盗刷了', 'fraud'],
  ['我要投诉', 'complaint'],
  ['my husband just died', 'bereavement'],
  ['I cannot afford food', 'hardship'],
  ['how do I dispute a payment?', undefined],
  ['what does a scam look like?', undefined],
])('%s tells a case: %s', (text, told) => expect(caseIn(text)).toBe(told))

it('sells nothing to people in trouble', () => {
  expect(isInTrouble('I lost everything gambling. Which credit card gives me the most?')).toBe(true)
  expect(isInTrouble('which credit card suits me if I travel a lot')).toBe(false)
})

it.each([
  ['What was the late fee in March 2025?', { day: '2025-03-01', start: 25, end: 35 }],
  ['and on 5 January 2027?', { day: '2027-01-05', start: 7, end: 21 }],
  ['What is the fee this month?', undefined],
  ['What is the fee?', undefined],
  ['from March 2025 to March 2027', undefined],
])('tells which other day is asked for: %s', (text, asked) => {
  expect(dayAsked(entitiesIn(text, { day: today }), today)).toEqual(asked)
})
