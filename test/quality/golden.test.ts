import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../server/config.ts'
import type { JudgedQuestion } from '../../server/engine/golden.ts'
import { createLogger } from '../../server/logger.ts'
import { type Composition, compose } from '../../server/main.ts'
import type { AnsweredQuestion } from '../../server/operations/evaluate-answers.ts'
import { copyDemo, repository } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { modelsDir } from '../support/models.ts'

const file = join(repository, 'corpora/golden/test.jsonl')
const questions: JudgedQuestion[] = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

let composition: Composition
beforeAll(async () => {
  const config = readConfig({ ...process.env, BURSAR_MODELS: modelsDir() }, { dataDir: copyDemo(temporaryFolder()) })
  composition = await compose({ ...config, engines: 2 }, createLogger('silent'))
})
afterAll(() => composition.close())

const quiet = (): void => undefined

/** Marks of Markdown, JSON and CSV and all white space removed: what is left has to be the same words. */
const bare = (text: string): string => text.replace(/\\[nt]/g, '').replace(/[*_`|#>"\\\s-]/g, '')

/** The quotes of an answer, read in the source files alone; the store is not asked. */
function standsInSource({ doc, quote }: { doc: string; quote: string }): boolean {
  const [path = '', row] = doc.split('#')
  const source = readFileSync(join(repository, 'corpora', path), 'utf8')
  const own =
    row === undefined
      ? source
      : source
          .split('\n')
          .filter((line) => line.includes(row))
          .join('\n')
  return quote.split(' · ').every((piece) => piece.split('\n').every((line) => bare(own).includes(bare(line))))
}

describe('the demo bank', () => {
  it('finds a document that answers among the first five for 92 of 100 questions', async () => {
    const answerable = questions.filter((question) => question.answerable)
    let hits = 0
    for (const { text, asOf, gold = [] } of answerable) {
      const request = { text, k: 20, mode: 'hybrid', role: 'customer', ...(asOf && { asOf }) }
      // The operation's own answer.
      const { passages } = (await composition.run('search', request, quiet)) as { passages: { doc: string }[] }
      const docs = [...new Set(passages.map(({ doc }) => doc))].slice(0, 5)
      if (gold.some(({ doc }) => docs.includes(doc))) hits++
    }
    const share = hits / answerable.length
    console.log(JSON.stringify({ golden: 'test.jsonl', n: answerable.length, 'hit@5': share }))
    expect(share).toBeGreaterThanOrEqual(0.92)
  })

  const ask = async (text: string) =>
    // The operation's own answer.
    (await composition.run('ask', { text, role: 'customer', asOf: '2026-11-22' }, quiet)) as {
      text: string
      cites: { quote: string; from?: string; until?: string }[]
    }

  it('answers for the time that is asked for, and says so', async () => {
    const { text, cites } = await ask('What was the foreign cash withdrawal fee in March 2025?')
    expect(text).toMatch(/^For March 2025: .*£2\.00/s)
    for (const { from = '', until = '9999' } of cites) expect(from <= '2025-03-01' && '2025-04-01' <= until).toBe(true)
  })

  it('tells what changes soon with what holds today', async () => {
    const { text, cites } = await ask('How much is the late payment fee on the classic credit card?')
    expect(text).toMatch(/^(?!From).*£12\.00.*\n\nFrom 1 January 2027: .*£10\.00/s)
    expect(cites.at(-1)).toMatchObject({ from: '2027-01-01' })
  })

  it('answers no worse than it did, every quote word for word in the source files', async () => {
    // The operation's own answer.
    const { rows, figures } = (await composition.run('eval.answers', { questions: file }, quiet)) as {
      rows: AnsweredQuestion[]
      figures: Record<string, number>
    }
    const { precision = 0, coverage = 0, ece = 1, verbatim } = figures
    console.log(JSON.stringify({ golden: 'test.jsonl', precision, coverage, ece }))
    expect(rows.flatMap(({ cites }) => cites).filter((cite) => !standsInSource(cite))).toEqual([])
    expect(verbatim).toBe(1)
    expect(precision).toBeGreaterThanOrEqual(0.88)
    expect(coverage).toBeGreaterThanOrEqual(0.53)
    expect(ece).toBeLessThanOrEqual(0.07)
  })
})
