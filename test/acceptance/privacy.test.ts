import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, it } from 'vitest'
import { bursar } from '../support/program.ts'
import { figure, outside, rowsOf } from './support/outside.ts'

interface Span {
  readonly start: number
  readonly end: number
  readonly kind: string
}
interface Sentence {
  readonly id: string
  readonly text: string
  readonly spans: readonly { readonly type: string; readonly start: number; readonly end: number }[]
}

/** Types of the set, our kinds, and the least share of them that has to be masked as that kind, to the last character. */
const kinds = [
  ['CREDIT_CARD', 'card', 0.98],
  ['US_SSN', 'ssn', 0.98],
  ['EMAIL_ADDRESS', 'email', 0.98],
  ['IBAN_CODE', 'iban', 0.98],
  ['PHONE_NUMBER', 'phone', 0.95],
] as const
const mostHarmlessMasked = 0.01

/** Spans of each text by `bursar redact --json`, which reads line by line. */
async function redacted(texts: readonly string[]): Promise<Span[][]> {
  const lines = texts.map((text) => text.split('\n'))
  const { code, stdout, stderr } = await bursar(['redact', '--json'], { input: lines.flat().join('\n') })
  expect(code, stderr).toBe(0)
  const replies = stdout.split('\n').slice(0, -1)
  expect(replies).toHaveLength(lines.flat().length)
  let next = 0
  return lines.map((parts) => {
    let at = 0
    return parts.flatMap((part) => {
      const { spans }: { spans: Span[] } = JSON.parse(replies[next++]!)
      const moved = spans.map((span) => ({ ...span, start: span.start + at, end: span.end + at }))
      at += part.length + 1
      return moved
    })
  })
}

const pii = outside('data/pii/sentences.jsonl')

describe.skipIf(pii.skip)(`redact on data/pii${pii.note}`, () => {
  let sentences: readonly Sentence[]
  let found: Span[][]
  beforeAll(async () => {
    sentences = rowsOf(pii.path)
    found = await redacted(sentences.map(({ text }) => text))
  })

  it.each(kinds)('masks %s as %s: recall ≥ %s', (type, kind, least) => {
    let [all, masked] = [0, 0]
    for (const [i, { text, spans }] of sentences.entries()) {
      for (const { start, end } of spans.filter((span) => span.type === type)) {
        all++
        const own = found[i]!.filter((span) => span.kind === kind)
        if (characters(text, start, end).every((at) => own.some((span) => span.start <= at && at < span.end))) masked++
      }
    }
    expect(all).toBeGreaterThan(0)
    figure(`redact ${kind} recall (${all})`, masked / all, `≥ ${least}`)
    expect(masked / all).toBeGreaterThanOrEqual(least)
  })

  it(`masks less than ${100 * mostHarmlessMasked} % of what is nobody's data`, () => {
    const spans = found.flatMap((list, i) => list.map((span) => ({ ...span, sentence: sentences[i]! })))
    const strange = spans.filter(
      ({ start, end, sentence }) => !sentence.spans.some((label) => label.start < end && start < label.end),
    )
    figure('redact spans on no label', strange.length / spans.length, `< ${mostHarmlessMasked}`)
    expect(strange.length / spans.length).toBeLessThan(mostHarmlessMasked)
  })
})

/** Offsets of letters and digits between start and end: what has to be gone. */
function characters(text: string, start: number, end: number): number[] {
  const offsets = Array.from({ length: end - start }, (_, i) => start + i)
  return offsets.filter((at) => /[\p{L}\p{N}]/u.test(text[at] ?? ''))
}

describe.each(['dev.csv', 'train.csv'])('redact on data/banking77/%s', (name) => {
  const file = outside(`data/banking77/${name}`)
  it.skipIf(file.skip)(`masks less than ${100 * mostHarmlessMasked} % of the texts${file.note}`, async () => {
    const rows: { text: string }[] = parse(readFileSync(file.path), { columns: true })
    const found = await redacted(rows.map(({ text }) => text))
    const share = found.filter((spans) => spans.length > 0).length / rows.length
    figure(`redact texts masked, banking77 ${name}`, share, `< ${mostHarmlessMasked}`)
    expect(share).toBeLessThan(mostHarmlessMasked)
  })
})
