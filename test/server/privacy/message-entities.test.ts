import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EntityKind, messageEntities } from '../../../server/privacy/message-entities.ts'
import { createNameFinder } from '../../../server/text/product-names.ts'

const products = createNameFinder([
  { id: 'travel-credit-card', name: 'Travel Credit Card', aliases: ['travel card'] },
  { id: 'easy-saver', name: 'Easy Saver', aliases: ['活期储蓄'] },
])
/** A Sunday. */
const day = '2026-11-22'
const read = (text: string) =>
  messageEntities(text, { day, products }).map(({ kind, text: part, value }) => [kind, part, value])

/** One case a line: kind, the text with the entity in braces, its value. */
const cases: readonly (readonly [EntityKind, string, string])[] = [
  ['amount', 'a charge of {£3}', '3.00 GBP'],
  ['amount', 'they took {£1,999.99} there', '1999.99 GBP'],
  ['amount', 'I need {250 euros} in cash', '250.00 EUR'],
  ['amount', 'it was {$40}, not more', '40.00 USD'],
  ['amount', 'a loan of {15k GBP} for a car', '15000.00 GBP'],
  ['amount', '{USD 1,200} arrived', '1200.00 USD'],
  ['amount', 'I only got {20 quid} back', '20.00 GBP'],
  ['amount', 'a fee of {75p} each', '0.75 GBP'],
  ['amount', '{€ 12,50} for a lunch', '12.50 EUR'],
  ['amount', 'house of {£1.2m} sold', '1200000.00 GBP'],
  ['amount', 'pay {100 CHF} please', '100.00 CHF'],
  ['amount', '扣了{300元}没通知', '300.00 CNY'],
  ['amount', '汇款{2万元}到账', '20000.00 CNY'],
  ['rate', 'interest at {4.5%} now', '4.5'],
  ['rate', '{19.9%} APR on the card', '19.9'],
  ['rate', 'the rate is {3.75 per cent}', '3.75'],
  ['rate', 'a tracker of {0.5 %} over base', '0.5'],
  ['rate', '{2.1%} AER on savings', '2.1'],
  ['rate', 'EAR {39,9 %} for an overdraft', '39.9'],
  ['rate', '年利率{4.35%}吗', '4.35'],
  ['percentage', 'a discount of {20%} for students', '20'],
  ['percentage', 'I pay in {10 percent} each', '10'],
  ['percentage', 'down {2.5 %} since', '2.5'],
  ['percentage', '{100%} sure', '100'],
  ['percentage', '手续费{1.5%}太高', '1.5'],
  ['date', 'it went out on {3 March 2026}', '2026-03-03'],
  ['date', 'on {March 3, 2026} it came', '2026-03-03'],
  ['date', 'due {2026-12-01}', '2026-12-01'],
  ['date', 'since {01/09/2026}', '2026-09-01'],
  ['date', 'posted {5th of January}', '2027-01-05'],
  ['date', 'it left {yesterday} at noon', '2026-11-21'],
  ['date', 'will it arrive {tomorrow}', '2026-11-23'],
  ['date', '{the day before yesterday} it worked', '2026-11-20'],
  ['date', 'call me {next Monday}', '2026-11-23'],
  ['date', 'paid {last Friday}', '2026-11-20'],
  ['date', '{last month} was fine', '2026-10'],
  ['date', 'from {next year} on', '2027'],
  ['date', 'it happened {3 days ago}', '2026-11-19'],
  ['date', 'I move {in two weeks}', '2026-12-06'],
  ['date', '{a year ago} I paid', '2025-11-22'],
  ['date', 'in {August 2025} I closed it', '2025-08'],
  ['date', '{昨天}扣的钱', '2026-11-21'],
  ['date', '{2026年3月1日}到期', '2026-03-01'],
  ['date', '{上个月}的账单', '2026-10'],
  ['date', '{明天}能到吗', '2026-11-23'],
  ['period', '{1 March to 5 April 2026} was free', '2026-03-01/2026-04-05'],
  ['period', 'away {2026-12-20 until 2027-01-03}', '2026-12-20/2027-01-03'],
  ['period', 'between {1 May 2026 and 31 May 2026} please', '2026-05-01/2026-05-31'],
  ['period', 'from {March 2026 to May 2026} please', '2026-03-01/2026-05-31'],
  ['period', '{01/02/2026 - 10/02/2026} please', '2026-02-01/2026-02-10'],
  ['period', 'my payments of {the last 6 months}', '2026-05-22/2026-11-22'],
  ['period', '{past 30 days} of spending', '2026-10-23/2026-11-22'],
  ['period', 'what is due in {the next two weeks}', '2026-11-22/2026-12-06'],
  ['period', '{the past three years} of statements', '2023-11-22/2026-11-22'],
  ['period', 'a loan over {48 months} please', 'P48M'],
  ['period', 'fixed for {two years} then', 'P2Y'],
  ['period', 'it takes {10 days} or more', 'P10D'],
  ['period', 'a {90-day} notice', 'P90D'],
  ['period', 'wait {a fortnight} first', 'P2W'],
  ['period', '分期{12个月}怎么算', 'P12M'],
  ['period', '{过去三个月}的交易', '2026-08-22/2026-11-22'],
  ['period', '{未来两周}有假期吗', '2026-11-22/2026-12-06'],
  ['period', '存{5年}利息多少', 'P5Y'],
  ['card', 'my card {4111 1111 1111 1111} is gone', '4111111111111111'],
  ['card', 'card {4111-1111-1111-1111}', '4111111111111111'],
  ['card', '{5500005555555559} is the number', '5500005555555559'],
  ['card', 'amex {3782 822463 10005} please', '378282246310005'],
  ['card', '卡号{4111111111111111}', '4111111111111111'],
  ['card', 'card {４１１１ １１１１ １１１１ １１１１} in wide digits', '4111111111111111'],
  ['iban', 'to {GB82 WEST 1234 5698 7654 32} please', 'GB82WEST12345698765432'],
  ['iban', '{DE89370400440532013000} is mine', 'DE89370400440532013000'],
  ['iban', 'iban {fr14 2004 1010 0505 0001 3m02 606}', 'FR1420041010050500013M02606'],
  ['account', 'my account number is {12345678}', '12345678'],
  ['account', 'account no. {0012 3456} please', '00123456'],
  ['account', 'sort code {12-34-56} of the branch', '123456'],
  ['phone', 'ring me on {+44 20 7946 0958}', '+442079460958'],
  ['phone', 'my number: {020 7946 0958}', '02079460958'],
  ['phone', 'call {07700 900123} after six', '07700900123'],
  ['phone', '{+1 212 555 0123} is my work', '+12125550123'],
  ['email', 'write to {me@example.com} instead', 'me@example.com'],
  ['email', 'it is {Jane.Doe+bank@Example.co.uk}', 'jane.doe+bank@example.co.uk'],
  ['email', '邮箱{li@example.cn}', 'li@example.cn'],
  ['product', 'the fee of the {travel card}', 'travel-credit-card'],
  ['product', 'is {EASY SAVER} open to all', 'easy-saver'],
  ['product', 'my {Travel Credit Card} abroad', 'travel-credit-card'],
  ['product', '{活期储蓄}利息', 'easy-saver'],
]
const nothing = [
  'room 12 is on the left',
  'I have 2 cards',
  'press 5 for help',
  'at 5 p.m. or so',
  'the may queen',
  'second to none',
  'a day at the sea',
  'per month or per year',
  'card ending 4111',
  '4111 1111 1111 1112 fails the check',
  'GB00 WEST 1234 5698 7654 32',
  'version 1.2.3',
  'order 1234567',
  'me at example dot com',
  '99 problems',
  'i have one question',
  '第3个问题',
  '整天忙',
]

describe('entities of a message', () => {
  it('are checked by a hundred cases or more', () => {
    expect(cases.length + nothing.length).toBeGreaterThanOrEqual(100)
  })

  it.each(cases)('%s: %s is %s', (kind, marked, value) => {
    const [, part = ''] = /\{(.+)\}/.exec(marked) ?? []
    expect(read(marked.replace(/[{}]/g, ''))).toEqual([[kind, part, value]])
  })

  it.each(nothing)('are not seen in %j', (text) => expect(read(text)).toEqual([]))

  it('are found side by side, in order', () => {
    expect(
      read('£12.50 left on 3 March 2026 from card 4111 1111 1111 1111, at 4.5% APR over 12 months').map(
        ([kind]) => kind,
      ),
    ).toEqual(['amount', 'date', 'card', 'rate', 'period'])
  })

  it('are the very words of the text, whatever it holds', () => {
    const pieces = fc.constantFrom(
      '£5',
      ' 3 March ',
      '4111 1111 1111 1111',
      '%',
      '12 months',
      'to ',
      '2026-01-01',
      '万',
      'x',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' })), { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        let end = 0
        for (const entity of messageEntities(text, { day, products })) {
          expect(text.slice(entity.start, entity.end)).toBe(entity.text)
          expect(entity.start).toBeGreaterThanOrEqual(end)
          expect(entity.value).not.toBe('')
          end = entity.end
        }
      }),
    )
  })
})
