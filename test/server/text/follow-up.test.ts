import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../server/math/random.ts'
import { dependsOnContext, standAloneOf, standAloneQuestion } from '../../../server/text/follow-up.ts'

describe('a follow-up', () => {
  it.each([
    ['How much does the Travel Credit Card cost?', 'and abroad?', 'and abroad? (Travel Credit Card cost)'],
    ['Can I open a joint account?', 'How long does it take?', 'How long does it take? (open joint account)'],
    ['Can I open a joint account?', 'what documents do I need?', 'what documents do I need? (open joint account)'],
    ['Is the Easy Saver or the ISA better?', 'Which one is safer?', 'Which one is safer? (Easy Saver ISA better)'],
    ['Can I open a joint account?', 'why?', 'why? (open joint account)'],
    ['What is the late fee?', 'When is it charged?', 'When is it charged? (late fee)'],
    [
      'How do I dispute a payment?',
      'How long do I have to do that?',
      'How long do I have to do that? (dispute payment)',
    ],
    ['开一个账户要多少钱？', '那学生呢？', '那学生呢？（开一个账户要多少钱？）'],
    ['What was the late fee in March 2025?', 'and for students?', 'and for students? (late fee in March 2025)'],
    ['What was the late fee on 01/03/2025?', 'and for students?', 'and for students? (late fee on 01/03/2025)'],
    ['What was the late fee in March 2025?', 'And today?', 'And today? (late fee)'],
    ['What was the late fee in March 2025?', 'and in January 2027?', 'and in January 2027? (late fee)'],
  ])('of "%s": "%s" is looked up as "%s"', (before, text, whole) => {
    expect(standAloneQuestion(text, before)).toBe(whole)
  })

  it('goes on from the one before it', () => {
    const turns = ['Can I open a joint account?', 'How long does it take?', 'and what does it cost?']
    expect(standAloneOf(turns)).toBe('and what does it cost? (long take open joint account)')
  })
})

describe('a message that says what it is about', () => {
  it.each([
    'Do you have a savings account for children?',
    'Is it possible to close my account online?',
    'How long does it take to replace a card?',
    'If my card is stolen, can I get it back?',
    'I lost my card, can you block it?',
    'And how do I close my account?',
    'How much can I pay with one tap?',
    'Same-day transfer limit?',
    'Can I get a refund?',
    '请问开这种儿童储蓄账户需要带什么证件和材料？',
    'That fee was a shock and I want my money back.',
    'thanks',
    'Hello!',
    '',
  ])('stays as it is: %s', (text) => {
    expect(standAloneQuestion(text, 'What is the overdraft rate?')).toBe(text)
  })

  it('stands alone at the start', () => {
    expect(standAloneQuestion('How long does it take?', undefined)).toBe('How long does it take?')
    expect(standAloneOf([])).toBe('')
  })
})

describe('a chain of follow-ups', () => {
  it.each(['那学生呢？', 'and for students?', 'why?', 'and in 2025?'])('does not grow: %s', (text) => {
    const turns = Array.from({ length: 50 }, () => text)
    expect(standAloneOf(['开一个账户要多少钱？ What is the late fee?', ...turns]).length).toBeLessThan(120)
  })
})

describe('any text', () => {
  it('keeps the words of the message first, and its length in bounds', () => {
    const random = createRandom(5)
    const bits = [
      'it',
      'and',
      'that',
      'fee',
      'why',
      '?',
      ' ',
      '(',
      '呢',
      'card',
      '£5',
      '.',
      "it's",
      'to',
      '\u0000',
      'x'.repeat(70),
    ]
    const textOf = () =>
      Array.from({ length: Math.floor(random() * 14) }, () => bits[Math.floor(random() * bits.length)]).join(' ')
    for (let i = 0; i < 3_000; i++) {
      const [before, text] = [textOf(), textOf()]
      const whole = standAloneQuestion(text, before)
      expect(whole.includes(text.trimEnd())).toBe(true)
      expect(whole.length).toBeLessThanOrEqual(text.length + before.length + 12)
    }
  })

  it.each([
    ['it '.repeat(300), true],
    ['it '.repeat(20_000), false],
    ["it's is ".repeat(10_000), false],
    ['a'.repeat(64_000), false],
    ['呢'.repeat(20_000), false],
    ['what about '.repeat(6_000), false],
  ])('is read in time that grows with its length', (text, follows) => {
    expect(dependsOnContext(text)).toBe(follows)
  })
})
