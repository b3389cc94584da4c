import { describe, expect, it } from 'vitest'
import { blocksOf, passageOf } from '../../../client/widget/answer-parts.ts'
import { citation } from '../support/fixtures.ts'

const text =
  'Fees\n\nThe fee is 2.75%. It is the same online.\n\n\tShops\tCash · abroad\nDebit card\t2.75%\t2.75% · plus £1.50'
const say = (words: string): [{ tpl: string; slots: Record<string, string> }, string] => [
  { tpl: 'x.en', slots: {} },
  words,
]

describe('cutting an answer at its quotes', () => {
  const [first, second] = [citation(1, text, ['The fee is 2.75%.']), citation(2, text, ['It is the same online.'])]

  it('tells the bank’s words from the assistant’s', () => {
    const [intro, outro] = [say('In short: '), say('\n\nA person can help.')]
    const blocks = blocksOf({
      text: `In short: ${first.quote}\n\n${second.quote}\n\nA person can help.`,
      parts: [intro[0], { cite: 1 }, say('\n\n')[0], { cite: 2 }, outro[0]],
      cites: [second, first],
    })
    expect(blocks).toEqual([{ say: 'In short:' }, { quote: first }, { quote: second }, { say: 'A person can help.' }])
  })

  it('never puts quotation marks around words that are not the quote', () => {
    const words = 'The fee is 3%.'
    expect(blocksOf({ text: words, parts: [{ cite: 1 }], cites: [first] })).toEqual([{ say: words }])
    expect(blocksOf({ text: words, parts: [{ cite: 9 }], cites: [first] })).toEqual([{ say: words }])
  })

  it('quotes the same words twice in their order', () => {
    const parts = [{ cite: 1 }, say(' ')[0], { cite: 1 }]
    const blocks = blocksOf({ text: `${first.quote} ${first.quote}`, parts, cites: [first] })
    expect(blocks).toEqual([{ quote: first }, { quote: first }])
  })
})

describe('reading a quote', () => {
  it('leaves running text as it is', () => {
    expect(passageOf(citation(1, text, ['The fee is 2.75%.']))).toEqual({ text: 'The fee is 2.75%.' })
  })

  it('gives each cell of a table row the name of its column, whatever the cells hold', () => {
    const quote = citation(1, text, ['\tShops\tCash · abroad', 'Debit card\t2.75%\t2.75% · plus £1.50'])
    expect(passageOf(quote)).toEqual({
      rows: [
        [
          { name: '', value: 'Debit card' },
          { name: 'Shops', value: '2.75%' },
          { name: 'Cash · abroad', value: '2.75% · plus £1.50' },
        ],
      ],
    })
  })

  it('shows a row without its header, and rows of unequal length, as text', () => {
    expect(passageOf(citation(1, text, ['Debit card\t2.75%']))).toEqual({ text: 'Debit card — 2.75%' })
    expect(passageOf(citation(1, text, ['\tShops', 'Debit card\t2.75%\t2.75%']))).toHaveProperty('text')
  })
})
