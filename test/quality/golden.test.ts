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

/** What each file reached when it was last measured, less a little: a drop fails. */
const bounds = [
  { name: 'test.jsonl', hit: 0.92, precision: 0.88, coverage: 0.53, refused: 0.9, ece: 0.07 },
  { name: 'scoring.jsonl', hit: 0.86, precision: 0.77, coverage: 0.2, refused: 0.85, ece: 0.09 },
]

const fileOf = (name: string): string => join(repository, 'corpora/golden', name)
/** `about` is the day that the words of a question name, if that is not the day of asking. */
const questionsOf = (name: string): (JudgedQuestion & { readonly about?: string })[] =>
  readFileSync(fileOf(name), 'utf8')
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
  it.each(bounds)('finds a document that answers among the first five: $name', async ({ name, hit }) => {
    const answerable = questionsOf(name).filter((question) => question.answerable)
    const found = await Promise.all(
      answerable.map(async ({ text, asOf, about = asOf, gold = [] }) => {
        const request = { text, k: 20, mode: 'hybrid', role: 'customer', ...(about && { asOf: about }) }
        // The operation's own answer.
        const { passages } = (await composition.run('search', request, quiet)) as { passages: { doc: string }[] }
        const docs = [...new Set(passages.map(({ doc }) => doc))].slice(0, 5)
        return gold.some(({ doc }) => docs.includes(doc))
      }),
    )
    const share = found.filter(Boolean).length / answerable.length
    console.log(JSON.stringify({ golden: name, n: answerable.length, 'hit@5': share }))
    expect(share).toBeGreaterThanOrEqual(hit)
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

  it.each(bounds)('answers no worse than it did, every quote word for word in its source: $name', async (bound) => {
    // The operation's own answer.
    const { rows, figures } = (await composition.run('eval.answers', { questions: fileOf(bound.name) }, quiet)) as {
      rows: AnsweredQuestion[]
      figures: Record<string, number>
    }
    const { precision = 0, coverage = 0, unanswerableRefused: refused = 0, ece = 1, verbatim } = figures
    console.log(JSON.stringify({ golden: bound.name, precision, coverage, refused, ece }))
    expect(rows.flatMap(({ cites }) => cites).filter((cite) => !standsInSource(cite))).toEqual([])
    expect(verbatim).toBe(1)
    expect(precision).toBeGreaterThanOrEqual(bound.precision)
    expect(coverage).toBeGreaterThanOrEqual(bound.coverage)
    expect(refused).toBeGreaterThanOrEqual(bound.refused)
    expect(ece).toBeLessThanOrEqual(bound.ece)
  })
})
