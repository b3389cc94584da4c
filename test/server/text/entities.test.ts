import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entitiesIn } from '../../../server/text/entities.ts'
import { createNameFinder } from '../../../server/text/product-names.ts'

const products = createNameFinder([
  { id: 'travel-credit-card', name: 'Travel Credit Card', aliases: ['travel card'] },
  { id: 'credit-card', name: 'Credit Card' },
  { id: 'easy-saver', name: 'Easy Saver', aliases: ['活期储蓄'] },
])
/** A Sunday. */
const day = '2026-11-22'
const read = (text: string) =>
  entitiesIn(text, { day, products }).map(({ type, start, end, value }) => [type, text.slice(start, end), value])

describe('amounts', () => {
  it.each([
    ['I paid £1,250.50 there', '£1,250.50', '1250.50 GBP'],
    ['costs 1.250,00 € here', '1.250,00 €', '1250.00 EUR'],
    ['5 euros', '5 euros', '5.00 EUR'],
    ['50p a day', '50p', '0.50 GBP'],
    ['GBP 12', 'GBP 12', '12.00 GBP'],
    ['about $2.5 million', '$2.5 million', '2500000.00 USD'],
    ['£5k', '£5k', '5000.00 GBP'],
    ['20 quid', '20 quid', '20.00 GBP'],
    ['The fee is £5.00.', '£5.00', '5.00 GBP'],
    ['转账100元', '100元', '100.00 CNY'],
    ['轉帳3萬元', '3萬元', '30000.00 CNY'],
    ['1,000 pounds', '1,000 pounds', '1000.00 GBP'],
  ])('%s', (text, part, value) => expect(read(text)).toEqual([['amount', part, value]]))

  it.each(['at 5 p.m.', 'card 5000', 'in room 12', '5 people'])('are not seen in %j', (text) =>
    expect(read(text)).toEqual([]),
  )
})

describe('percentages', () => {
  it.each([
    ['2.75 % fee', '2.75 %', '2.75'],
    ['3,50% Zins', '3,50%', '3.5'],
    ['20 per cent', '20 per cent', '20'],
  ])('%s', (text, part, value) => expect(read(text)).toEqual([['percentage', part, value]]))
})

describe('dates', () => {
  it.each([
    ['2026-03-01', '2026-03-01'],
    ['5 Jan 2026', '2026-01-05'],
    ['January 5th, 2026', '2026-01-05'],
    ['31.12.2025', '2025-12-31'],
    ['12/05/2026', '2026-05-12'],
    ['12/31/2026', '2026-12-31'],
    ['March 2025', '2025-03'],
    ['2026年3月1日', '2026-03-01'],
    ['tomorrow', '2026-11-23'],
    ['the day before yesterday', '2026-11-20'],
    ['last month', '2026-10'],
    ['next week', '2026-W48'],
    ['last year', '2025'],
    ['next Friday', '2026-11-27'],
    ['last Sunday', '2026-11-15'],
    ['3 days ago', '2026-11-19'],
    ['in 2 weeks', '2026-12-06'],
    ['5 January', '2027-01-05'],
    ['明天', '2026-11-23'],
    ['後天', '2026-11-24'],
  ])('%s', (text, value) => expect(read(text)).toEqual([['date', text, value]]))

  it('keeps to the last of a shorter month', () => {
    expect(entitiesIn('a month ago', { day: '2026-03-31' })[0]?.value).toBe('2026-02-28')
  })

  it.each(['30 Feb 2026', '2026-13-01', 'may I ask', 'version 3.12.19'])('are not seen in %j', (text) => {
    expect(read(text).filter(([, part]) => part === text)).toEqual([])
  })
})

describe('products', () => {
  it('takes the longest name, in any case, hyphenated or in the plural', () => {
    expect(read('TRAVEL CREDIT CARDS or easy-saver?')).toEqual([
      ['product', 'TRAVEL CREDIT CARDS', 'travel-credit-card'],
      ['product', 'easy-saver', 'easy-saver'],
    ])
  })

  it('finds an alias, also in Chinese, and whole words only', () => {
    expect(read('请问活期储蓄怎么开')).toEqual([['product', '活期储蓄', 'easy-saver']])
    expect(read('travel cardinal')).toEqual([])
  })
})

describe('all together', () => {
  it('are in order and do not overlap, whatever the text', () => {
    const part = fc.constantFrom(
      '£5',
      '.',
      '5',
      ' Jan ',
      '2026',
      '-01-',
      '%',
      ' credit card',
      'travel',
      ' ',
      '1,000',
      'tomorrow ',
      '明天',
      '€',
      'p',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 25 }), (parts) => {
        const text = parts.join('')
        let at = 0
        for (const { start, end } of entitiesIn(text, { day, products })) {
          expect(start).toBeGreaterThanOrEqual(at)
          expect(end).toBeGreaterThan(start)
          at = end
        }
        expect(at).toBeLessThanOrEqual(text.length)
      }),
    )
  })
})
