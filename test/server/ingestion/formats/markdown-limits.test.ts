import { describe, expect, it } from 'vitest'
import type { Document } from '../../../../server/ingestion/document.ts'
import { readMarkdown } from '../../../../server/ingestion/formats/markdown.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (text: string, path = 'house/rules.md'): Document => {
  const [document] = readMarkdown(bytes(text), { path, id: path })
  if (!document) throw new Error('no document')
  return document
}

describe('Markdown that takes the parser far longer than its length', () => {
  it.each([
    ['[\n'.repeat(20_000), /^x.md:\d+: too many brackets and signs of emphasis without an empty line between them$/],
    ['*a\n_b **c\n'.repeat(10_000), /^x.md:\d+: too many brackets/],
    ['[^a]: b\n\n'.repeat(3_000), 'x.md:4001: more than 2000 footnotes'],
    [
      `${Array.from({ length: 90 }, (_, i) => `${'  '.repeat(i)}- a\n`).join('')}\n`.repeat(20),
      /^x.md:\d+: too many items of lists that nest deep$/,
    ],
  ])('is refused with one line', (text, message) => {
    expect(() => read(text, 'x.md')).toThrow(message)
  })

  it.each([
    '[a](https://bank.example) and *b*.\n\n'.repeat(500),
    '* [a](https://bank.example) is __b__\n'.repeat(500),
    `|a|b|\n|-|-|\n${'|[x](https://bank.example)|*y*|\n'.repeat(500)}`,
  ])('is not what people write', (text) => {
    expect(read(text).blocks.length).toBeGreaterThan(0)
  })
})
