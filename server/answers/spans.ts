import type { QuoteUnit } from '../storage/types.ts'
import { quoteOf, type Span } from './citations.ts'
import { type Coverage, createCoverage } from './coverage.ts'

/** A passage that may hold the answer, as plain data. */
export interface Candidate {
  readonly id: number
  readonly doc: string
  readonly ver: number
  readonly kind: 'paragraph' | 'list' | 'table' | 'qa'
  readonly heading: string
  /** The passage's text and where it starts in the version's canonical text; units use the version's coordinates. */
  readonly text: string
  readonly start: number
  readonly units: readonly QuoteUnit[]
  /** Cosine of each unit with the question; undefined where no encoder knows both languages: then words alone count. */
  readonly unitCosines: Float32Array | undefined
  /** How much each unit looks like what answers such questions (see models/algorithms/interaction), unbounded. */
  readonly unitMatches: Float32Array
  readonly score: number
  readonly dense: number
  readonly keyword: number
}

/** The question as the span chooser sees it. */
export interface Question {
  readonly text: string
  /** Analysed terms with their weight (BM25 idf, ≥ 0); 0 for a term that no document has. */
  readonly terms: readonly { readonly term: string; readonly weight: number }[]
}

/** What a text may be quoted for. */
export interface SpanChoice {
  readonly passage: number
  readonly doc: string
  readonly ver: number
  /** Half-open, UTF-16 units of the version's canonical text; a table's header row comes before the row. */
  readonly spans: readonly Span[]
  /** The text of the last span as the index knows it; compared with the store before it leaves. */
  readonly indexed: string
  /** Of the passage, as it was ranked. */
  readonly score: number
  readonly dense: number
  readonly keyword: number
  /** That this span answers the question, 0 to 1. */
  readonly probability: number
}

/** A second quote, from another document, is shown with the first if it is at least this share as probable. */
export const secondQuoteShare = 0.5

/** Scores rows of features, each row in the order of the names; a trained head or a fixture. */
export type Scorer = (rows: readonly Float32Array[]) => Promise<readonly number[]>

export const spanFeatures = [
  'unitCosine',
  'unitCoverage',
  'headingCoverage',
  'jointCoverage',
  'passageCoverage',
  'passageCosine',
  'passageKeyword',
  'passageLag',
  'unitLag',
  'numberWanted',
  'hasNumber',
  'isTable',
  'isQa',
  'isList',
  'position',
  'length',
  'isFirst',
  'headingMatch',
  'match',
  'matchLag',
] as const

export const answerFeatures = [
  'span',
  'spanMargin',
  'passageCosine',
  'passageKeyword',
  'passageMargin',
  'unitCosine',
  'jointCoverage',
  'fullCoverage',
  'agreement',
  'isDensest',
  'isWordiest',
  'questionTerms',
  'unknownTerms',
  'bestCosine',
  'bestKeyword',
  'isQa',
  'isBest',
  'match',
  'matchLag',
  'bestMatch',
  'spansExpected',
  'headingMatch',
] as const

interface Scored {
  readonly candidate: Candidate
  readonly unit: number
  readonly cosine: number
  readonly jointCoverage: number
  readonly match: number
  /** How far the question is the one that the passage answers by its heading, 0 to 1. */
  readonly headingMatch: number
  readonly features: Float32Array
  score: number
}

/** Passages looked into, and units of each that are looked at closely: the nearest by vector. */
const maxPassages = 16
const maxUnits = 6
/** Weight of a term that no document has, beside idf values of mostly 3 to 6: what is asked for may not be here at all. */
const unknownWeight = 3
/** A quote grows by neighbouring sentences up to so many characters. */
const quoteChars = 320
const wantsNumber =
  /\b(how (much|many|long|old|often|soon|late|big|high)|what (fee|rate|charge|cost|limit|interest|time)|when|cost|price|percent|fee|fees|charge|deadline|limit)\b|多少|几|多久/iu

/**
 * Choose what to quote: every unit of the best passages is scored, then the best span of each passage gets the probability
 * that it answers the question (two logistic models over the features named above).
 * @param candidates best passage first.
 * @returns one choice per passage, most probable first; empty without candidates.
 */
export async function chooseSpans(
  question: Question,
  candidates: readonly Candidate[],
  span: Scorer,
  answer: Scorer,
): Promise<SpanChoice[]> {
  const scored = spanRows(question, candidates)
  if (scored.length === 0) return []
  const scores = await span(scored.map(({ features }) => features))
  scored.forEach((row, i) => {
    row.score = scores[i]!
  })
  const best = bestPerPassage(scored)
  const probabilities = await answer(answerRows(question, candidates, best))
  return best
    .map((row, i) => choiceOf(row, probabilities[i]!))
    .sort((a, b) => b.probability - a.probability || a.passage - b.passage)
}

/** Features of every unit worth a look. Exported for training. */
export function spanRows(question: Question, candidates: readonly Candidate[]): Scored[] {
  const rows = unitRows(question, candidates)
  const best = Math.max(...rows.map(({ match }) => match))
  for (const { features, match } of rows) features.set([match, best - match], spanFeatures.length - 2)
  return rows
}

/** All but the last two features, which need all rows. */
function unitRows(question: Question, candidates: readonly Candidate[]): Scored[] {
  const top = candidates[0]?.score ?? 0
  const bestKeyword = Math.max(1e-6, ...candidates.map(({ keyword }) => keyword))
  const number = wantsNumber.test(question.text) ? 1 : 0
  const words = createCoverage(question.terms)
  return candidates.slice(0, maxPassages).flatMap((candidate, rank) => {
    const heading = words.heldBy(candidate.heading)
    const inHeading = words.share(heading)
    const headingMatch = candidate.kind === 'qa' ? inHeading * words.explains(questionIn(candidate.heading)) : 0
    const inPassage = words.share(heading, words.heldBy(candidate.text))
    const passage = [candidate.dense, candidate.keyword / bestKeyword, top - candidate.score]
    const nearest = nearestUnits(candidate, words)
    const kind = kindFlags(candidate.kind)
    return nearest.map(({ unit, cosine }) => {
      const text = unitText(candidate, unit)
      const held = words.heldBy(text)
      const jointCoverage = words.share(heading, held)
      const features = new Float32Array(spanFeatures.length)
      // In the order of the names.
      features.set([cosine, words.share(held), inHeading, jointCoverage, inPassage])
      features.set(passage, 5)
      const digits = /\d/.test(text) ? 1 : 0
      features.set([nearest[0]!.cosine - cosine, number * digits, digits], 8)
      features.set(kind, 11)
      features.set([Math.min(unit, 10) / 10, Math.log1p(text.length) / 6, rank === 0 ? 1 : 0, headingMatch], 14)
      const match = candidate.unitCosines ? candidate.unitMatches[unit]! : 0
      return { candidate, unit, cosine, jointCoverage, match, headingMatch, features, score: 0 }
    })
  })
}

/** What a passage of questions and answers is asked: the last part of its headings. */
export const questionIn = (heading: string): string => heading.split(' › ').at(-1) ?? ''

const kindFlags = (kind: Candidate['kind']): number[] => [
  kind === 'table' ? 1 : 0,
  kind === 'qa' ? 1 : 0,
  kind === 'list' ? 1 : 0,
]

/** Features of the best span of each passage against the others. Exported for training. */
export function answerRows(
  question: Question,
  candidates: readonly Candidate[],
  best: readonly Scored[],
): Float32Array[] {
  const sure = best.map(({ score }) => logit(score))
  const [first = 0, second = first] = [...sure].sort((a, b) => b - a)
  const densest = candidates.reduce((a, b) => (b.dense > a.dense ? b : a))
  const wordiest = candidates.reduce((a, b) => (b.keyword > a.keyword ? b : a))
  const [known, unknown] = [
    question.terms.filter(({ weight }) => weight > 0),
    question.terms.filter(({ weight }) => weight === 0),
  ]
  const weight = known.reduce((sum, term) => sum + term.weight, 0)
  const knownShare = weight / Math.max(1e-6, weight + unknownWeight * unknown.length)
  const bestMatch = Math.max(...best.map(({ match }) => match))
  const expected = best.reduce((sum, { score }) => sum + score, 0)
  return best.map(({ candidate, cosine, jointCoverage, match, headingMatch }, i) => {
    const rival = Math.max(0, ...candidates.filter(({ id }) => id !== candidate.id).map(({ score }) => score))
    const isBest = sure[i] === first
    return Float32Array.of(
      ...[sure[i]!, sure[i]! - (isBest ? second : first), candidate.dense, Math.log1p(candidate.keyword)],
      ...[candidate.score - rival, cosine, jointCoverage, jointCoverage * knownShare],
      ...[
        densest.id === wordiest.id ? 1 : 0,
        densest.id === candidate.id ? 1 : 0,
        wordiest.id === candidate.id ? 1 : 0,
      ],
      ...[Math.min(known.length, 12) / 12, 1 - knownShare, densest.dense, Math.log1p(wordiest.keyword)],
      ...[candidate.kind === 'qa' ? 1 : 0, isBest ? 1 : 0],
      ...[match, bestMatch - match, bestMatch, expected, headingMatch],
    )
  })
}

const logit = (probability: number): number => {
  const inside = Math.min(1 - 1e-4, Math.max(1e-4, probability))
  return Math.log(inside / (1 - inside))
}

/** The best unit of each passage, in the order of the passages. Exported for training. */
export function bestPerPassage(scored: readonly Scored[]): Scored[] {
  const best = new Map<number, Scored>()
  for (const row of scored) {
    const known = best.get(row.candidate.id)
    if (!known || row.score > known.score) best.set(row.candidate.id, row)
  }
  return [...best.values()]
}

/** The units nearest to the question, by vector or, where that means nothing, by words. */
function nearestUnits(candidate: Candidate, words: Coverage): { unit: number; cosine: number }[] {
  const { units, unitCosines } = candidate
  const near = (unit: number): number =>
    unitCosines ? unitCosines[unit]! : words.share(words.heldBy(unitText(candidate, unit)))
  return units
    .map((_, unit) => ({ unit, cosine: near(unit) }))
    .sort((a, b) => b.cosine - a.cosine || a.unit - b.unit)
    .slice(0, maxUnits)
}

const unitText = ({ text, start, units }: Candidate, unit: number): string =>
  text.slice(units[unit]!.start - start, units[unit]!.end - start)

function choiceOf({ candidate, unit }: Scored, probability: number): SpanChoice {
  const { id: passage, doc, ver, start, score, dense, keyword } = candidate
  const spans = quoteSpans(candidate, unit)
  const [from, to] = spans.at(-1)! // never empty; a header row may stand outside this passage, the row itself never does
  const indexed = quoteOf(candidate.text, [[from - start, to - start]])
  return { passage, doc, ver, spans, indexed, score, dense, keyword, probability }
}

/**
 * Grow one unit to what can be read alone. A table row brings its header, an answer is quoted whole, a sentence brings the
 * sentences after it on the same line and a list item its neighbours while the quote stays short.
 */
export function quoteSpans(
  { kind, units, text, start }: Pick<Candidate, 'kind' | 'units' | 'text' | 'start'>,
  unit: number,
): Span[] {
  const chosen = units[unit]!
  if (chosen.header)
    return [
      [chosen.header[0], chosen.header[1]],
      [chosen.start, chosen.end],
    ]
  let [first, last] = [unit, unit]
  const size = (from: number, to: number): number => units[to]!.end - units[from]!.start
  // Only what stands on the same line, or in the same list or answer, belongs together.
  const joined = (a: number, b: number): boolean => {
    const between = text.slice(units[a]!.end - start, units[b]!.start - start)
    return !units[b]!.header && (kind === 'paragraph' ? !between.includes('\n') : !between.includes('\n\n'))
  }
  while (last + 1 < units.length && joined(last, last + 1) && size(first, last + 1) <= quoteChars) last++
  const whole = kind === 'qa' || kind === 'list'
  while (whole && first > 0 && joined(first - 1, first) && size(first - 1, last) <= quoteChars) first--
  return [[units[first]!.start, units[last]!.end]]
}
