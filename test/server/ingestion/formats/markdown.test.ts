import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Document } from '../../../../server/ingestion/document.ts'
import { readMarkdown } from '../../../../server/ingestion/formats/markdown.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (text: string, path = 'house/rules.md'): Document => {
  const [document] = readMarkdown(bytes(text), { path, id: path })
  if (!document) throw new Error('no document')
  return document
}
const quotes = ({ text, blocks }: Document) =>
  blocks.flatMap(({ units }) => units.map(({ start, end }) => text.slice(start, end)))

describe('a Markdown file', () => {
  const path = 'test/fixtures/ingestion/fees.md'
  const [document] = readMarkdown(readFileSync(path), { path, id: 'policies/fees.md' })

  it('carries its front matter', () => {
    expect(document).toMatchObject({
      id: 'policies/fees.md',
      title: 'Card fees (2026)',
      from: '2026-01-01',
      until: '2027-01-01',
      audience: 'customer',
      product: 'classic-card',
      url: 'https://bank.example/fees',
    })
  })

  it('becomes canonical text: markup removed, one empty line between blocks', () => {
    expect(document?.text).toBe(
      [
        'Card fees',
        'The annual fee is £24.00,\ncharged in January. It is waived, e.g. for students.',
        'What it costs',
        'Item\tFee\nCash withdrawal\t2.75 %, min. £3.00\nReplacement card\t',
        'A quoted sentence stands too. So does this one.',
        'Exceptions',
        'You pay nothing:',
        'at our own machines, day and night\nabroad\nin the euro area\nin Norway',
        'code line one\n  code line two',
        'Raw & simple',
        'Setext heading',
        'A line with a hard break\nand code ends here.',
        'Opening\t09:00',
      ].join('\n\n'),
    )
  })

  it('may be quoted by sentence, item, row and line, never by heading', () => {
    expect(document && quotes(document)).toEqual([
      'The annual fee is £24.00,\ncharged in January.',
      'It is waived, e.g. for students.',
      'Cash withdrawal\t2.75 %, min. £3.00',
      'Replacement card\t',
      'A quoted sentence stands too.',
      'So does this one.',
      'You pay nothing:',
      'at our own machines, day and night',
      'abroad',
      'in the euro area',
      'in Norway',
      'code line one',
      'code line two',
      'Raw & simple',
      'A line with a hard break\nand code ends here.',
      'Opening\t09:00',
    ])
  })

  it('knows of each block its kind, heading path and line', () => {
    expect(document?.blocks.map(({ kind, heading, line }) => [kind, heading.join(' › '), line])).toEqual([
      ['paragraph', 'Card fees (2026)', 12],
      ['table', 'Card fees (2026) › What it costs', 17],
      ['paragraph', 'Card fees (2026) › What it costs', 22],
      ['paragraph', 'Card fees (2026) › What it costs › Exceptions', 26],
      ['list', 'Card fees (2026) › What it costs › Exceptions', 28],
      ['paragraph', 'Card fees (2026) › What it costs › Exceptions', 34],
      ['paragraph', 'Card fees (2026) › What it costs › Exceptions', 39],
      ['paragraph', 'Card fees (2026) › Setext heading', 46],
      ['table', 'Card fees (2026) › Setext heading', 49],
    ])
  })

  it('quotes the header with a row, unless its cells are empty', () => {
    const headers = document?.blocks.flatMap(({ units }) =>
      units.flatMap(({ header }) => (header ? [document.text.slice(...header)] : [])),
    )
    expect(headers).toEqual(['Item\tFee', 'Item\tFee'])
  })
})

describe('the title', () => {
  it('is the front matter’s, else the first heading, else the file’s name', () => {
    expect(read('---\ntitle: A\n---\n# B\n\nText.').title).toBe('A')
    expect(read('Text.\n\n# B *c*\n\nMore.').title).toBe('B c')
    expect(read('Text.', 'a/late-fees_2026.md').title).toBe('Late fees 2026')
  })

  it('is not repeated in the path by the heading that says it', () => {
    expect(read('---\ntitle: Fees (2026)\n---\n# Fees\n\nText.').blocks[0]?.heading).toEqual(['Fees (2026)'])
    expect(read('---\ntitle: Fees\n---\n# Cards\n\nText.').blocks[0]?.heading).toEqual(['Fees', 'Cards'])
  })
})

describe('struck-out text', () => {
  it.each([
    ['The fee is ~~£5~~ £6 a month.', 'The fee is £6 a month.'],
    ['The fee is **~~£5~~ £6** a month.', 'The fee is £6 a month.'],
    ['~~The fee is £5.~~\n\nThe fee is £6.', 'The fee is £6.'],
    ['~~The fee\nis £5.~~ It is £6.', 'It is £6.'],
    ['- ~~£5~~\n- £6', '£6'],
    ['| a | b |\n|---|---|\n| ~~x~~ | ~~y~~ |\n| fee | ~~£5~~ £6 |', 'a\tb\nfee\t£6'],
    ['The fee is <del>£5</del> £6 a month.', 'The fee is £6 a month.'],
    ['The fee is <s class="old">£5</s> <ins>£6</ins> a month.', 'The fee is £6 a month.'],
    ['The fee is *<strike>£5*, it was said.', 'The fee is , it was said.'],
    ['<p>The fee is <del>£5</del> £6.</p>', 'The fee is \n £6.'],
    ['<p><s>The <strong>old</strong> fee is £5.</s> The fee is £6.</p>', 'The fee is £6.'],
    ['<p><del>It <del>was</del> £5.</del> The fee is £6.</p>', 'The fee is £6.'],
    ['Now <del>a <s>fee</s> of £5</del> £6.', 'Now £6.'],
    ['<!-- <s> -->\n\nThe fee is £6.', 'The fee is £6.'],
    ['<del>\n\nThe fee is £5.\n\n- one\n\n</del>\n\nThe fee is £6.', 'The fee is £6.'],
    ['> <s>\n>\n> The fee is £5.\n\nThe fee is £6.', 'The fee is £6.'],
    ['`~~` strikes, <span>this</span> <select>stands</select>', '~~ strikes, this stands'],
  ])('%j is gone', (text, canonical) => expect(read(text).text).toBe(canonical))

  it('is in no heading and no title', () => {
    const document = read('# Fees ~~of 2025~~\n\n## ~~Old~~\n\nThe fee is £6.')
    expect([document.title, document.blocks[0]?.heading, document.text]).toEqual([
      'Fees',
      ['Fees'],
      'Fees\n\nThe fee is £6.',
    ])
  })

  it.each([
    ['One.\n\nThe fee is ~£5~ £6.', 'x.md:3: this may be struck out or not; write ~~ to strike out'],
    ['It takes 10~20 days, 30~40 at most.', 'x.md:1: this may be struck out or not'],
    ['The fee is ~~ £5 ~~ £6.', 'x.md:1: ~~ does not strike anything out here'],
    ['~~The fee is £5.\n\nIt is due.~~', 'x.md:1: ~~ does not strike anything out here'],
  ])('that may be none is refused: %j', (text, message) => expect(() => read(text, 'x.md')).toThrow(message))

  it('is not what has a single tilde before a number', () => {
    expect(read('It takes ~5 to ~10 days.').text).toBe('It takes ~5 to ~10 days.')
  })
})

describe('defaults', () => {
  it('give way to the front matter and are checked together with it', () => {
    const file = { path: 'a.md', id: 'a.md', defaults: { audience: 'agent', until: '2026-01-01' } } as const
    expect(readMarkdown(bytes('---\naudience: customer\n---\nText.'), file)[0]).toMatchObject({
      audience: 'customer',
      until: '2026-01-01',
    })
    expect(() => readMarkdown(bytes('---\nfrom: 2027-01-01\n---\nText.'), file)).toThrow(
      'a.md column until: 2026-01-01 is not later than from, 2027-01-01',
    )
  })
})

describe('lists', () => {
  it('keep an item on one line, with what else stands in it below', () => {
    expect(read('- a\n\n  b\n\n  > c\n  > - d\n  > - e\n\n- | x | y |\n  |---|---|\n  | 1 | 2 |').text).toBe(
      'a b\nc\nd e\nx\ty\n1\t2',
    )
  })
})

const stray = 'this looks like front matter, which has to begin in line 1 with --- and to end with ---'

describe('bad Markdown', () => {
  it.each([
    ['', 'x.md: is empty'],
    [' \n\n', 'x.md: is empty'],
    ['# Only\n\n## Headings', 'x.md: has no text besides headings'],
    ['---\ntitle: A\n\nText', 'x.md:1: the front matter is not closed by a line ---'],
    // A front matter that the parser does not take for one would leave agents' text to customers.
    ['\n---\naudience: agent\n---\n\nText', `x.md:3 column audience: ${stray}`],
    ['<!-- draft -->\n---\nfrom: 2027-01-01\n---\n\nText', `x.md:3 column from: ${stray}`],
    ['----\nuntil: 2026-01-01\n----\n\nText', `x.md:2 column until: ${stray}`],
    ['+++\naudience = "agent"\n+++\n\nText', `x.md:2 column audience: ${stray}`],
    ['```yaml\nAudience: agent\n```\n\nText', `x.md:2 column audience: ${stray}`],
    ['{"id": 1, "audience": "agent"}\n\nText', `x.md:1 column audience: ${stray}`],
    ['> audience: agent\n\nText', `x.md:1 column audience: ${stray}`],
    ['# A\n\n**Audience:** agent\n\nText', `x.md:3 column audience: ${stray}`],
    [
      '# A\n\n*Audi*ence: agent\n\nText',
      'x.md:3 column audience: this looks like a field and stands in the text; state it in a sidecar or front matter',
    ],
    [
      '---\ntitle: A\n---\nAudience: agent',
      'x.md:4 column audience: this looks like a field and stands in the text; state it in a sidecar or front matter',
    ],
    ['---\ntitle: "A\n---\nText', 'x.md:2: is not YAML: Missing closing "quote'],
    ['---\ntitle: [A]\n---\nText', 'x.md:2 column title: must be one text, not a list or map'],
    ['---\n- title\n---\nText', 'x.md:2: the metadata must be lines of the form field: value'],
    ['---\ntitle: A\nvalid: 2026-01-01\n---\nText', 'x.md:3 column valid: unknown field'],
    ['---\n__proto__: A\n---\nText', 'x.md:2 column __proto__: unknown field'],
    ['---\ntitle: A\ntitle: B\n---\nText', 'x.md:3: is not YAML: Map keys must be unique'],
    ['---\naudience: boss\n---\nText', 'x.md:2 column audience: must be customer or agent'],
    ['---\nfrom: 2026-02-30\n---\nText', 'x.md:2 column from: must be a day such as 2026-01-31'],
    ['---\nfrom: 1 May 2026\n---\nText', 'x.md:2 column from: must be a day such as 2026-01-31'],
    [
      '---\nfrom: 2026-05-01\nuntil: 2026-05-01\n---\nText',
      'x.md:3 column until: 2026-05-01 is not later than from, 2026-05-01',
    ],
    ['---\nurl: javascript:alert(1)\n---\nText', 'x.md:2 column url: must be an http or https address'],
    [`---\ntitle: ${'['.repeat(5_000)}\n---\nText`, 'x.md:2: the metadata nests too deep'],
    [`Text\n\n${'> '.repeat(101)}a`, 'x.md:3: nests deeper than 100 levels'],
    [
      Array.from({ length: 120 }, (_, i) => `${'  '.repeat(i)}- a`).join('\n'),
      'x.md:102: nests deeper than 100 levels',
    ],
    [`Text\n${'a'.repeat(20_001)}`, 'x.md:2: the line has 20001 characters; at most 20000 are read'],
  ])('%j', (text, message) => {
    expect(() => readMarkdown(bytes(text), { path: 'x.md', id: 'x.md' })).toThrow(
      expect.objectContaining({ code: 'bad_input', message }),
    )
  })

  it('names the line that is not UTF-8', () => {
    const broken = Uint8Array.of(...bytes('One.\n\nTwo '), 0xc3, 0x28)
    expect(() => readMarkdown(broken, { path: 'x.md', id: 'x.md' })).toThrow(
      'x.md:3: is not UTF-8; save the file as UTF-8',
    )
  })

  it('takes a byte order mark and Windows line ends as they come', () => {
    expect(read('\uFEFF---\r\ntitle: A\r\n---\r\nOne\r\nline.')).toMatchObject({ title: 'A', text: 'One\nline.' })
  })
})

describe('any Markdown', () => {
  const part = fc.constantFrom(
    '# ',
    '- ',
    '1. ',
    '> ',
    '| a | b |\n|---|---|\n',
    '| c |',
    '\n',
    '\n\n',
    'Text. ',
    '**',
    '`',
    '```\n',
    '<b>',
    '<div>\n',
    '[x](y)',
    '\\\n',
    '  ',
    '&amp;',
    'é',
    '---\n',
    '~~gone~~',
    '<del>',
    '</del>',
    '![i](j)',
    '[^1]',
    '[^1]: note\n',
  )

  it('has units that are ordered, inside their blocks and never blank', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const document = read(`Begin\n\n${parts.join('')}`)
        expect(document.text).not.toMatch(/\n\n\n|^\s|\n$/)
        let at = 0
        for (const { start, end, units } of document.blocks) {
          expect(start).toBeGreaterThanOrEqual(at)
          expect(end).toBeLessThanOrEqual(document.text.length)
          expect(units.length).toBeGreaterThan(0)
          at = start
          for (const unit of units) {
            expect(unit.start).toBeGreaterThanOrEqual(at)
            expect(unit.end).toBeLessThanOrEqual(end)
            expect(document.text.slice(unit.start, unit.end).trim()).not.toBe('')
            at = unit.end
          }
        }
      }),
    )
  })
})
