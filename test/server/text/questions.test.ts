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
    ['怎样销户？需要多少费用？', ['怎样销户？', '需要多少费用？']],
  ])('%s', (text, questions) => {
    expect(questionsIn(text)).toEqual(questions)
  })

  it.each([
    'What is the late fee?',
    'no question at all',
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
  })
})
