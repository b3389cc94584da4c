import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Document } from '../../../../server/ingestion/document.ts'
import { readCsv, readTsv } from '../../../../server/ingestion/formats/csv.ts'
import { readJsonl } from '../../../../server/ingestion/formats/jsonl.ts'
import { createRows } from '../../../../server/ingestion/formats/rows.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const quotes = ({ text, blocks }: Document) =>
  blocks.flatMap(({ units }) => units.map(({ start, end }) => text.slice(start, end)))
const jsonl = (text: string) => readJsonl(bytes(text), { path: 'x.jsonl', id: 'c/x.jsonl' })
const csv = (text: string) => readCsv(bytes(text), { path: 'x.csv', id: 'c/x.csv' })

describe('JSON lines', () => {
  const path = 'test/fixtures/ingestion/faq.jsonl'
  const [late, hours, lost] = readJsonl(readFileSync(path), { path, id: 'faqs/faq.jsonl' })

  it('make a document of a question and its answer, of which only the answer is quotable', () => {
    expect(late).toMatchObject({
      id: 'faqs/faq.jsonl#late',
      title: 'What is the late fee?',
      audience: 'customer',
      from: '2026-01-01',
    })
    expect(late?.text).toBe('What is the late fee?\nThe late payment fee is £12.00. It is due at once.')
    expect(late?.blocks).toMatchObject([
      { kind: 'qa', heading: ['What is the late fee?'], start: 0, end: late?.text.length, line: 1 },
    ])
    expect(late && quotes(late)).toEqual(['The late payment fee is £12.00.', 'It is due at once.'])
  })

  it('make a document of a text, whose title is not part of it, with the row’s number for want of an id', () => {
    expect(hours).toMatchObject({ id: 'faqs/faq.jsonl#2', title: 'Opening hours', audience: 'agent' })
    expect(hours?.text).toBe('We open at 9 a.m. on Monday.\n\nWe close at 4 p.m. Cash machines stay open.')
    expect(hours?.blocks.map(({ kind, heading, line }) => [kind, heading, line])).toEqual([
      ['paragraph', ['Opening hours'], 3],
      ['paragraph', ['Opening hours'], 3],
    ])
    expect(hours && quotes(hours)).toEqual([
      'We open at 9 a.m. on Monday.',
      'We close at 4 p.m.',
      'Cash machines stay open.',
    ])
  })

  it('may be Chinese and have numbers for ids', () => {
    expect(lost).toMatchObject({ id: 'faqs/faq.jsonl#7', lang: 'zh' })
    expect(lost && quotes(lost)).toEqual(['请先冻结卡片。', '然后补卡。'])
  })

  it('name an untitled text by its first words, which are no heading', () => {
    const [document] = jsonl(`{"text":"${'word '.repeat(30)}"}`)
    expect(document?.title).toMatch(/^(word ){15}word…$/)
    expect(document?.blocks[0]?.heading).toEqual([])
  })

  it('take defaults for what a row leaves open', () => {
    const file = { path: 'x', id: 'x', defaults: { audience: 'agent', title: 'All', until: '2026-05-01' } } as const
    const [document] = readJsonl(bytes('{"text":"A.","title":null,"until":"2026-06-01"}'), file)
    expect(document).toMatchObject({ audience: 'agent', title: 'All', until: '2026-06-01' })
    expect(() => readJsonl(bytes('{"text":"A.","from":"2026-05-02"}'), file)).toThrow(
      'x:1 column until: 2026-05-01 is not later',
    )
  })

  it.each([
    ['', 'x.jsonl: is empty'],
    ['{"text":"A."}\n{"id":"b"}', 'x.jsonl:2 column text: the row has no text: it needs text, or question and answer'],
    ['{"text":"  "}', 'x.jsonl:1 column text: the row has no text: it needs text, or question and answer'],
    ['{"question":"A?"}', 'x.jsonl:1 column answer: is missing in this row'],
    ['{"answer":"A."}', 'x.jsonl:1 column question: is missing in this row'],
    ['{"text":5}', 'x.jsonl:1 column text: must be text'],
    ['{"text":"A."}\n\n{"text":"B.",}', 'x.jsonl:3 column 14: is not JSON'],
    ['{"text":"A."', 'x.jsonl:1 column 13: is not JSON'],
    ['["A."]', 'x.jsonl:1: is not a JSON object'],
    ['null', 'x.jsonl:1: is not a JSON object'],
    ['{"id":"a","text":"A."}\n{"id":"a","text":"B."}', 'x.jsonl:2 column id: the id "a" is already used in line 1'],
    ['{"id":"2","text":"A."}\n{"text":"B."}', 'x.jsonl:2 column id: the id "2" is already used in line 1'],
    [
      '{"id":"a\\u0000","text":"A."}',
      'x.jsonl:1 column id: must be a number or at most 200 characters without control characters',
    ],
    ['{"text":"A.","from":"2026-13-01"}', 'x.jsonl:1 column from: must be a day such as 2026-01-31'],
    [
      '{"text":"A.","from":"2026-02-01","until":"2026-01-01"}',
      'x.jsonl:1 column until: 2026-01-01 is not later than from, 2026-02-01',
    ],
    ['{"text":"A.","audience":"staff"}', 'x.jsonl:1 column audience: must be customer or agent'],
    // A name that is nearly one of these must not be ignored: agents' text would be customers'.
    ['{"text":"A.","Audience":"agent"}', 'x.jsonl:1 column Audience: has to be written audience'],
    ['{"text":"A.","audience ":"agent"}', 'x.jsonl:1 column audience : has to be written audience'],
    ['{"text":"A.","UNTIL":"2026-01-01"}', 'x.jsonl:1 column UNTIL: has to be written until'],
    ['{"text":"A.","audience\u200b":"agent"}', 'x.jsonl:1 column audience\u200b: has to be written audience'],
    ['{"text":"A.","valid_until":"2026-01-01"}', 'x.jsonl:1 column valid_until: has to be written until'],
    [
      '{"text":"A.","metadata":{"a":[{"audience":"agent"}]}}',
      'x.jsonl:1 column metadata.a.0.audience: has to stand beside the text of its row',
    ],
    [
      '{"text":"---\\naudience: agent\\n---\\nA."}',
      'x.jsonl:1 column audience: this looks like a field and stands in the text; state it in a sidecar or front matter',
    ],
    ['{"text":"A.","audience":"agent","audience":"customer"}', 'x.jsonl:1: names a field twice'],
    ['{"text":"A.","__proto__":1,"__proto__":2}', 'x.jsonl:1: names a field twice'],
    ['\u200b\n\u0001', 'x.jsonl: is empty'],
    ['{"text":"A."}\n{\0"\0', 'x.jsonl:2: holds a NUL, as UTF-16 does; save the file as UTF-8'],
    ['{"text":"A.","lang":"English"}', 'x.jsonl:1 column lang: must be a language tag such as en'],
    ['{"text":"half \\ud83d"}', 'x.jsonl:1: holds half of a character (a lone surrogate)'],
    [`{"text":"A.","x":${'['.repeat(100)}${']'.repeat(100)}}`, 'x.jsonl:1: nests deeper than 100 levels'],
    [`{"text":"A."}\n${'['.repeat(100_000)}`, 'x.jsonl:2: nests deeper than 100 levels'],
    [`{"text":"${'a'.repeat(1_048_576)}"}`, 'x.jsonl:1: the line has 1048587 characters; at most 1048576 are read'],
  ])('refuse bad line %#', (text, message) => {
    expect(() => jsonl(text)).toThrow(expect.objectContaining({ code: 'bad_input', message }))
  })

  it('take no member of an inner object for one named twice', () => {
    expect(jsonl('{"text":"A: b.","x":{"text":1,"y":2},"z":[{"text":1}]}')).toHaveLength(1)
  })

  it('name the line that is not UTF-8', () => {
    const broken = Uint8Array.of(...bytes('{"text":"A."}\n{"text":"'), 0xff, ...bytes('"}'))
    expect(() => readJsonl(broken, { path: 'x', id: 'x' })).toThrow('x:2: is not UTF-8; save the file as UTF-8')
  })

  it('never repeat a row in an error, as rows may be personal', () => {
    expect(() => jsonl('{"text":"My secret is 42"')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    )
  })
})

describe('CSV', () => {
  const path = 'test/fixtures/ingestion/fees.csv'
  const [late, plain] = readCsv(readFileSync(path), { path, id: 'fees/fees.csv' })

  it('makes a document a row, empty cells and other columns ignored', () => {
    expect(late).toMatchObject({ id: 'fees/fees.csv#late', title: 'Late fee', from: '2026-01-01' })
    expect(late).not.toHaveProperty('until')
    expect(late && quotes(late)).toEqual(['The late fee is £12.00, "always".', 'It is due at once.'])
    expect(late?.blocks[0]?.line).toBe(2)
  })

  it('counts rows for ids and lines for places, over quoted line ends', () => {
    expect(plain).toMatchObject({ id: 'fees/fees.csv#2', title: 'No id and no title here.' })
    expect(plain?.blocks[0]?.line).toBe(5)
  })

  it('may be separated by tabs', () => {
    expect(readTsv(bytes('id\ttext\na\tOne, two.'), { path: 'x', id: 'x' })[0]).toMatchObject({
      id: 'x#a',
      text: 'One, two.',
    })
  })

  it('takes time with the number of columns, not with its square', () => {
    const cpuOf = (columns: number): number => {
      const header = Array.from({ length: columns }, (_, i) => i.toString(36)).join(',')
      const before = process.cpuUsage().user
      csv(`${header},text\n${','.repeat(columns)}A`)
      return process.cpuUsage().user - before
    }
    cpuOf(15_000) // compiled
    expect(cpuOf(150_000)).toBeLessThan(40 * cpuOf(15_000))
  })

  it.each([
    ['', 'x.csv: is empty'],
    ['text,audience\u200b\nA,agent', 'x.csv:2 column audience\u200b: has to be written audience'],
    ['text,audiences\nA,agent', 'x.csv:2 column audiences: has to be written audience'],
    ['id,text', 'x.csv: has a header but no rows'],
    ['id,body\n1,A', 'x.csv:1: the header has neither a column text nor question and answer'],
    ['text,text\nA,B', 'x.csv:1 column text: the header names this column twice'],
    ['id,text\na,"A\nB', 'x.csv:2: a quotation mark in this row is never closed'],
    ['id,text\na,A\nb,"B" C', 'x.csv:3: text follows a closing quotation mark; write "" for a mark inside a cell'],
    ['id,text\na,A "B"', 'x.csv:2: a quotation mark stands inside a cell; put the cell in quotes and write ""'],
    ['id,text\na,A,B', 'x.csv:2: the row has more or fewer cells than the header'],
    ['id,text\na,A\n\nb', 'x.csv:3: the row has more or fewer cells than the header'],
    ['id,text\na,', 'x.csv:2 column text: the row has no text: it needs text, or question and answer'],
    ['id,text\na,A\na,B', 'x.csv:3 column id: the id "a" is already used in line 2'],
    ['id,text,from\na,A,soon', 'x.csv:2 column from: must be a day such as 2026-01-31'],
    [
      'id,text,from,until\na,A,2026-02-01,2026-01-01',
      'x.csv:2 column until: 2026-01-01 is not later than from, 2026-02-01',
    ],
  ])('%#: refuses %j', (text, message) => {
    expect(() => csv(text)).toThrow(expect.objectContaining({ code: 'bad_input', message }))
  })
})

it('takes no more rows than fit into memory', () => {
  const rows = createRows({ path: 'x.csv', id: 'a/x.csv' })
  for (let i = 1; i <= 200_000; i++) rows.add({ text: 'A.' }, i, i + 1)
  expect(() => rows.add({ text: 'A.' }, 200_001, 200_002)).toThrow(
    'x.csv:200002: has more than 200000 rows; divide the file',
  )
})
