import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { copyDemo } from '../support/demo.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bursar, lastJson } from '../support/program.ts'
import { figure, outside, rowsOf } from './support/outside.ts'

const strangers = outside('data/clinc150/val.jsonl')
const turns = outside('data/mtrag/tasks.dev.jsonl')
/** Domains of the strangers' set that a bank may well have an answer for. */
const ofBanks = ['banking', 'credit_cards']

interface Task {
  readonly id: string
  readonly answerability: string
  readonly conversation: readonly { readonly role: string; readonly text: string }[]
  readonly passages: readonly { readonly id: string; readonly text: string }[]
}

/** A file of these rows, one a line. */
function fileOf(name: string, rows: readonly object[]): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  return path
}

async function evaluate(...words: string[]): Promise<Record<string, unknown>> {
  const ended = await bursar(['eval', 'answers', ...words, '--json'], { env: { BURSAR_LOG_LEVEL: 'silent' } })
  expect(ended.code, ended.stderr).toBe(0)
  return lastJson(ended)
}

describe('answers of the demo bank', () => {
  it.skipIf(strangers.skip)(`to questions of other trades are nearly none${strangers.note}`, async () => {
    const rows = rowsOf<{ id: string; text: string; domain: string }>(strangers.path)
    const asked = rows.filter(({ domain }) => !ofBanks.includes(domain))
    const questions = asked.map(({ id, text }) => ({ id, text, answerable: false }))
    const figures = await evaluate('--questions', fileOf('q.jsonl', questions), '--data', copyDemo(temporaryFolder()))
    const wrong = Number(figures.answered) / Number(figures.n)
    figure('clinc150 wrong confident answers', wrong, '≤ 0.01')
    expect(wrong).toBeLessThanOrEqual(0.01)
  })
})

describe('answers over the passages of conversations', { timeout: 900_000 }, () => {
  // The shipped questions are harder than these: at 0.1 many that have an answer are refused.
  it.skipIf(turns.skip).each(['0.1', '0.3'])(
    `are refused where no passage answers, at %s${turns.note}`,
    async (error) => {
      const tasks = rowsOf<Task>(turns.path)
      const passages = new Map(tasks.flatMap((task) => task.passages.map(({ id, text }) => [id, { id, text }])))
      const judged = tasks.filter(({ answerability }) => ['ANSWERABLE', 'UNANSWERABLE'].includes(answerability))
      const questions = judged.map(({ id, answerability, conversation, passages: gold }) => ({
        ...{ id, text: conversation.at(-1)?.text, conversation: conversation.slice(0, -1) },
        ...{ answerable: answerability === 'ANSWERABLE', gold: gold.map((passage) => ({ doc: passage.id })) },
      }))
      const files = ['--questions', fileOf('q.jsonl', questions), '--corpus', fileOf('c.jsonl', [...passages.values()])]
      const figures = await evaluate(...files, '--tolerated-error', error)
      figure(`mtrag unanswerableRefused at ${error}`, Number(figures.unanswerableRefused), '≥ 0.60')
      figure(`mtrag answerableRefused at ${error}`, Number(figures.answerableRefused), 'wanted ≤ 0.15')
      expect(figures.unanswerableRefused).toBeGreaterThanOrEqual(0.6)
    },
  )
})
