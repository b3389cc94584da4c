import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sentenceSpans, sentences } from '../../../server/text/sentences.ts'

describe('ends of sentences', () => {
  it.each([
    ['The fee is £5.00. It is due on Jan. 5 each year.', ['The fee is £5.00.', 'It is due on Jan. 5 each year.']],
    ['Accounts in the U.S. Bank network differ.', ['Accounts in the U.S. Bank network differ.']],
    ['We have no branch in the U.S. The app works there.', ['We have no branch in the U.S.', 'The app works there.']],
    ['See No. 7 and Art. IV of the terms. Ask us.', ['See No. 7 and Art. IV of the terms.', 'Ask us.']],
    ['Is it free? No. You pay £2.', ['Is it free?', 'No.', 'You pay £2.']],
    ['The rate is 3.5 %. From May it is 4.25 %.', ['The rate is 3.5 %.', 'From May it is 4.25 %.']],
    ['Some cards, e.g. Visa, i.e. most of them, work.', ['Some cards, e.g. Visa, i.e. most of them, work.']],
    ['Savings earn 2 % p.a. on the balance.', ['Savings earn 2 % p.a. on the balance.']],
    ['Savings earn 2 % p.a. Interest is paid monthly.', ['Savings earn 2 % p.a.', 'Interest is paid monthly.']],
    ['Open from 9 a.m. Monday to Friday.', ['Open from 9 a.m. Monday to Friday.']],
    ['We close at 4 p.m. Cash machines stay open.', ['We close at 4 p.m.', 'Cash machines stay open.']],
    ['Ask Mr. Smith or Dr. J. Brown. They know.', ['Ask Mr. Smith or Dr. J. Brown.', 'They know.']],
    ['He said “Call us.” Then he left.', ['He said “Call us.”', 'Then he left.']],
    ['(See the terms.) You may leave.', ['(See the terms.)', 'You may leave.']],
    ['Really?! Yes... we do. Wait… what', ['Really?!', 'Yes... we do.', 'Wait… what']],
    ['1. Open the app. 2. Tap Cards.', ['1. Open the app.', '2. Tap Cards.']],
    ['Das gilt ab dem 5. Januar. Danach nicht.', ['Das gilt ab dem 5. Januar.', 'Danach nicht.']],
    ['Northmoor Ltd. Bank Street. The end.', ['Northmoor Ltd. Bank Street.', 'The end.']],
    ['So why? because it is so.', ['So why?', 'because it is so.']],
    ['请先冻结卡片。确认后再补卡！可以吗？可以', ['请先冻结卡片。', '确认后再补卡！', '可以吗？', '可以']],
    ['补卡费为 3.50 英镑。“卡片”页面。', ['补卡费为 3.50 英镑。', '“卡片”页面。']],
    ['', []],
    [' \n ', []],
  ])('%j', (text, expected) => expect(sentences(text)).toEqual(expected))

  it('takes every line for a sentence of its own', () => {
    expect(sentences('One item\nAnother item\n\nThe last')).toEqual(['One item', 'Another item', 'The last'])
  })

  it('reads over the breaks of a wrapped paragraph, but not over an empty line', () => {
    const text = 'The fee is\n£5. It rises\nin May.\n\nNext'
    expect(sentences(text, { wrapped: true })).toEqual(['The fee is\n£5.', 'It rises\nin May.', 'Next'])
  })
})

describe('properties of sentence spans', () => {
  const piece = fc.constantFrom(
    'The fee',
    ' is ',
    '£5.00',
    '. ',
    '3.5 %',
    'U.S.',
    'No. 7',
    '\n',
    '\n\n',
    '。',
    '！',
    '“',
    '”',
    'Ltd.',
    ' e.g. ',
    '?',
    '...',
    '1,250.75',
    '你好',
    ' ',
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'grapheme' }),
  )

  it('orders, trims and separates them, and leaves only white space out', () => {
    fc.assert(
      fc.property(text, fc.boolean(), (whole, wrapped) => {
        let at = 0
        for (const [start, end] of sentenceSpans(whole, { wrapped })) {
          expect(start).toBeGreaterThanOrEqual(at)
          expect(whole.slice(at, start).trim()).toBe('')
          expect(whole.slice(start, end)).toBe(whole.slice(start, end).trim())
          expect(end).toBeGreaterThan(start)
          at = end
        }
        expect(whole.slice(at).trim()).toBe('')
      }),
    )
  })

  it('never cuts a number', () => {
    const number = fc.tuple(fc.nat(99_999), fc.constantFrom('.', ','), fc.nat(999)).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, number, text, (before, figure, after) => {
        const whole = `${before} ${figure} ${after}`
        const at = before.length + 1
        const inside = sentenceSpans(whole).filter(([start, end]) =>
          [start, end].some((cut) => cut > at && cut < at + figure.length),
        )
        expect(inside).toEqual([])
      }),
    )
  })
})
