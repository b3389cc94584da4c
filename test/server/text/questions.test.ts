import { describe, expect, it } from 'vitest'
import { questionsIn } from '../../../server/text/questions.ts'

describe('the questions of a message', () => {
  it.each([
    ['How do I close my account? And what does it cost?', ['How do I close my account?', 'And what does it cost?']],
    ['what is the late fee? when is it charged?', ['what is the late fee?', 'when is it charged?']],
    [
      'I am off to Spain on Friday. What does my card cost there? Can I raise my cash limit? Thanks!',
      ['I am off to Spain on Friday. What does my card cost there?', 'Can I raise my cash limit? Thanks!'],
    ],
    ['Hi? Can you help me? What is the fee for cheques?', ['Hi? Can you help me? What is the fee for cheques?']],
    [
      'How do I freeze my card and what does a replacement card cost?',
      ['How do I freeze my card', 'what does a replacement card cost?'],
    ],
    [
      'hi, what is the daily cash limit, and how do I raise the limit?',
      ['hi, what is the daily cash limit', 'how do I raise the limit?'],
    ],
    ['怎样销户？需要多少费用？', ['怎样销户？', '需要多少费用？']],
  ])('%s', (text, questions) => {
    expect(questionsIn(text)).toEqual(questions)
  })

  it.each([
    'What is the late fee?',
    'no question at all',
    'What and when is it?',
    'My card was lost and what now?',
    'What is it and how does it work and when does it end?',
    'What is the difference between debit and credit cards?',
    '',
    '???',
    'Is https://bank.example/a?b=c safe to open today?',
    'Where is the branch? '.repeat(4),
  ])('are the message itself: %s', (text) => {
    expect(questionsIn(text)).toEqual([text])
  })

  it('are told in time that grows with the length', () => {
    expect(questionsIn('?'.repeat(64_000))).toHaveLength(1)
    expect(questionsIn("? '".repeat(20_000))).toHaveLength(1)
    expect(questionsIn('why does it cost? '.repeat(4_000))).toHaveLength(1)
    expect(questionsIn('what fees and what limits '.repeat(4_000))).toHaveLength(1)
    expect(questionsIn(`what ${' '.repeat(60_000)}and`)).toHaveLength(1)
  })
})
