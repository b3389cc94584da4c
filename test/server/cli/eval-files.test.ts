import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assertRunIds, readCorpusRows, readQrels, readQueryRows } from '../../../server/cli/eval-files.ts'
import { InputError } from '../../../server/errors.ts'
import { temporaryFolder } from '../../support/folder.ts'

function fileOf(name: string, content: string | Uint8Array): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, content)
  return file
}

/** What is said of a file that is refused, without the folder it lies in. */
async function refusal<T>(file: string, read: (file: string) => Promise<T>): Promise<string> {
  const reason = await read(file).then(
    () => 'it was read',
    (error: unknown) => error,
  )
  expect(reason).toBeInstanceOf(InputError)
  const { message } = reason as InputError // just checked
  expect(message.startsWith(file)).toBe(true)
  return message.slice(file.length)
}

const corpus = (file: string) => readCorpusRows(file, 'title')

describe('the rows of an evaluation', () => {
  it.each([
    ['c.jsonl', '\ufeff{"id":1,"title":"T","text":"A\\nB"}\n\n{"id":"x y","text":"C","title":null}\n'],
    ['c.csv', 'id,title,text\r\n1,T,"A\nB"\r\nx y,,C\r\n'],
    ['c.TSV', 'id\ttitle\ttext\n1\tT\t"A\nB"\nx y\t\tC\n'],
  ])('are read from %s', async (name, content) => {
    expect(await corpus(fileOf(name, content))).toEqual([
      { id: '1', title: 'T', text: 'A\nB' },
      { id: 'x y', text: 'C' },
    ])
  })

  it('take the title from the column that is named, cut between characters', async () => {
    const file = fileOf('c.jsonl', `${JSON.stringify({ id: 'a', text: 'A', name: ` ${'😀'.repeat(600)}` })}\n`)
    expect(await readCorpusRows(file, 'name')).toEqual([{ id: 'a', title: '😀'.repeat(500), text: 'A' }])
    expect(await corpus(file)).toEqual([{ id: 'a', text: 'A' }])
  })

  it('are not waited for at a pipe', async () => {
    const file = join(temporaryFolder(), 'c.jsonl')
    execFileSync('mkfifo', [file])
    expect(await refusal(file, corpus)).toBe(': is no file')
  })

  it('leave out documents without text', async () => {
    expect(await corpus(fileOf('c.jsonl', '{"id":"a","text":" "}\n{"id":"b","text":"B"}'))).toHaveLength(1)
  })

  it('are judgements by query and document', async () => {
    const judged = await readQrels(fileOf('q.tsv', 'query_id\tdoc_id\trelevance\nq\ta\t2\nq\tb\t0\nr\ta\t1\n'))
    expect(judged.get('q')).toEqual(
      new Map([
        ['a', 2],
        ['b', 0],
      ]),
    )
    expect(judged.size).toBe(2)
  })
})

describe('a file that cannot be used is refused with its name, the line and the column', () => {
  it.each([
    ['no text', 'c.jsonl', '{"id":"a","text":"A"}\n{"id":"b"}\n', ':2 column text: is missing'],
    ['no id', 'c.jsonl', '{"text":"A"}\n', ':1 column id: is missing'],
    ['text that is a list', 'c.jsonl', '{"id":"a","text":["A"]}\n', ':1 column text: is not text'],
    ['a title that is a list', 'c.jsonl', '{"id":"a","text":"A","title":["A"]}\n', ':1 column title: is not text'],
    ['an empty id', 'c.jsonl', '{"id":" ","text":"A"}\n', ':1 column id: is empty'],
    [
      'an id twice',
      'c.jsonl',
      '{"id":1,"text":"A"}\n{"id":"1","text":"B"}\n',
      ':2 column id: "1" is already used in line 1',
    ],
    ['no object', 'c.jsonl', '{"id":"a","text":"A"}\n[1]\n', ':2: is not a JSON object'],
    ['no JSON', 'c.jsonl', '{"id":"a","text":"A"}\n{"id":"b",\n', ':2 column 11: is not JSON'],
    ['nothing', 'c.jsonl', '', ': is empty'],
    ['nothing but blank lines', 'c.jsonl', '\n \n', ': is empty'],
    ['no text in any row', 'c.jsonl', '{"id":"a","text":""}\n', ' column text: no row has text'],
    ['a header alone', 'c.csv', 'id,text\n', ': has a header but no rows'],
    ['a missing column', 'c.csv', 'id,words\na,A\n', ':2 column text: is missing'],
    ['a column twice', 'c.csv', 'id,text,text\na,A,B\n', ':1 column text: the header names this column twice'],
    ['a cell too few', 'c.csv', 'id,text\na,"A\nA"\nb\n', ':4: the row has more or fewer cells than the header'],
    ['an open quotation mark', 'c.csv', 'id,text\na,A\nb,"B\n', ':3: a quotation mark in this row is never closed'],
    ['another format', 'c.json', '[]', ': has to end in .jsonl, .csv or .tsv'],
  ])('%s', async (_, name, content, says) => {
    expect(await refusal(fileOf(name, content), corpus)).toBe(says)
  })

  it('bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('{"id":"a","text":"A"}\n{"id":"b","text":"'), Buffer.of(0xe9, 0x22, 0x7d)])
    expect(await refusal(fileOf('c.jsonl', bytes), corpus)).toBe(':2: is not UTF-8; save the file as UTF-8')
  })

  it('a title column that no row has', async () => {
    const file = fileOf('c.csv', 'id,text\na,A\n')
    expect(await refusal(file, (path) => readCorpusRows(path, 'name'))).toBe(':2 column name: no row has this column')
  })

  it('a file that is not there', async () => {
    expect(await refusal('/nowhere/c.jsonl', corpus)).toMatch(/^: cannot be read \(ENOENT/)
  })

  it.each([
    ['relevance that is no number', 'q\ta\thigh\n', ':2 column relevance: is not a number'],
    ['relevance that is empty', 'q\ta\t1\nq\tb\t\n', ':3 column relevance: is empty'],
    ['no query', '\ta\t1\n', ':2 column query_id: is empty'],
    ['nothing relevant', 'q\ta\t0\n', ' column relevance: no row is above 0: there is nothing to find'],
  ])('judgements: %s', async (_, rows, says) => {
    expect(await refusal(fileOf('q.tsv', `query_id\tdoc_id\trelevance\n${rows}`), readQrels)).toBe(says)
  })

  it('queries: an id twice', async () => {
    const file = fileOf('q.jsonl', '{"id":"a","text":"A"}\n{"id":"a","text":"B"}\n')
    expect(await refusal(file, readQueryRows)).toBe(':2 column id: "a" is already used in line 1')
  })

  it('an id that a run file cannot hold', () => {
    expect(() => assertRunIds('c.jsonl', [{ id: 'a b', text: '' }])).toThrow('c.jsonl column id: "a b" has white space')
    expect(() => assertRunIds('c.jsonl', [{ id: 'a#b', text: '' }])).not.toThrow()
  })
})
