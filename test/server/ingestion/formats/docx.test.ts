import JSZip from 'jszip'
import { describe, expect, it } from 'vitest'
import type { Document } from '../../../../server/ingestion/document.ts'
import { readDocx } from '../../../../server/ingestion/formats/docx.ts'

const main = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const wordType = 'application/vnd.openxmlformats-officedocument.wordprocessingml'

/** A Word file with this body. @param more parts that replace or join the usual ones. */
function pack(body: string, more: Readonly<Record<string, string>> = {}): Promise<Uint8Array> {
  const style = (id: string, name: string, rest = '') =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${rest}</w:style>`
  const parts: Record<string, string> = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${wordType}.document.main+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/_rels/document.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${office}/styles" Target="styles.xml"/><Relationship Id="r2" Type="${office}/numbering" Target="numbering.xml"/></Relationships>`,
    'word/styles.xml': `<w:styles xmlns:w="${main}">${style('H1', 'heading 1')}${style('H2', 'heading 2')}${style('Ghost', 'Ghost', '<w:rPr><w:vanish/></w:rPr>')}${style('Ghost2', 'Ghost 2', '<w:basedOn w:val="Ghost"/>')}</w:styles>`,
    'word/numbering.xml': `<w:numbering xmlns:w="${main}"><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>`,
    'word/document.xml': `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="${main}"><w:body>${body}</w:body></w:document>`,
    ...more,
  }
  const zip = new JSZip()
  for (const [name, xml] of Object.entries(parts)) zip.file(name, xml)
  return zip.generateAsync({ type: 'uint8array', compression: 'DEFLATE' })
}
const run = (text: string, look = '') => `<w:r><w:rPr>${look}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`
const paragraph = (content: string, properties = '') => `<w:p><w:pPr>${properties}</w:pPr>${content}</w:p>`
const heading = (level: number, text: string) => paragraph(run(text), `<w:pStyle w:val="H${level}"/>`)
const item = (text: string) => paragraph(run(text), '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
const row = (...cells: string[]) =>
  `<w:tr>${cells.map((cell) => `<w:tc>${paragraph(run(cell))}</w:tc>`).join('')}</w:tr>`

async function readBytes(bytes: Uint8Array): Promise<Document> {
  const [document] = await readDocx(bytes, { path: 'x.docx', id: 'house/x.docx', defaults: { from: '2026-01-01' } })
  if (!document) throw new Error('no document')
  return document
}
const read = async (body: string): Promise<Document> => readBytes(await pack(body))

it('reads headings, sentences, lists and tables of a Word file', async () => {
  const document = await read(
    [
      heading(1, 'Card fees'),
      paragraph(run('The annual fee is ') + run('£24.00', '<w:b/>') + run('. Students pay nothing.')),
      heading(2, 'Machines'),
      item('Day and night'),
      item('Abroad'),
      `<w:tbl>${row('Item', 'Fee')}${row('Cash', '2.75 %')}</w:tbl>`,
    ].join(''),
  )
  expect(document).toMatchObject({ title: 'Card fees', from: '2026-01-01', hidden: [] })
  expect(document.text).toBe(
    'Card fees\n\nThe annual fee is £24.00. Students pay nothing.\n\nMachines\n\nDay and night\nAbroad\n\nItem\tFee\nCash\t2.75 %',
  )
  expect(document.blocks.map(({ kind, heading: path, units }) => [kind, path.at(-1), units.length])).toEqual([
    ['paragraph', 'Card fees', 2],
    ['list', 'Machines', 2],
    ['table', 'Machines', 1],
  ])
  expect(document.blocks[0]).not.toHaveProperty('line')
})

describe('words that nobody sees', () => {
  it.each([
    ['vanish', paragraph(run('Zebra.', '<w:vanish/>'))],
    ['vanish', paragraph(run('Zebra.'), '<w:pStyle w:val="Ghost2"/>')],
    ['size', paragraph(run('Zebra.', '<w:sz w:val="2"/>'))],
    ['colour of the background', paragraph(run('Zebra.', '<w:color w:val="FEFEFE"/>'))],
    ['colour of the background', paragraph(run('Zebra.', '<w:color w:val="000080"/><w:shd w:fill="000080"/>'))],
  ])('are no text, and it is said that they are there: %s', async (how, hidden) => {
    const document = await read(paragraph(run('Seen.')) + hidden)
    expect(document).toMatchObject({ text: 'Seen.', hidden: [{ how: `paragraph 2: ${how}` }] })
  })

  it.each([
    run('Zebra.', '<w:vanish w:val="0"/>'),
    run('Zebra.', '<w:color w:val="FFFFFF"/><w:shd w:fill="000080"/>'),
    run('Zebra.', '<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>'),
    run('Zebra.', '<w:color w:val="auto"/>'),
  ])('are not those that somebody sees', async (visible) => {
    expect(await read(paragraph(visible))).toMatchObject({ text: 'Zebra.', hidden: [] })
  })

  it.each([
    run('£5 ', '<w:strike/>'),
    run('£5 ', '<w:dstrike/>'),
    '<w:del><w:r><w:delText>£5 </w:delText></w:r></w:del>',
    `<w:moveFrom>${run('£5 ')}</w:moveFrom>`,
  ])('are not those that are struck out, which are no text either', async (struck) => {
    expect(await read(paragraph(run('It is ') + struck + run('£6.')))).toMatchObject({ text: 'It is £6.', hidden: [] })
  })
})

describe('a bad file is refused with one line:', () => {
  it.each([
    ['no ZIP file', async () => new TextEncoder().encode('Not a Word file'), 'is no Word file (.docx), or a damaged'],
    ['nothing', async () => new Uint8Array(), 'is no Word file (.docx), or a damaged'],
    [
      'cut short',
      async () => (await pack(paragraph(run('A.')))).subarray(0, 900),
      'is no Word file (.docx), or a damaged',
    ],
    ['encrypted', async () => Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1), 'is encrypted or an old Word file'],
    ['only headings', () => pack(heading(1, 'A')), 'has no text besides headings'],
    [
      'another ZIP file',
      () => new JSZip().file('a.xml', '<a/>').generateAsync({ type: 'uint8array' }),
      'is no Word file',
    ],
    ['no document', () => pack('', { 'word/document.xml': '' }), 'cannot be read as a Word file'],
    ['broken XML', () => pack('<w:p><w:r></w:p>'), /cannot be read as a Word file|has no text/],
    ['too deep', () => pack('<w:sdt>'.repeat(20_000) + '</w:sdt>'.repeat(20_000)), 'cannot be read as a Word file'],
    [
      'entities',
      () => pack('', { 'word/document.xml': '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>' }),
      'word/document.xml holds a DTD, which is not read',
    ],
    ['a bomb', () => pack('', { 'word/bomb.xml': ' '.repeat(40_000_000) }), 'unpacks to more than 25165824 bytes'],
  ])('%s', async (_, bytes, message) => {
    await expect(readBytes(await bytes())).rejects.toThrow(message)
  })
})
