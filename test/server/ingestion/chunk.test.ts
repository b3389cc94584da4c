import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Chunk, chunk } from '../../../server/ingestion/chunk.ts'
import type { Document } from '../../../server/ingestion/document.ts'
import { readJsonl } from '../../../server/ingestion/formats/jsonl.ts'
import { readMarkdown } from '../../../server/ingestion/formats/markdown.ts'

/** Words as tokens: additive over units, as a real tokenizer is. */
const countWords = (text: string): number => text.split(/\s+/).filter(Boolean).length
const markdown = (text: string): Document =>
  readMarkdown(new TextEncoder().encode(text), { path: 'x.md', id: 'x.md' })[0]!
const shown = (document: Document, chunks: readonly Chunk[]) =>
  chunks.map(({ kind, heading, start, end }) => [kind, heading, document.text.slice(start, end)])

describe('chunks', () => {
  it('merge short neighbours under one heading and part at headings', () => {
    const document = markdown('# T\n\nOne two.\n\nThree.\n\n- a\n- b\n\n## H\n\nFour.')
    expect(shown(document, chunk(document, countWords, 100))).toEqual([
      ['paragraph', 'T', 'One two.\n\nThree.\n\na\nb'],
      ['paragraph', 'T › H', 'Four.'],
    ])
  })

  it('part between blocks rather than inside one', () => {
    const document = markdown('# T\n\nOne two three. Four five.\n\nSix seven. Eight nine ten.')
    expect(shown(document, chunk(document, countWords, 8)).map(([, , text]) => text)).toEqual([
      'One two three. Four five.',
      'Six seven. Eight nine ten.',
    ])
  })

  it('part a long block between sentences and leave a long sentence whole', () => {
    const document = markdown('# T\n\nOne two. Three four five six seven. Eight. Nine ten.')
    expect(shown(document, chunk(document, countWords, 4)).map(([, , text]) => text)).toEqual([
      'One two.',
      'Three four five six seven.',
      'Eight. Nine ten.',
    ])
  })

  it('keep a table apart, its header row in the heading and with every row', () => {
    const document = markdown(
      '# T\n\nFees are these.\n\n| Item | Fee |\n|---|---|\n| a | 1 |\n| b | 2 |\n| c | 3 |\n\nDone.',
    )
    const chunks = chunk(document, countWords, 9)
    expect(shown(document, chunks)).toEqual([
      ['paragraph', 'T', 'Fees are these.'],
      ['table', 'T › Item, Fee', 'a\t1\nb\t2'],
      ['table', 'T › Item, Fee', 'c\t3'],
      ['paragraph', 'T', 'Done.'],
    ])
    expect(chunks[2]?.units.map(({ header }) => header && document.text.slice(...header))).toEqual(['Item\tFee'])
  })

  it('do not reach over a heading that repeats the one before', () => {
    const document = markdown('# T\n\n## H\n\nOne.\n\n## H\n\nTwo.')
    expect(shown(document, chunk(document, countWords, 100)).map(([, , text]) => text)).toEqual(['One.', 'Two.'])
  })

  it('name the question in the heading of its answer', () => {
    const [document] = readJsonl(
      new TextEncoder().encode('{"title":"Fees","question":"How much?","answer":"£2. Or £3."}'),
      { path: 'x', id: 'x' },
    )
    expect(shown(document!, chunk(document!, countWords, 100))).toEqual([['qa', 'Fees › How much?', '£2. Or £3.']])
  })

  it('carry language and a hash of heading and text', () => {
    const [first] = chunk(markdown('# T\n\nWas kostet das für mich?'), countWords, 100)
    expect(first).toMatchObject({ position: 0, lang: 'de' })
    expect(first?.hash).toBe(createHash('sha256').update('T\nWas kostet das für mich?').digest('hex'))
    const stated: Document = { ...markdown('# T\n\nOK'), lang: 'zh' }
    expect(chunk(stated, countWords, 100)[0]?.lang).toBe('zh')
  })

  it('need a limit above zero', () => {
    expect(() => chunk(markdown('A.'), countWords, 0)).toThrow(RangeError)
  })
})

describe('chunks of any document', () => {
  const sentence = fc.integer({ min: 1, max: 9 }).map((words) => `${'word '.repeat(words).trim()}. `)
  const block = fc.oneof(
    fc.array(sentence, { minLength: 1, maxLength: 5 }).map((all) => all.join('')),
    fc.array(sentence, { minLength: 1, maxLength: 5 }).map((all) => all.map((one) => `- ${one}`).join('\n')),
    fc
      .array(sentence, { minLength: 1, maxLength: 5 })
      .map((all) => `| A | B |\n|---|---|\n${all.map((one) => `| ${one} | x |`).join('\n')}`),
    fc.constantFrom('## One', '### Two', '## Three'),
  )

  it('hold every unit once, in order, and respect the limit unless one unit breaks it', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.integer({ min: 4, max: 40 }), (blocks, limit) => {
        const document = markdown(['Begin.', ...blocks].join('\n\n'))
        const chunks = chunk(document, countWords, limit)
        expect(chunks.flatMap(({ units }) => units)).toEqual(document.blocks.flatMap(({ units }) => units))
        expect(chunks.map(({ position }) => position)).toEqual(chunks.map((_, i) => i))
        for (const { heading, start, end, units } of chunks) {
          expect([start, end]).toEqual([units[0]?.start, units.at(-1)?.end])
          const tokens = countWords(heading) + countWords(document.text.slice(start, end))
          expect(tokens <= limit || units.length === 1).toBe(true)
        }
      }),
    )
  })
})
