import { answerRows, bestPerPassage, type Candidate, type Question, quoteSpans, spanRows } from '../answers/spans.ts'
import type { Encoder } from '../embedding/encoder.ts'
import { mean } from '../math/statistics.ts'
import { fitScorer, packAnswerable, scoresOf } from '../models/answerable.ts'
import type { Artifact } from '../models/service.ts'
import type { Retriever } from '../retrieval/retriever.ts'
import { languageOf } from '../text/language.ts'
import { synonymsIn } from '../text/synonyms.ts'
import { candidatesOf, questionOf } from './ask.ts'
import type { JudgedQuestion } from './golden.ts'
import type { OnProgress } from './tasks.ts'

type SpanRow = ReturnType<typeof spanRows>[number]

/** A question looked up in the index, with every span that could be quoted and whether it answers. */
interface Case {
  readonly question: Question
  readonly candidates: readonly Candidate[]
  readonly rows: SpanRow[]
  readonly right: readonly number[]
}

/** What the first choice for a question turned out to be. */
interface Verdict {
  readonly probability: number
  readonly right: boolean
  readonly answerable: boolean
}

const folds = 5
const l2 = 0.003
/** The share of answers that must be right, on questions the models were not fitted to. */
const wantedPrecision = 0.95
/** Below this share of the answer threshold a message has no topic. */
const topicShare = 0.4

/**
 * Fit the two scorers of `answerable`. Every probability that thresholds and metrics come from is out of fold: spans are
 * scored by a model that has not seen the question, and so are answers (stacking, Wolpert 1992).
 * @param strangers texts that no document answers.
 */
export async function trainAnswerable(
  { encoder, retriever }: { encoder: Encoder; retriever: Retriever },
  judged: readonly JudgedQuestion[],
  strangers: readonly string[],
  today: string,
  onProgress: OnProgress,
): Promise<Artifact> {
  const all: JudgedQuestion[] = [
    ...judged,
    ...strangers.map((text, i) => ({ id: `stranger-${i}`, text, answerable: false })),
  ]
  const cases: Case[] = []
  for (const [i, one] of all.entries()) {
    onProgress((0.8 * i) / all.length, 'looking up judged questions')
    cases.push(await lookUp(encoder, retriever, one, today))
  }
  const spanScores = await outOfFold(
    cases,
    (part) => part.flatMap(({ rows }) => rows.map(({ features }) => features)),
    labelsOf,
  )
  const bests = cases.map(({ rows }, i) => {
    rows.forEach((row, j) => {
      row.score = spanScores[i]![j]!
    })
    return bestPerPassage(rows)
  })
  const stacked = cases.map(({ question, candidates, rows, right }, i) => ({
    rows: candidates.length === 0 ? [] : answerRows(question, candidates, bests[i]!),
    right: bests[i]!.map((best) => right[rows.indexOf(best)]!),
  }))
  const answerScores = await outOfFold(
    stacked,
    (part) => part.flatMap(({ rows }) => rows),
    (part) => part.flatMap(({ right }) => right),
  )
  onProgress(0.9, 'fitting')
  const verdicts = judged.map((one, i): Verdict => verdictOf(one, answerScores[i]!, stacked[i]!.right))
  const answer = thresholdFor(verdicts)
  const spanModel = await fitScorer(
    cases.flatMap(({ rows }) => rows.map(({ features }) => features)),
    labelsOf(cases),
    l2,
  )
  const answerModel = await fitScorer(
    stacked.flatMap(({ rows }) => rows),
    stacked.flatMap(({ right }) => right),
    l2,
  )
  return packAnswerable(spanModel, answerModel, {
    thresholds: { answer, topic: answer * topicShare },
    metrics: metricsAt(verdicts, answer),
  })
}

const labelsOf = (cases: readonly Case[]): number[] => cases.flatMap(({ right }) => right)

async function lookUp(
  encoder: Encoder,
  retriever: Retriever,
  { text, gold = [], asOf }: JudgedQuestion,
  today: string,
): Promise<Case> {
  const lang = languageOf(text) ?? 'en'
  const vector = await encoder.encode(text, 'query')
  const question = questionOf(retriever, text, vector)
  const scope = { role: 'customer' as const, day: asOf ?? today }
  const candidates = candidatesOf(
    retriever,
    retriever.search({ vector, text, synonyms: synonymsIn(text), lang, scope, k: 16, mode: 'hybrid' }),
  )
  const rows = spanRows(question, candidates)
  return {
    question,
    candidates,
    rows,
    right: rows.map(({ candidate, unit }) => (answers(candidate, unit, gold) ? 1 : 0)),
  }
}

/** The span that would be quoted for this unit overlaps a passage that was judged to answer. */
function answers(candidate: Candidate, unit: number, gold: NonNullable<JudgedQuestion['gold']>): boolean {
  return gold.some(({ doc, text }) => {
    if (doc !== candidate.doc) return false
    if (text === undefined) return true
    const at = candidate.text.indexOf(text)
    if (at < 0) return false
    const [from, to] = [candidate.start + at, candidate.start + at + text.length]
    return quoteSpans(candidate, unit).some(([start, end]) => start < to && end > from)
  })
}

/** Scores of every part by a model fitted to the other folds' parts. */
async function outOfFold<P>(
  parts: readonly P[],
  rowsOf: (part: readonly P[]) => Float32Array[],
  labels: (part: readonly P[]) => number[],
): Promise<number[][]> {
  const scores: number[][] = parts.map(() => [])
  for (let fold = 0; fold < folds; fold++) {
    const seen = parts.filter((_, i) => i % folds !== fold)
    const model = await fitScorer(rowsOf(seen), labels(seen), l2)
    for (let i = fold; i < parts.length; i += folds) scores[i] = await scoresOf(model, rowsOf([parts[i]!]))
  }
  return scores
}

function verdictOf({ answerable }: JudgedQuestion, scores: readonly number[], right: readonly number[]): Verdict {
  const first = scores.reduce((best, score, i) => (score > (scores[best] ?? -1) ? i : best), 0)
  return { probability: scores[first] ?? 0, right: right[first] === 1, answerable }
}

/** The lowest threshold from which on the wanted share of answers is right; without any, the highest probability seen. */
function thresholdFor(verdicts: readonly Verdict[]): number {
  const sorted = [...verdicts].sort((a, b) => b.probability - a.probability)
  let [right, best] = [0, sorted[0]?.probability ?? 1]
  sorted.forEach((verdict, i) => {
    if (verdict.right) right++
    if (right / (i + 1) >= wantedPrecision) best = verdict.probability
  })
  return best
}

function metricsAt(verdicts: readonly Verdict[], threshold: number): Record<string, number> {
  const answered = verdicts.filter(({ probability }) => probability >= threshold)
  const answerable = verdicts.filter((verdict) => verdict.answerable)
  const share = (part: readonly Verdict[], is: (verdict: Verdict) => boolean) =>
    mean(part.map((verdict) => (is(verdict) ? 1 : 0)))
  return {
    questions: verdicts.length,
    precision: share(answered, ({ right }) => right),
    coverage: share(answerable, ({ probability }) => probability >= threshold),
    firstRight: share(answerable, ({ right }) => right),
  }
}
