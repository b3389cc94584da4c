import { describe, expect, it } from 'vitest'
import { asksForOwn, asksForPerson, hasWords, isQuestion } from '../../../server/chat/wording.ts'

describe('asking for one’s own account', () => {
  it.each([
    "what's my balance?",
    'where is my card?',
    'Hi, where’s my new debit card',
    'wheres my money',
    'tell me my account number please',
    'show me my last transactions',
    '我的余额是多少',
    '我的餘額是多少',
  ])('%s is', (text) => expect(asksForOwn(text)).toBe(true))

  it.each([
    'how do I check my balance in the app?',
    'what is the fee for a replacement card?',
    'where can I report my card as lost?',
    'what happens to my money when I close my account?',
    'where is my nearest branch?',
  ])('%s is not', (text) => expect(asksForOwn(text)).toBe(false))
})

describe('asking for a person', () => {
  it.each(['human', 'Agent!', 'can I talk to a real person please', '转人工', '轉人工'])('%s is', (text) =>
    expect(asksForPerson(text)).toBe(true),
  )
  it.each(['who is my relationship manager for', 'what does an agent of the bank do', 'human error on my statement'])(
    '%s is not',
    (text) => expect(asksForPerson(text)).toBe(false),
  )
})

it('tells questions from reports', () => {
  expect(isQuestion('how long do I have to dispute a payment')).toBe(true)
  expect(isQuestion('someone used my card in Leeds')).toBe(false)
})

it('finds no words in emoji and digits', () => {
  expect(hasWords('🙂🙂 12 !!')).toBe(false)
  expect(hasWords('费用')).toBe(true)
})
