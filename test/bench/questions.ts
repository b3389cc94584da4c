import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../support/demo.ts'
import { type From, openClient } from './chat-client.ts'

/** Everyday questions of the demo bank that documents answer: what all timed parts ask, in the same order. */
export function benchQuestions(): string[] {
  const lines = readFileSync(join(repository, 'corpora/faqs/faq.en.jsonl'), 'utf8').trim().split('\n')
  const rows: { question: string; audience?: string }[] = lines.map((line) => JSON.parse(line))
  return rows.filter(({ audience }) => audience !== 'agent').map(({ question }) => question)
}

const lanes = 8

/**
 * Those that this server answers from documents without offering a person. Asked over and over in one conversation, any other
 * would hand it over (two upset messages in a row do), and from then on nothing would be looked up any more.
 * @param from where the asker of each question comes from.
 */
export async function answeredQuestions(
  url: string,
  from: (i: number) => From = () => ({ origin: url }),
): Promise<string[]> {
  const texts = benchQuestions()
  const isPlain: boolean[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let i = next++; i < texts.length; i = next++) {
        const client = await openClient(url, from(i))
        const { kind, human } = JSON.parse(await client.reply(texts[i]!)).d
        isPlain[i] = kind === 'answer' && !human
        client.close()
      }
    }),
  )
  return texts.filter((_, i) => isPlain[i])
}
