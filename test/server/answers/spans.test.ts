import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteOf } from '../../../server/answers/citations.ts'
import { createCoverage } from '../../../server/answers/coverage.ts'
import { type Candidate, chooseSpans, quoteSpans, type Scorer, spanRows } from '../../../server/answers/spans.ts'
import type { QuoteUnit } from '../../../server/storage/types.ts'

const terms = (...names: string[]) => names.map((term) => ({ term, weight: 1 }))

/** A passage over `lines` of a longer text, one unit a sentence (or a row under its header). */
function passage(kind: Candidate['kind'], lines: readonly (readonly string[])[], before = 'Title\n\n') {
  const separator = kind === 'table' ? '\n' : kind === 'paragraph' ? '\n' : '\n'
  const text = lines.map((line) => line.join(' ')).join(separator)
  const start = before.length
  const units: QuoteUnit[] = []
  let at = start
  for (const line of lines) {
    for (const sentence of line) {
      units.push({ start: at, end: at + sentence.length })
      at += sentence.length + 1
    }
  }
  const whole = `${before}${text}\n\nSomething after it.`
  return { kind, text, start, units, whole, end: start + text.length }
}

/** Passages of any kind, with sentences of any length. */
const anyPassage = fc
  .record({
    kind: fc.constantFrom<Candidate['kind']>('paragraph', 'list', 'qa', 'table'),
    lines: fc.array(
      fc.array(fc.string({ minLength: 1, maxLength: 200, unit: fc.constantFrom('a', 'b', '0', '£', '😀', '.') }), {
        minLength: 1,
        maxLength: 5,
      }),
      { minLength: 1, maxLength: 6 },
    ),
    before: fc.constantFrom('', 'Title\n\n', 'A long text before it. '.repeat(20)),
  })
  .map(({ kind, lines, before }) => passage(kind, lines, before))

describe('the spans of a quote', () => {
  it('never leave their passage, hold the chosen unit, and begin and end with units', () => {
    fc.assert(
      fc.property(anyPassage, fc.nat(), (made, pick) => {
        const unit = pick % made.units.length
        const spans = quoteSpans(made, unit)
        expect(spans).toHaveLength(1)
        const [start, end] = spans[0]!
        expect(start).toBeGreaterThanOrEqual(made.start)
        expect(end).toBeLessThanOrEqual(made.end)
        expect(start).toBeLessThanOrEqual(made.units[unit]!.start)
        expect(end).toBeGreaterThanOrEqual(made.units[unit]!.end)
        expect(made.units.map((one) => one.start)).toContain(start)
        expect(made.units.map((one) => one.end)).toContain(end)
        expect(quoteOf(made.whole, spans)).toBe(made.whole.slice(start, end))
      }),
    )
  })

  it('grow no further than can be read at a glance', () => {
    fc.assert(
      fc.property(anyPassage, fc.nat(), (made, pick) => {
        const unit = pick % made.units.length
        const [[start, end]] = quoteSpans(made, unit) as [readonly [number, number]]
        const alone = made.units[unit]!.end - made.units[unit]!.start
        expect(end - start).toBeLessThanOrEqual(Math.max(320, alone))
      }),
    )
  })

  it('of a sentence take the sentences after it on its line, not those before or on the next', () => {
    const made = passage('paragraph', [['One.', 'Two.', 'Three.'], ['Next line.']])
    expect(quoteOf(made.whole, quoteSpans(made, 1))).toBe('Two. Three.')
    expect(quoteOf(made.whole, quoteSpans(made, 3))).toBe('Next line.')
  })

  it('of an answer take the whole of it', () => {
    const made = passage('qa', [['Yes.', 'It costs £5.', 'Call us.']])
    expect(quoteOf(made.whole, quoteSpans(made, 1))).toBe('Yes. It costs £5. Call us.')
  })

  it('of a table row put the header before it', () => {
    const whole = 'Service\tFee\nCopy\t£3\nCard\t£5'
    const header: [number, number] = [0, whole.indexOf('\n')]
    const units = ['Copy\t£3', 'Card\t£5'].map((row) => ({
      start: whole.indexOf(row),
      end: whole.indexOf(row) + row.length,
      header,
    }))
    expect(quoteOf(whole, quoteSpans({ kind: 'table', text: whole, start: 0, units }, 1))).toBe(
      'Service\tFee · Card\t£5',
    )
  })
})

describe('the share of a question’s words', () => {
  it.each([
    [terms('fee'), 'The fee is £5', 1],
    [terms('fee'), 'Coffee is free', 0],
    [terms('polici'), 'our policies', 1],
    [terms('polici'), 'our policy', 1],
    [terms('fee', 'abroad'), 'a fee at home', 0.5],
    [[], 'anything', 0],
    [
      [
        { term: 'fee', weight: 3 },
        { term: 'late', weight: 1 },
      ],
      'late',
      0.25,
    ],
    [terms('手续'), '账户手续费', 1],
    [terms('手续'), '帳戶手續費', 1],
  ])('%j in %s is %f', (words, text, share) => {
    const coverage = createCoverage(words)
    expect(coverage.share(coverage.heldBy(text))).toBe(share)
  })
})

describe('how much of a text a question explains', () => {
  const words = createCoverage(terms('card', 'polici'))
  it.each([
    ['What does the card do?', 1],
    ['Card abroad', 4 / 10],
    ['What is it?', 0],
  ])('%s: %f', (text, share) => expect(words.explains(text)).toBeCloseTo(share))
})

describe('a choice', () => {
  const candidate = (id: number, sentences: readonly string[], score: number): Candidate => {
    const made = passage(
      'paragraph',
      sentences.map((sentence) => [sentence]),
    )
    const unitCosines = Float32Array.from(sentences, (_, i) => (i === 0 ? 0 : 1))
    return {
      ...made,
      id,
      doc: `d${id}`,
      ver: 1,
      heading: 'Fees › Card fees abroad',
      unitCosines,
      unitMatches: unitCosines,
      score,
      dense: score,
      keyword: score,
    }
  }
  const question = { text: 'what is the fee?', terms: terms('fee') }
  /** Believes what it is told of the first feature. */
  const first: Scorer = async (rows) => rows.map(([value = 0]) => 1 / (1 + Math.exp(-4 * value)))

  it('knows a passage whose heading is the question', () => {
    const question = { text: 'What are the card fees abroad?', terms: terms('card', 'fee', 'abroad') }
    const matchOf = (kind: Candidate['kind'], asked = question) =>
      spanRows(asked, [{ ...candidate(1, ['They are free.'], 1), kind }])[0]?.headingMatch
    expect(matchOf('qa')).toBe(1)
    expect(matchOf('paragraph')).toBe(0)
    expect(matchOf('qa', { ...question, terms: terms('card', 'lost') })).toBeCloseTo((1 / 2) * (4 / 14))
  })

  it('is made once a passage, best first, and holds the very text that the index knows', async () => {
    const candidates = [candidate(1, ['Nothing.', 'The fee is £5.'], 0.9), candidate(2, ['The fee is £6.'], 0.5)]
    const choices = await chooseSpans(question, candidates, first, first)
    expect(choices.map(({ passage: id }) => id)).toEqual([1, 2])
    expect(choices.map(({ indexed }) => indexed)).toEqual(['The fee is £5.', 'The fee is £6.'])
    expect(choices[0]!.probability).toBeGreaterThan(choices[1]!.probability)
  })

  it('is none without a candidate', async () => {
    expect(await chooseSpans(question, [], first, first)).toEqual([])
  })

  it('never has a feature that is no number', async () => {
    const watched: Scorer = async (rows) => {
      for (const row of rows) expect(row.every(Number.isFinite)).toBe(true)
      return rows.map(() => 0)
    }
    await chooseSpans({ ...question, terms: [] }, [candidate(1, ['x'], 0)], watched, watched)
    await chooseSpans(question, [{ ...candidate(1, ['x', 'y'], 0), unitCosines: undefined }], watched, watched)
  })
})
