import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCharacters } from '../../../server/privacy/characters.ts'
import { mask, redact } from '../../../server/privacy/redact.ts'

const redacted = (text: string): string => redact(text).text

describe('personal data', () => {
  it.each([
    ['4111 1111 1111 1111', '[card]'],
    ['my card 4111-1111-1111-1111, exp 12/27', 'my card [card], exp 12/27'],
    ['４１１１　１１１１　１１１１　１１１１', '[card]'],
    ['4111 1111\u200B1111 1111', '[card]'],
    ['3782 822463 10005', '[card]'],
    ['4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', '[card]'],
    ['4111/1111/1111/1111', '[card]'],
    ['my card is 4111 / 1111 / 1111 / 1111 / 12 / 27', 'my card is [card] / 12 / 27'],
    ['4111.1111.1111.1111.', '[card].'],
    ['4111\u00A01111\u202F1111\u00A01111', '[card]'],
    ['4111\n1111\n1111\n1111\nexp 12/27', '[card]\nexp 12/27'],
    ['4111 \r\n1111\r\n1111\r\n1111', '[card]'],
    ['3782/822463/10005', '[card]'],
    ['４１１１／１１１１／１１１１／１１１１', '[card]'],
    ['４１１１．１１１１．１１１１．１１１１', '[card]'],
    ['4111\n1111\n1111\n1111\n5500\n0000\n0000\n0004', '[card]\n[card]'],
    ['4111\n1111\n1111\n1111\n1227\n123\n9876', '[card]\n1227\n123\n9876'],
    ['4111 1111 1111 1111\n5500 0000 0000 0004', '[card]\n[card]'],
    ['4111 1111 1111 1111, 5500 0000 0000 0004', '[card], [card]'],
    ['card 4111 1111 1111 1112 does not work', 'card [card] does not work'],
    ['he paid with 676130741850', 'he paid with [card]'],
    ['the bill of cc 123430741850 please', 'the bill of cc [card] please'],
    ['GB29 NWBK 6016 1331 9268 19', '[iban]'],
    ['gb29nwbk60161331926819.', '[iban].'],
    ['GB29/NWBK/6016/1331/9268/19', '[iban]'],
    ['GB29 / NWBK / 6016 / 1331 / 9268 / 19, please', '[iban], please'],
    ['GB29.NWBK.6016.1331.9268.19', '[iban]'],
    ['GB29\nNWBK\n6016\n1331\n9268\n19\nthanks', '[iban]\nthanks'],
    ['ＧＢ２９　ＮＷＢＫ／６０１６／１３３１／９２６８／１９', '[iban]'],
    ['IBAN: FR14 2004 1010 0505 0001 3M02 606', 'IBAN: [iban]'],
    ['ＧＢ29ＮＷＢＫ60161331926819', '[iban]'],
    ['078-05-1120', '[ssn]'],
    ['ssn 078 05 1120', 'ssn [ssn]'],
    ['social security number 078051120', 'social security number [ssn]'],
    ['jo.o’neil+x@bank.co.uk', 'jo.o’[email]'],
    ['<a@b.io>, müller@exämple.de', '<[email]>, [email]'],
    ['call me on 07700 900123', 'call me on [phone]'],
    ['+44 (0)20 7946 0958', '[phone]'],
    ['0049 30 123456', '[phone]'],
    ['(212) 555-0123 ext. 12', '[phone]'],
    ['555.123.4567', '[phone]'],
    ['you can reach me at 6505550100', 'you can reach me at [phone]'],
    ['73 448 266 office', '[phone] office'],
    ['手机号码是13800138000', '手机号码是[phone]'],
    ['020 7946 0958 / 07700 900123', '[phone] / [phone]'],
    ['tel 07700 900123 07700 900456', 'tel [phone] [phone]'],
    ['logged in from 192.168.1.10.', 'logged in from [ip].'],
    ['１９２．１６８．１．１０', '[ip]'],
    ['2001:db8::ff00:42:8329, fe80::1', '[ip], [ip]'],
    ['my id 11010519491231002X', 'my id [national_id]'],
    ['NI number QQ 12 34 56 C? AB123456C! ab123456d', 'NI number QQ 12 34 56 C? [national_id]! [national_id]'],
    ['DNI 12345678Z, NIE X1234567-L', 'DNI [national_id], NIE [national_id]'],
    ['NIR 1 85 05 78 006 084 91', 'NIR [national_id]'],
    ['RSSMRA85T10A562S', '[national_id]'],
    ['Hi, my name is Mr. Jean-Luc de la Tour and', 'Hi, my name is Mr. [name] and'],
    ['I’m called Ana. Account holder: Li Wei', 'I’m called [name]. Account holder: [name]'],
    ['我叫王小明，卡丢了', '我叫[name]，卡丢了'],
    ['account number 12345678, sort code 04-00-04.', 'account number [account], sort code [account].'],
    ['acct no. 1234 5678 and a/c: 0012345678', 'acct no. [account] and a/c: [account]'],
    ['my account 4111 1111 1111 1111', 'my account [card]'],
    ['cvv 123, PIN is 1234, password: hunter2', 'cvv [secret], PIN is [secret], password: [secret]'],
    ['4111\t1111\t1111\t1111', '[card]'],
    ['4111, 1111, 1111, 1111', '[card]'],
    ['4111 · 1111 · 1111 · 1111 | 4111|1111|1111|1111', '[card] | [card]'],
    ['GB29\tNWBK\t6016\t1331\t9268\t19', '[iban]'],
  ])('%s', (text, expected) => expect(redacted(text)).toBe(expected))
})

describe('what is no personal data', () => {
  it.each([
    '£1,250.00 or 1 000 000 pounds or € 1.234.567,89',
    'from 2026-01-31 to 31.12.2025 10:00, 01/02/2026-28/02/2026',
    '4111/1111/1111/1112 and 4111\n1111\n1111\n1112',
    'card 4111/1111/1111/1112',
    '1250\n4111\n1111\n1111\n1111\n2400\n9900',
    'spent in euros:\n4111\n1111\n1111\n1111\n2400\n9900\n3150\n4999',
    '30/09/2025\n30/09/2026\n1/2/2027',
    '41111111\n11111111',
    '4111/1111/11111111',
    'GB29/NWBK/6016/1331/9268/18',
    '2019/2020/2021/2022',
    'order 12345678, order number 0012345678, ref 4111111111111112',
    'an account of 12345678, my account 2024, the account number, pin the card, password is wrong',
    'he paid with 123430741850',
    '2.75 % of £100-£1,000, 0.00123456789',
    'Mon-Fri 09:00-17:00, 9.00 - 17.30',
    'version 1.2.3.4, v1.2.3.4, 1.2.3.4.5 or 192.168.1.256, form W-8BEN, isbn 978-3-16-148410-0',
    'transaction 202601310012345, invoice 2025-000123, policy 0123456789',
    'call 999 or call me at 10 30',
    'Change in debt (284) 578 (797) and (200) 655 600',
    'a@b, @user, user@localhost, 100@ 20',
    'GB29 NWBK 6016 1331 9268 18',
    '000-12-3456 and 666-12-3456',
    'open at 10:30, 12:30:45, a::b::c, ::, aa:bb:cc:dd:ee:ff',
    'id 110105194912310021, DNI 12345678A, NIR 1 85 05 78 006 084 36, AB123456E',
    'my name is wrong on the card, and I am called a lot; what is a card holder?',
    '我叫了出租车。',
  ])('%s', (text) => expect(redacted(text)).toBe(text))
})

describe('spans', () => {
  it('point into the text that was given', () => {
    const text = '😀 mail me@example.com or +44 7700 900123'
    expect(redact(text).spans.map(({ start, end, kind }) => [kind, text.slice(start, end)])).toEqual([
      ['email', 'me@example.com'],
      ['phone', '+44 7700 900123'],
    ])
  })

  it('are in order, apart from each other, and leave nothing to mask a second time', () => {
    const part = fc.constantFrom(
      '4111 1111 1111 1111',
      'me@x.org',
      '+49 30 1234567',
      'GB29NWBK60161331926819',
      '078-05-1120',
      ' ',
      '1',
      '-',
      '(',
      'call ',
      '@',
      'a',
      '0',
      ',',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 15 }), (parts) => {
        const text = parts.join('')
        const { spans, text: masked } = redact(text)
        let [at, rebuilt] = [0, '']
        for (const { start, end, kind } of spans) {
          expect(start).toBeGreaterThanOrEqual(at)
          rebuilt += `${text.slice(at, start)}[${kind}]`
          at = end
        }
        expect(masked).toBe(rebuilt + text.slice(at))
        const numbers = /4111 1111 1111 1111|GB29NWBK60161331926819/
        expect(numbers.test(masked) && !numbers.test(text)).toBe(false)
      }),
    )
  })

  it('find every valid card between words', () => {
    const digits = fc.array(fc.nat(9), { minLength: 14, maxLength: 14 }).map((list) => `4${list.join('')}`)
    fc.assert(
      fc.property(digits, fc.constantFrom('', ' ', '-', '.', '/', ' / ', '\n', '\r\n', '\u00A0'), (body, joint) => {
        const card = `${body}${luhn(body)}`.match(/.{4}/g)!.join(joint)
        expect(redacted(`please check ${card} for me`)).toBe('please check [card] for me')
      }),
    )
  })
})

/** The digit that completes a card number. */
function luhn(body: string): number {
  const sum = [...body].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return (10 - (sum % 10)) % 10
}

describe('work on hostile input', () => {
  const patterns = [
    '1',
    ' ',
    '@',
    'a@',
    'a.',
    '1 ',
    '0-',
    '(1)',
    '+1',
    'GB00',
    'GB00 ',
    '4111 ',
    'a1',
    '１',
    '01 / ',
    '12-34-',
    '😀',
    'call 1 ',
    'x@x.x',
    '000000,',
    'ab@cd.ef@',
    '4111/',
    '4111\n',
    '1/',
    'GB00/',
    'GB00\n\n\n',
  ]
  const reads = (text: string): number => {
    const characters = createCharacters(text)
    mask(characters)
    return characters.reads()
  }

  it.each(patterns)('grows with the length of %j repeated, not with its square', (pattern) => {
    const half = pattern.repeat(Math.ceil(32_768 / pattern.length))
    expect(reads(half + half)).toBeLessThanOrEqual(2.1 * reads(half) + 1_000)
    expect(reads(half + half)).toBeLessThanOrEqual(80 * 2 * half.length)
  })
})
