import { describe, expect, it } from 'vitest'
import type { Document } from '../../../../server/ingestion/document.ts'
import { readHtml } from '../../../../server/ingestion/formats/html.ts'

const read = (text: string, path = 'house/rules.html'): Document => {
  const [document] = readHtml(new TextEncoder().encode(text), { path, id: path })
  if (!document) throw new Error('no document')
  return document
}
const quotes = ({ text, blocks }: Document) =>
  blocks.flatMap(({ units }) =>
    units.map(({ start, end, header }) =>
      [header && text.slice(...header), text.slice(start, end)].filter(Boolean).join(' · '),
    ),
  )

it('may say in its text what its fields say, and what is none of them', () => {
  const { audience } = read('<meta name="audience" content="agent"><p>Audience: agent</p><p>From: Monday.</p>')
  expect(audience).toBe('agent')
  expect(read('<meta property="og:audience" content="everybody"><p>Audience: everybody</p>').audience).toBe('customer')
})

describe('an HTML page', () => {
  const page = read(`<!doctype html>
<html lang="en-GB"><head><title>Card fees | Bank</title>
<meta name="viewport" content="width=device-width"><meta name="Audience" content="agent">
<meta name="from" content="2026-01-01"><meta name="product" content="classic-card">
<link rel="canonical" href="https://bank.example/fees"></head>
<body><nav><a href="/">Home</a></nav>
<main><h1>Card fees</h1>
<p>The annual fee is <b>£24.00</b>,
 charged in Jan. 5 each year.<br>Students pay nothing.</p>
<h2>What it costs</h2>
<table><thead><tr><th>Item<th>Fee</thead><tr><td rowspan=2>Cash<td>2.75 %<tr><td>min. £3.00</table>
<ul><li>Day and <i>night</i><li>Abroad:<ul><li>Norway</li></ul></ul>
<dl><dt>Can I park?</dt><dd>Yes. For two hours.</dd><dt>Spaces</dt><dd>40</dd></dl>
<details><summary>Is there a fee?</summary><p>No.</p></details>
<pre>code line one
  line two</pre></main>
<footer>Imprint</footer><script>alert(1)</script></body></html>`)

  it('carries the fields of its meta tags and its title', () => {
    expect(page).toMatchObject({
      ...{ title: 'Card fees | Bank', audience: 'agent', from: '2026-01-01', product: 'classic-card' },
      ...{ lang: 'en-GB', url: 'https://bank.example/fees' },
    })
  })

  it('may be quoted by sentence, item, row with its header, answer and line, never by heading, navigation or script', () => {
    expect(quotes(page)).toEqual([
      'The annual fee is £24.00, charged in Jan. 5 each year.',
      'Students pay nothing.',
      'Item\tFee · Cash\t2.75 %',
      'Item\tFee · Cash\tmin. £3.00',
      'Day and night',
      'Abroad:',
      'Norway',
      'Yes.',
      'For two hours.',
      'Spaces\t40',
      'No.',
      'code line one',
      'line two',
    ])
  })

  it('says where its blocks stand', () => {
    expect(page.blocks.map(({ kind, line }) => [kind, line])).toEqual([
      ...[
        ['paragraph', 8],
        ['table', 11],
        ['list', 12],
        ['qa', 13],
        ['table', 13],
        ['qa', 14],
        ['paragraph', 15],
      ],
    ])
    expect(page.blocks[1]?.heading).toEqual(['Card fees | Bank', 'What it costs'])
    expect(page.blocks[3]?.heading.at(-1)).toBe('Can I park?')
  })

  it('may lay out its page with tables, and its lists with blocks', () => {
    expect(quotes(read('<table><tr><td><h2>Fees</h2><p>It is £5.<td><ul><li><h3>A</h3>One.</table>'))).toEqual([
      'It is £5.',
      'One.',
    ])
  })
})

describe('words that nobody sees', () => {
  it.each([
    ['display: none', '<p style="display:none">Zebra.</p>'],
    ['visibility: hidden', '<p style="visibility:hidden">Zebra.</p>'],
    ['font-size', '<p style="font-size:0">Zebra.</p>'],
    ['font-size', '<p style="font-size:1px">a <b>Zebra.</b></p>'],
    ['opacity', '<p style="opacity:0">Zebra.</p>'],
    ['colour of the background', '<p style="color:#fff">Zebra.</p>'],
    ['colour of the background', '<p style="color:rgb(250, 250, 250)">Zebra.</p>'],
    ['colour of the background', '<div style="background:#123456"><p style="color:#123457">Zebra.</p></div>'],
    ['colour of the background', '<p style="color:transparent">Zebra.</p>'],
    ['aria-hidden', '<p aria-hidden="true">Zebra.</p>'],
    ['hidden', '<p hidden>Zebra.</p>'],
    ['dialog that is not open', '<dialog>Zebra.</dialog>'],
    ['left: -9999px', '<p style="position:absolute;left:-9999px">Zebra.</p>'],
    ['display: none', '<style>.x, .y { display: none }</style><p class="y">Zebra.</p>'],
    ['colour of the background', '<style>@media screen { p { color: white } }</style><p>Zebra.</p><div>Seen.</div>'],
  ])('are no text, and it is said that they are there: %s %s', (how, html) => {
    const document = read(`<p class="z" style="color:black">Seen.</p>\n${html}`)
    expect(document.text).not.toContain('Zebra')
    expect(document.hidden).toContainEqual({ how, line: 2 })
  })

  it.each([
    '<div style="background:#000"><p style="color:#fff">Zebra.</p></div>',
    '<div style="color:#fff"><p style="color:#222">Zebra.</p></div>',
    '<div style="background:url(a.png);color:#fff">Zebra.</div>',
    '<style>@media print { p { display: none } }</style><p>Zebra.</p>',
    '<style>p:hover { display: none }</style><p>Zebra.</p>',
    '<style>p:nonsense( { display: none }</style><p>Zebra.</p>',
    '<p style="display:block;visibility:visible;opacity:1;font-size:12px">Zebra.</p>',
    '<details><summary>More</summary>Zebra.</details>',
  ])('are not those that somebody sees: %s', (html) => {
    expect(read(html)).toMatchObject({ text: expect.stringContaining('Zebra.'), hidden: [] })
  })

  it.each([
    '<del>£5</del>',
    '<s>£5</s>',
    '<strike>£5</strike>',
    '<span style="text-decoration: line-through">£5</span>',
  ])('are not those that are struck out, which are no text either: %s', (struck) =>
    expect(read(`<p>It is ${struck} £6.</p>`)).toMatchObject({ text: 'It is £6.', hidden: [] }),
  )
})

describe('a bad page', () => {
  it.each([
    ['<div>'.repeat(1_000), 'x.html:1: nests deeper than 200 elements'],
    // Every paragraph opens all of the marks before it again.
    [Array.from({ length: 1_000 }, (_, i) => `<p><b a${i}>x`).join(''), 'x.html:1: nests deeper than 200 elements'],
    ['<h1>Only a heading</h1>', 'x.html: has no text besides headings'],
    ['<p hidden>Zebra.</p>', 'x.html: has no text besides headings'],
    ['\n<meta name="audience" content="all"><p>Text.', 'x.html:2 column audience: must be customer or agent'],
    ['<meta name="until" content="2026"><p>Text.', 'x.html:1 column until: must be a day such as 2026-01-31'],
    [
      '<meta name="from" content="2026-01-01">\n<meta name="FROM" content="2027-01-01"><p>T',
      'x.html:2 column from: is stated twice',
    ],
    ['a\0b', 'x.html:1: holds a NUL, as UTF-16 does; save the file as UTF-8'],
    [' \n ', 'x.html: is empty'],
    [
      `<style>${'a{color:red}'.repeat(2_000)}</style>${'<p>a'.repeat(30_000)}`,
      'x.html: its style sheets are too large to tell what they hide',
    ],
    [
      '---\naudience: agent\n---\n<html><p>A.</html>',
      'x.html:2 column audience: this looks like a field, which for a page',
    ],
    [
      '<html>\n<meta property="audience" content="agent"><p>A.</html>',
      'x.html:2 column audience: has to be written name=',
    ],
    ['<meta name="bank.valid-until" content="2026-01-01"><p>A.', 'x.html:1 column bank.valid-until: has to be written'],
    ['<p>A.\n<p><b>Audience</b>: agent', 'x.html:2 column audience: this looks like a field and stands in the text'],
  ])('is refused with one line', (html, message) => {
    expect(() => read(html, 'x.html')).toThrow(message)
  })
})
