import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stat, watch } from 'node:fs/promises'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Explanation } from '../../server/cli/explain-query.ts'
import { launcher, repository, userEnvironment } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'

type Row = Readonly<Record<string, unknown>>
interface Files {
  readonly corpus: string
  readonly queries: string
  readonly qrels: string
}

const quiet = { BURSAR_LOG_LEVEL: 'silent', BURSAR_ENGINES: '1' }
const lines = (rows: readonly Row[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

/** Documents of which words find one and meaning the other; the third says nothing without its name. */
const documents = [
  { id: 'tèrm#1'.normalize('NFD'), name: 'Form', text: 'Send the completed form W-8BEN before the year ends.' },
  { id: 'x'.repeat(300), name: 'Loss', text: 'If somebody takes your purse, freeze the plastic in the app.' },
  { id: '3', name: 'Mortgage early repayment', text: 'It is one per cent of the sum for each year that is left.' },
]
const questions = [
  { id: 'words', text: 'W-8BEN' },
  { id: 'meaning', text: 'my card was stolen' },
  { id: 'name', text: 'mortgage early repayment' },
]
const judgements = questions.map(({ id }, i) => [id, documents[i]!.id, 1].join('\t'))

function filesIn(dir: string, rows: readonly Row[] = documents, asked: readonly Row[] = questions): Files {
  const files = { corpus: join(dir, 'c.jsonl'), queries: join(dir, 'q.jsonl'), qrels: join(dir, 'r.tsv') }
  writeFileSync(files.corpus, lines(rows))
  writeFileSync(files.queries, lines(asked))
  writeFileSync(files.qrels, `query_id\tdoc_id\trelevance\n${judgements.join('\n')}\n`)
  return files
}

function evaluate(files: Files, ...more: string[]) {
  const given = Object.entries(files).flatMap(([name, file]) => [`--${name}`, file])
  return bursar(['eval', 'retrieval', ...given, '--json', ...more], { env: quiet })
}

/** Resolves when a store below `dir` has got its first passages. */
async function passagesIn(dir: string): Promise<void> {
  for await (const { filename } of watch(dir, { recursive: true })) {
    const size = filename?.endsWith('.db-wal') ? await stat(join(dir, filename)).then(({ size }) => size) : 0
    if (size > 400_000) return
  }
}

describe('eval retrieval', { timeout: 120_000 }, () => {
  it('scores by words, by meaning or by both, with the title from the column that is named', async () => {
    const files = filesIn(temporaryFolder())
    const hits = async (...more: string[]): Promise<unknown> => lastJson(await evaluate(files, ...more))['hit@1']
    expect(await hits('--title-column', 'name')).toBe(1)
    expect(await hits('--title-column', 'name', '--mode', 'dense')).toBe(1)
    expect(await hits('--title-column', 'name', '--mode', 'keyword')).toBeCloseTo(2 / 3)
    expect(await hits('--mode', 'keyword')).toBeCloseTo(1 / 3)
  })

  it('writes a run of every query in their order, whatever the ids are, and leaves nothing else behind', async () => {
    const [dir, temporary] = [temporaryFolder(), temporaryFolder()]
    const [files, out] = [filesIn(dir), join(dir, 'out.run')]
    const given = Object.entries(files).flatMap(([name, file]) => [`--${name}`, file])
    const env = { ...quiet, TMPDIR: temporary, HOME: temporary }
    const ended = await bursar(['eval', 'retrieval', ...given, '--run', out, '--json'], { env })
    expect(ended.code, ended.stderr).toBe(0)
    expect(lastJson(ended)).toMatchObject({ n: 3, 'annRecall@10': 1 })
    const run = readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
    expect(run.map(([query]) => query)).toEqual(questions.flatMap(({ id }) => [id, id, id]))
    expect(new Set(run.map(([, , doc]) => doc))).toEqual(new Set(documents.map(({ id }) => id)))
    expect([readdirSync(temporary), readdirSync(dir).sort()]).toEqual([[], ['c.jsonl', 'out.run', 'q.jsonl', 'r.tsv']])
  })

  it('tells what was found for a query beside what was expected', async () => {
    const files = filesIn(temporaryFolder())
    const { explain } = lastJson(await evaluate(files, '--explain', 'meaning')) as { explain: Explanation }
    expect(explain).toMatchObject({ id: 'meaning', text: 'my card was stolen', figures: { 'hit@1': 1 } })
    expect(explain.expected).toMatchObject([{ doc: documents[1]!.id, rank: 1, relevance: 1, text: documents[1]!.text }])
    expect(explain.found.map(({ rank, relevance }) => [rank, relevance])).toEqual([
      [1, 1],
      [2, 0],
      [3, 0],
    ])
    expect(await evaluate(files, '--explain', 'no')).toMatchObject({
      code: 1,
      stderr: `bursar eval retrieval: ${files.queries} column id: there is no query "no"\n`,
    })
  })

  it('asks again with slips of the keyboard', async () => {
    const files = filesIn(temporaryFolder())
    const found = lastJson(await evaluate(files, '--misspell', '7'))
    expect(found.misspelt).toEqual((lastJson(await evaluate(files, '--misspell', '7')) as typeof found).misspelt)
    expect(found).toMatchObject({ misspelt: { 'hit@5': 1 }, 'hit@5': 1 })
    expect(await evaluate(files, '--misspell', 'x')).toMatchObject({ code: 2, stdout: '' })
  })

  it('writes a page for people, and compares with the one that was there', async () => {
    const hostile = { id: 'words', text: '</bdi><script>alert(1)</script> W-8BEN' }
    const [dir, files] = [join(temporaryFolder(), 'report'), filesIn(temporaryFolder(), documents, [hostile])]
    expect((await evaluate(files, '--report', dir)).code).toBe(0)
    const page = (): string => readFileSync(join(dir, 'index.html'), 'utf8')
    expect(page()).toContain('ndcg@10')
    expect(page()).toContain('&#60;script&#62;')
    expect(page()).not.toMatch(/<script|NaN|undefined|Beside the previous run/)
    await evaluate(files, '--report', dir, '--mode', 'keyword', '--misspell', '1')
    expect(page()).toContain('Beside the previous run')
    expect(page()).toContain('The same queries, misspelt')
    expect(readdirSync(dir).sort()).toEqual(['index.html', 'scores.json'])
    writeFileSync(join(dir, 'scores.json'), '{"queries":{"a":1}}')
    expect(await evaluate(files, '--report', dir)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('scores.json: holds no scores of a report'),
    })
  })

  it.each([
    ['a row without text', '{"id":"a","text":"A"}\n{"id":"b"}\n', 'c.jsonl:2 column text: is missing'],
    ['an empty file', '', 'c.jsonl: is empty'],
    ['a line that is not JSON', '{"id":"a","text":"A"}\n{"id"\n', 'c.jsonl:2 column 6: is not JSON'],
  ])('refuses %s in one line', async (_, content, says) => {
    const dir = temporaryFolder()
    const files = filesIn(dir)
    writeFileSync(files.corpus, content)
    const ended = await evaluate(files, '--run', join(dir, 'out.run'))
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: `bursar eval retrieval: ${join(dir, says)}\n` })
    expect(existsSync(join(dir, 'out.run'))).toBe(false)
  })

  it('refuses a run file that could not be written, before the work', async () => {
    const dir = temporaryFolder()
    const files = filesIn(dir, [{ id: 'a b', text: 'A' }])
    const locked = join(dir, 'locked')
    mkdirSync(locked)
    expect((await evaluate(files, '--run', locked)).stderr).toContain(`${locked}: cannot be written (it is a folder)`)
    expect((await evaluate(files, '--run', join(dir, 'no', 'out'))).stderr).toMatch(
      /no\/out: cannot be written \(ENOENT/,
    )
    expect((await evaluate(files, '--run', join(dir, 'out'))).stderr).toContain('column id: "a b" has white space')
    chmodSync(locked, 0o500)
    if (process.getuid?.() === 0) return // to root no folder is locked
    expect((await evaluate(files, '--run', join(locked, 'out'))).stderr).toContain('cannot be written (EACCES')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind when %s stops it', async (signal) => {
    const temporary = temporaryFolder()
    const many = Array.from({ length: 2_000 }, (_, i) => ({ id: i, text: `The fee of plan ${i} is £${i}.` }))
    const given = Object.entries(filesIn(temporaryFolder(), many)).flatMap(([name, file]) => [`--${name}`, file])
    const child = spawn(process.execPath, [launcher, 'eval', 'retrieval', ...given], {
      cwd: repository,
      env: userEnvironment({ ...quiet, TMPDIR: temporary }),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const [said, ended] = [textOf(child.stderr), once(child, 'exit')]
    await passagesIn(temporary)
    child.kill(signal)
    const [code] = await ended
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143)
    expect(await said).toBe('') // its engines end after it, without a word
    expect(readdirSync(temporary)).toEqual([])
  })

  it('needs its three files, and a mode that there is', async () => {
    const files = filesIn(temporaryFolder())
    expect(await bursar(['eval', 'retrieval', '--corpus', files.corpus])).toMatchObject({
      code: 2,
      stderr: 'bursar eval retrieval: --queries is needed\n',
    })
    expect(await evaluate(files, '--mode', 'magic')).toMatchObject({ code: 2, stdout: '' })
  })
})
