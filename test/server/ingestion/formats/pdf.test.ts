import { describe, expect, it } from 'vitest'
import type { Document } from '../../../../server/ingestion/document.ts'
import { readPdf } from '../../../../server/ingestion/formats/pdf.ts'
import { pdfOf } from '../../../support/pdf.ts'

/** Draw text at a place, in a size and face. */
const draw = (x: number, y: number, text: string, { size = 10, face = 'F', look = '' } = {}) =>
  `q ${look} BT /${face} ${size} Tf ${x} ${y} Td (${text.replace(/[()\\]/g, '\\$&')}) Tj ET Q\n`
const lines = (top: number, ...texts: string[]) => texts.map((text, i) => draw(50, top - 12 * i, text)).join('')

async function readBytes(bytes: Uint8Array): Promise<Document> {
  const [document] = await readPdf(bytes, { path: 'a/card-fees.pdf', id: 'house/card-fees.pdf' })
  if (!document) throw new Error('no document')
  return document
}
const read = (...streams: string[]): Promise<Document> => readBytes(pdfOf(...streams))
const quotes = ({ text, blocks }: Document) =>
  blocks.flatMap(({ units }) =>
    units.map(({ start, end, header, page }) => [
      page,
      [header && text.slice(...header), text.slice(start, end)].filter((part) => part !== undefined).join(' · '),
    ]),
  )

it('reads headings, sentences over lines and pages, lists and tables, each with its page', async () => {
  const running = (page: number) => draw(50, 785, 'Example Bank') + draw(290, 20, `Page ${page} of 3`)
  const document = await read(
    running(1) +
      draw(50, 740, 'Card fees', { size: 18 }) +
      lines(
        700,
        'The annual fee is £24.00, which is due in Jan-',
        'uary. A long-term card costs more, as a long-',
        'term card is',
      ) +
      lines(640, 'The notice must be given'),
    running(2) +
      lines(740, 'in writing. It takes effect at once.') +
      draw(50, 700, 'What it costs', { face: 'B' }) +
      draw(50, 680, 'Item') +
      draw(200, 680, '2026') +
      draw(300, 680, '2027') +
      draw(50, 666, 'Cash') +
      draw(200, 666, '£1.00') +
      draw(300, 666, '£2.00') +
      draw(50, 652, 'Card') +
      draw(300, 652, '£3.00'),
    running(3) + lines(740, '\u0095 At home', '\u0095 Abroad, also', '   in the euro area'),
  )
  expect(document).toMatchObject({ title: 'Card fees', hidden: [] })
  expect(quotes(document)).toEqual([
    [1, 'The annual fee is £24.00, which is due in January.'],
    [1, 'A long-term card costs more, as a long-term card is'],
    [1, 'The notice must be given in writing.'],
    [2, 'It takes effect at once.'],
    [2, 'Item\t2026\t2027'],
    [2, 'Cash\t£1.00\t£2.00'],
    [2, 'Card\t\t£3.00'],
    [3, 'At home'],
    [3, 'Abroad, also in the euro area'],
  ])
  expect(document.blocks.map(({ kind, page }) => [kind, page])).toEqual([
    ...[
      ['paragraph', 1],
      ['paragraph', 1],
      ['table', 2],
      ['list', 3],
    ],
  ])
  expect(document.blocks[2]?.heading).toEqual(['Card fees', 'What it costs'])
})

it('quotes a row with the header of its table', async () => {
  const document = await read(
    draw(200, 680, '2026') +
      draw(300, 680, '2027') +
      draw(50, 666, 'Net sales') +
      draw(180, 666, '$') +
      draw(200, 666, '1,200 $') +
      draw(300, 666, '1,300'),
  )
  expect(quotes(document)).toEqual([[1, '\t2026\t2027 · Net sales\t$ 1,200\t$ 1,300']])
})

describe('words that nobody sees', () => {
  const black = '0 0 0 rg 40 40 500 700 re f '
  it.each([
    ['rendering mode 3', draw(50, 600, 'Zebra.', { look: '3 Tr' })],
    ['colour of the background', draw(50, 600, 'Zebra.', { look: '1 1 1 rg' })],
    [
      'colour of the background',
      `${black}${draw(50, 600, 'Zebra.', { look: '0.01 g' })}${draw(50, 500, 'x', { look: '1 g' })}`,
    ],
    ['colour of the background', `${draw(50, 700, 'Seen ')}${draw(76, 700, 'Zebra.', { look: '1 g' })}`],
    ['off the page', draw(700, 600, 'Zebra.')],
    ['off the page', draw(50, -40, 'Zebra.')],
    ['size', draw(50, 600, 'Zebra.', { size: 0.5 })],
    ['transparent', draw(50, 600, 'Zebra.', { look: '/G gs' })],
  ])('are no text, and it is said that they are there: %s', async (how, hidden) => {
    const document = await read(hidden + draw(50, 790, 'Text that all see.', { look: '0.5 g' }))
    expect(document.text).toContain('Text that all see.')
    expect(document.text).not.toContain('Zebra')
    expect(document.hidden).toEqual([{ page: 1, how }])
  })

  it.each([
    `${black}${draw(50, 600, 'Zebra.', { look: '1 1 1 rg' })}`,
    draw(50, 600, 'Zebra.', { look: '1 Tr' }),
    `0.5 0 0 0.5 0 0 cm ${draw(100, 900, 'Zebra.')}`,
  ])('are not those that somebody sees', async (visible) => {
    expect(await read(visible)).toMatchObject({ text: 'Zebra.', hidden: [] })
  })
})

describe('a bad file is refused with one line:', () => {
  it.each([
    ['text', new TextEncoder().encode('Not a PDF'), 'is no PDF, or a damaged one'],
    ['nothing', new Uint8Array(), 'is no PDF, or a damaged one'],
    ['cut short', pdfOf(draw(50, 600, 'Text.')).subarray(0, 200), 'is no PDF, or a damaged one'],
    ['no text', pdfOf('0 0 100 100 re f'), 'holds no text; is it scanned?'],
    ['only what nobody sees', pdfOf(draw(50, 600, 'Text.', { look: '3 Tr' })), 'holds only text that nobody sees'],
  ])('%s', async (_, bytes, message) => {
    await expect(readBytes(bytes)).rejects.toThrow(message)
  })
})
