import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../support/demo.ts'

/** Everyday questions of the demo bank that documents answer: what all timed parts ask, in the same order. */
export function benchQuestions(): string[] {
  const lines = readFileSync(join(repository, 'corpora/faqs/faq.en.jsonl'), 'utf8').trim().split('\n')
  const rows: { question: string; audience?: string }[] = lines.map((line) => JSON.parse(line))
  return rows.filter(({ audience }) => audience !== 'agent').map(({ question }) => question)
}
