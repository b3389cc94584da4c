import { expect, it } from 'vitest'
import type { Document } from '../../../../server/ingestion/document.ts'
import { readText } from '../../../../server/ingestion/formats/plain-text.ts'

const read = (text: string, path = 'house/opening-hours.txt'): Document => {
  const [document] = readText(new TextEncoder().encode(text), { path, id: path, defaults: { audience: 'agent' } })
  if (!document) throw new Error('no document')
  return document
}
const quotes = ({ text, blocks }: Document) =>
  blocks.flatMap(({ units }) => units.map(({ start, end }) => text.slice(start, end)))

it('is read by paragraphs, lists, tables, questions and headings', () => {
  const document = read(`Opening hours
=============
The branch at Hill Street opens at 09:00 on Jan. 5, as the U.S. holidays
end. Clause No. 7 takes 3.5 % of it.

PARKING AND BIKES

Two hours are free:
- in front of the house
  and behind it
- at the harbour

Branch\tSpaces
Hill Street\t40

Q: Do you take coins?
A: Yes. Up to five bags.
Q: And notes?
A: Also.

请带上身份证。营业时间是九点！好吗？`)
  expect(document).toMatchObject({ title: 'Opening hours', audience: 'agent' })
  expect(quotes(document)).toEqual([
    'The branch at Hill Street opens at 09:00 on Jan. 5, as the U.S. holidays\nend.',
    'Clause No. 7 takes 3.5 % of it.',
    'Two hours are free:',
    'in front of the house and behind it',
    'at the harbour',
    'Hill Street\t40',
    'Yes.',
    'Up to five bags.',
    'Also.',
    '请带上身份证。',
    '营业时间是九点！',
    '好吗？',
  ])
  expect(document.blocks.map(({ kind, line }) => [kind, line])).toEqual([
    ...[
      ['paragraph', 3],
      ['paragraph', 8],
      ['list', 9],
      ['table', 13],
      ['qa', 16],
      ['qa', 18],
      ['paragraph', 21],
    ],
  ])
  expect(document.blocks[1]?.heading).toEqual(['Opening hours', 'PARKING AND BIKES'])
})

it('has lines of its own where nobody wrapped them', () => {
  expect(quotes(read('Monday 9 to 5\nTuesday 9 to 4\nClosed on Sunday'))).toEqual([
    'Monday 9 to 5',
    'Tuesday 9 to 4',
    'Closed on Sunday',
  ])
})

it.each([
  ['', 'x.txt: is empty'],
  ['RULES AND FEES', 'x.txt: has no text besides headings'],
  [
    'audience: customer\n\nGoodwill is £50.',
    'x.txt:1 column audience: this looks like fields, which for a text file stand in a sidecar',
  ],
  ['a\0b', 'x.txt:1: holds a NUL, as UTF-16 does; save the file as UTF-8'],
  ['a'.repeat(1_100_000), 'x.txt:1: the line has 1100000 characters; at most 1048576 are read'],
])('is refused with one line where it is bad', (text, message) => {
  expect(() => read(text, 'x.txt')).toThrow(message)
})
