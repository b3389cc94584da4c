import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { terms } from '../../../server/text/terms.ts'

describe('search terms', () => {
  it.each([
    [
      'stems words and drops function words',
      'How are the disputed payments refunded?',
      ['disput', 'payment', 'refund'],
    ],
    ['keeps what turns a rule round', 'not without a PIN', ['not', 'without', 'pin']],
    ['takes case, diacritics and compatibility forms away', 'CAFÉ ﬁne ＡＢＣ', ['cafe', 'fine', 'abc']],
    ['takes apostrophes away', "customer’s customers' don't we'll", ['custom', 'custom']],
    ['writes amounts without separators', '£1,250.00, $5.50 and 10,000', ['1250', '5.5', '10000']],
    ['keeps percentages as numbers and with their sign', '2.75 % or 3.50%', ['2.75', '2.75%', '3.5', '3.5%']],
    ['keeps codes whole and in parts', 'Form W-8BEN', ['form', 'w8ben', 'w', '8ben']],
    ['finds codes however they are joined', 'w8ben', ['w8ben']],
    ['keeps sections of laws', '§ 1024.33(b)', ['1024.33', 'b']],
    ['joins hyphenated words and keeps their parts', 'pre-paid', ['prepaid', 'pre', 'paid']],
    ['does not join what a stroke separates', 'credit/debit', ['credit', 'debit']],
    [
      'keeps times and dates whole and in parts',
      '24/7 2026-03-01',
      ['24/7', '24', '7', '2026-03-01', '2026', '03', '01'],
    ],
    ['takes Chinese as pairs', '信用卡丢了', ['信用', '用卡', '卡丢', '丢了']],
    ['takes traditional Chinese as simplified', '臺灣帳戶', ['台湾', '湾帐', '帐户']],
    ['takes a single Chinese character as it is', '卡', ['卡']],
    ['separates scripts', '我的iPhone手机', ['我的', 'iphon', '手机']],
    ['leaves Korean syllables whole', '한국어', ['한국어']],
    ['repeats what is repeated', 'fee fee', ['fee', 'fee']],
    ['finds nothing in signs', '🙂 — ?! %', []],
  ])('%s', (_, text, expected) => {
    expect(terms(text)).toEqual(expected)
  })

  it('cuts endless words', () => {
    expect(terms('a'.repeat(65_536))).toEqual(['a'.repeat(64)])
  })

  it('takes any text, and gives the same terms for it each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const found = terms(text)
        expect(terms(text)).toEqual(found)
        for (const term of found) expect(term).toMatch(/^\S{1,65}$/u)
      }),
    )
  })

  it('gives the same terms in capitals and in full width', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcdefgh0123456789'), minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(word, (text) => {
        const wide = [...text].map((char) => String.fromCodePoint(char.codePointAt(0)! + 0xfee0)).join('')
        expect(terms(text.toUpperCase())).toEqual(terms(text))
        expect(terms(wide)).toEqual(terms(text))
      }),
    )
  })
})
