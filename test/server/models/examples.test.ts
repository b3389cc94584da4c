import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../server/errors.ts'
import { checksumOf, readExamples } from '../../../server/models/examples.ts'
import { streamRows } from '../../../server/models/tabular/row-stream.ts'
import { temporaryFolder } from '../../support/folder.ts'

const dir = temporaryFolder()
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

describe('files of labelled texts', () => {
  it('are read as JSONL, CSV and TSV alike', async () => {
    const wanted = [
      { text: 'my card, lost', label: 'lost_card' },
      { text: 'say "hi"', label: 'greeting' },
    ]
    const jsonl = wanted.map(({ text, label }) => JSON.stringify({ id: 1, text, intent: label })).join('\n\n')
    const csv = 'id,text,category\n1,"my card, lost",lost_card\n2,"say ""hi""",greeting\n'
    const tsv = 'text\tlabel\nmy card, lost\tlost_card\n"say ""hi"""\tgreeting\n'
    for (const path of [file('a.jsonl', jsonl), file('b.csv', `\ufeff${csv}`), file('c.tsv', tsv)]) {
      const { examples, source } = await readExamples(path)
      expect(examples).toEqual(wanted)
      expect(source).toMatchObject({ rows: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
      expect(source.file).not.toContain('/')
    }
  })

  it('take other columns when told', async () => {
    const path = file('d.csv', 'utterance,label,topic\nhello,x,greeting\n')
    const options = { textColumn: 'utterance', labelColumn: 'topic' }
    expect((await readExamples(path, options)).examples).toEqual([{ text: 'hello', label: 'greeting' }])
  })

  it.each([
    ['missing.jsonl', undefined, {}, /missing\.jsonl: cannot be read/],
    ['empty.jsonl', '\n\n', {}, /empty\.jsonl: has no rows/],
    ['empty.csv', 'text,label\n', {}, /empty\.csv: has no rows/],
    ['json.jsonl', '{"text":"a","label":"b"}\n{oops\n', {}, /json\.jsonl:2: is not JSON/],
    ['list.jsonl', '["a"]\n', {}, /list\.jsonl:1: is not a JSON object/],
    ['text.jsonl', '{"label":"b"}\n', {}, /text\.jsonl:1 column text: is missing/],
    ['label.jsonl', '{"text":"a"}\n', {}, /label\.jsonl:1: has none of the columns label, intent, category/],
    ['later.jsonl', '{"text":"a","label":"b"}\n{"text":"c"}\n', {}, /later\.jsonl:2 column label: is missing/],
    ['number.jsonl', '{"text":7,"label":"b"}\n', {}, /number\.jsonl:1 column text: is not text/],
    ['blank.csv', 'text,label\na,b\n" ",c\n', {}, /blank\.csv:3 column text: is empty/],
    ['other.csv', 'text,label\na,b\n', { textColumn: 'body' }, /other\.csv:2 column body: is missing/],
    ['short.csv', 'text,label\na,b\nc\n', {}, /short\.csv:3/],
    ['quote.csv', 'text,label\n"a,b\n', {}, /quote\.csv:/],
    ['kind.txt', 'a\n', {}, /kind\.txt: has to end in/],
  ])('that are wrong are named with line and column: %s', async (name, content, options, message) => {
    const path = content === undefined ? join(dir, name) : file(name, content)
    const refused = readExamples(path, options)
    await expect(refused).rejects.toThrow(InputError)
    await expect(refused).rejects.toThrow(message)
  })

  it('that are not UTF-8 are refused with the line', async () => {
    const path = file(
      'latin1.csv',
      Buffer.concat([Buffer.from('text,label\na,b\ncaf'), Buffer.from([0xe9]), Buffer.from(',c\n')]),
    )
    await expect(readExamples(path)).rejects.toThrow(/latin1\.csv:3: is not UTF-8/)
  })

  it('are files: nobody waits for a pipe', async () => {
    const pipe = join(dir, 'pipe.csv')
    execFileSync('mkfifo', [pipe])
    await expect(readExamples(pipe)).rejects.toThrow('pipe.csv: is no file')
    await expect(streamRows(pipe).batches[Symbol.asyncIterator]().next()).rejects.toThrow('pipe.csv: is no file')
  })

  it('have one checksum together, whatever their order', () => {
    const [a, b] = [
      { file: 'a', sha256: '1'.repeat(64), rows: 1 },
      { file: 'b', sha256: '2'.repeat(64), rows: 1 },
    ]
    expect(checksumOf([a, b])).toBe(checksumOf([b, a]))
    expect(checksumOf([a])).not.toBe(checksumOf([a, b]))
  })
})
