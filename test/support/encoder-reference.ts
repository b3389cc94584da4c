import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A text, and what the official tokenizer and the official fp32 model make of it; rounded to six places. */
export interface ReferenceText {
  readonly text: string
  /** Cut to 256. */
  readonly ids: readonly number[]
  readonly embedding: Float32Array
}

export async function readReference(): Promise<ReferenceText[]> {
  const lines = await readFile(join(import.meta.dirname, '../fixtures/encoder-reference.jsonl'), 'utf8')
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const { text, ids, embedding } = JSON.parse(line)
      return { text, ids, embedding: Float32Array.from(embedding) }
    })
}
