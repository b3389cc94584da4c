import {
  answerRows,
  bestPerPassage,
  type Candidate,
  type Question,
  questionIn,
  quoteSpans,
  secondQuoteShare,
  spanRows,
} from '../answers/spans.ts'
import { createRandom, shuffled } from '../math/random.ts'
import { dot } from '../math/vectors.ts'
import { directionOf, fitInteraction, type Interaction, type RankedRows } from '../models/algorithms/interaction.ts'
import { calibrate, calibrated, fitScorer, packAnswerable, scoresOf } from '../models/answerable.ts'
import type { Verdict } from '../models/reliability.ts'
import type { Artifact } from '../models/service.ts'
import type { LinearModel } from '../models/training.ts'
import type { JudgedQuestion } from './golden.ts'
import { candidatePassages, candidatesOf, type Library, lookUp, questionOf } from './look-up.ts'
import type { OnProgress } from './tasks.ts'

type SpanRow = ReturnType<typeof spanRows>[number]

/** A question looked up in the index, with every span that could be quoted and whether it answers. */
interface Case {
  readonly question: Question
  readonly vector: Float32Array
  readonly candidates: readonly Candidate[]
  /** Per candidate the vectors of its units. */
  readonly units: readonly (readonly Float32Array[])[]
  readonly rows: SpanRow[]
  readonly right: readonly number[]
}

/** Rows of features and what they turned out to be, 1 or 0; one question's. */
interface Labelled {
  readonly features: Float32Array[]
  readonly right: readonly number[]
  /** The document of each row. */
  readonly docs: readonly string[]
}

const folds = 5
const seed = 1
/** Enough to learn what a heading is worth; all of them would drown the hard questions, and did. */
const maxOwnQuestions = 40
const l2 = 0.003

export interface Judged {
  /** Questions to fit to. */
  readonly train: readonly JudgedQuestion[]
  /** Texts that no document answers, to fit to as well. */
  readonly strangers: readonly string[]
  /** Questions to calibrate with; without any, those of `train` out of fold. */
  readonly validation: readonly JudgedQuestion[]
}

/**
 * Fit the interaction and the two scorers of `answerable`, then calibrate the second one. The second scorer learns from what
 * the first says of questions that it has not seen (stacking, Wolpert 1992), and so does the calibration.
 */
export async function trainAnswerable(
  library: Library,
  { train, strangers, validation }: Judged,
  today: string,
  onProgress: OnProgress,
): Promise<Artifact> {
  const unheard = strangers.map((text, i): JudgedQuestion => ({ id: `stranger-${i}`, text, answerable: false }))
  const own = questionsOfDocuments(library, today)
  const all = [...train, ...own, ...unheard, ...validation]
  const cases: Case[] = []
  const unitsOf = unitReader(library)
  for (const [i, one] of all.entries()) {
    onProgress((0.8 * i) / all.length, 'looking up judged questions')
    cases.push(await caseOf(library, unitsOf, one, today))
  }
  const others = cases.splice(train.length + own.length + strangers.length)
  onProgress(0.8, 'fitting')
  const matched = await matchOutOfFold(cases, (share) => onProgress(0.8 + 0.15 * share, 'fitting'))
  const spans = matched.map(labelledOf)
  const answers = stack(matched, await outOfFold(spans))
  const models = {
    interaction: await interactionOf(cases),
    span: await fitAll(spans),
    answer: await fitAll(answers),
  }
  const unseen =
    validation.length > 0
      ? { questions: validation, ...(await scoredBy(models, others)) }
      : { questions: train, answers, scores: await outOfFold(answers) }
  const calibration = await calibrate(verdictsOf(unseen))
  const scores = unseen.scores.map((row) => row.map((score) => calibrated(calibration, score)))
  const verdicts = verdictsOf({ ...unseen, scores })
  return packAnswerable(models.interaction, models.span, models.answer, { calibration, verdicts })
}

/**
 * Questions that documents ask themselves, and answer. Judged questions are hard, as easy ones would tell nothing; without
 * these the scorers would doubt the very words of a list of questions and answers.
 */
function questionsOfDocuments({ retriever }: Library, day: string): JudgedQuestion[] {
  const records = retriever.visible({ role: 'customer', day }).map((id) => retriever.read(id, []).record)
  const asked = records.filter(
    ({ kind, lang, heading }) => kind === 'qa' && lang !== 'zh' && questionIn(heading) !== '',
  )
  return shuffled(asked, createRandom(seed))
    .slice(0, maxOwnQuestions)
    .map(({ id, doc, heading }) => ({
      id: `own-${id}`,
      text: questionIn(heading),
      answerable: true,
      gold: [{ doc }],
    }))
}

interface Models {
  readonly interaction: Interaction
  readonly span: LinearModel
  readonly answer: LinearModel
}

interface Scored {
  readonly answers: readonly Labelled[]
  /** Per question one probability per row of its `answers`. */
  readonly scores: readonly (readonly number[])[]
}

/** What the finished models make of questions that none of them has seen. */
async function scoredBy({ interaction, span, answer }: Models, cases: readonly Case[]): Promise<Scored> {
  const matched = cases.map((one) => withMatches(one, interaction))
  const each = (model: LinearModel, parts: readonly Labelled[]) =>
    Promise.all(parts.map(({ features }) => scoresOf(model, features)))
  const answers = stack(matched, await each(span, matched.map(labelledOf)))
  return { answers, scores: await each(answer, answers) }
}

const verdictsOf = ({ questions, answers, scores }: Scored & { readonly questions: readonly JudgedQuestion[] }) =>
  questions.map(({ answerable }, i): Verdict => verdictOf(answerable, scores[i]!, answers[i]!))

const labelledOf = ({ rows, right }: Case): Labelled => ({
  features: rows.map(({ features }) => features),
  docs: rows.map(({ candidate }) => candidate.doc),
  right,
})

async function caseOf(
  library: Library,
  unitsOf: UnitReader,
  { text, gold = [], asOf }: JudgedQuestion,
  today: string,
): Promise<Case> {
  const scope = { role: 'customer' as const, day: asOf ?? today }
  const found = await lookUp(library, text, scope, candidatePassages, 'hybrid')
  const question = questionOf(library, found)
  const { vector } = found
  // Nothing matches yet: the interaction is learned from these cases.
  const candidates = candidatesOf(library, found, new Float32Array(vector.length))
  const units = candidates.map(({ id }) => unitsOf(id))
  const rows = spanRows(question, candidates)
  const right = rows.map(({ candidate, unit }) => (isAnswer(candidate, unit, gold) ? 1 : 0))
  return { question, vector, candidates, units, rows, right }
}

/** The vectors of a passage's units. */
type UnitReader = (id: number) => readonly Float32Array[]

/** Each passage is a candidate of many questions, and read once. */
function unitReader({ retriever, encoder }: Library): UnitReader {
  const known = new Map<number, readonly Float32Array[]>()
  return (id) => {
    const read = known.get(id) ?? rowsOf(retriever.unitVectors(id), encoder.dimension)
    known.set(id, read)
    return read
  }
}

const rowsOf = (matrix: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: matrix.length / width }, (_, i) => matrix.subarray(i * width, (i + 1) * width))

const interactionOf = async (cases: readonly Case[]): Promise<Interaction> =>
  fitInteraction(cases.map(rankedRows), seed)

function rankedRows({ vector, candidates, units, rows, right }: Case): RankedRows {
  const at = new Map(candidates.map(({ id }, i) => [id, i]))
  const vectors = rows.map(({ candidate, unit }) => units[at.get(candidate.id)!]![unit]!)
  return { question: vector, features: rows.map(({ features }) => features), vectors, right }
}

/** Every case with its spans' matches, by an interaction that was learned from the other folds' cases. */
async function matchOutOfFold(cases: readonly Case[], onShare: (share: number) => void): Promise<Case[]> {
  const matched: Case[] = []
  for (let fold = 0; fold < folds; fold++) {
    const interaction = await interactionOf(cases.filter((_, i) => i % folds !== fold))
    for (let i = fold; i < cases.length; i += folds) matched[i] = withMatches(cases[i]!, interaction)
    onShare((fold + 1) / folds)
  }
  return matched
}

function withMatches(one: Case, interaction: Interaction): Case {
  const direction = directionOf(interaction, one.vector)
  const candidates = one.candidates.map((candidate, i) => ({
    ...candidate,
    unitMatches: Float32Array.from(one.units[i]!, (unit) => dot(direction, unit)),
  }))
  return { ...one, candidates, rows: spanRows(one.question, candidates) }
}

/** The span that would be quoted for this unit overlaps a passage that was judged to answer. */
function isAnswer(candidate: Candidate, unit: number, gold: NonNullable<JudgedQuestion['gold']>): boolean {
  return gold.some(({ doc, text }) => {
    if (doc !== candidate.doc) return false
    if (text === undefined) return true
    const at = candidate.text.indexOf(text)
    if (at < 0) return false
    const [from, to] = [candidate.start + at, candidate.start + at + text.length]
    return quoteSpans(candidate, unit).some(([start, end]) => start < to && end > from)
  })
}

/** Rows of the second scorer: the best span of each passage, as the first one scored it. */
function stack(cases: readonly Case[], spanScores: readonly number[][]): Labelled[] {
  return cases.map(({ question, candidates, rows, right }, i) => {
    const scored = rows.map((row, j) => ({ ...row, score: spanScores[i]![j]! }))
    const best = bestPerPassage(scored)
    return {
      features: best.length === 0 ? [] : answerRows(question, candidates, best),
      docs: best.map(({ candidate }) => candidate.doc),
      right: best.map((row) => right[scored.indexOf(row)]!),
    }
  })
}

const fitAll = (parts: readonly Labelled[]) =>
  fitScorer(
    parts.flatMap(({ features }) => features),
    parts.flatMap(({ right }) => right),
    l2,
  )

/** Scores of every part by a model fitted to the other folds' parts. */
async function outOfFold(parts: readonly Labelled[]): Promise<number[][]> {
  const scores: number[][] = parts.map(() => [])
  for (let fold = 0; fold < folds; fold++) {
    const model = await fitAll(parts.filter((_, i) => i % folds !== fold))
    for (let i = fold; i < parts.length; i += folds) scores[i] = await scoresOf(model, parts[i]!.features)
  }
  return scores
}

function verdictOf(answerable: boolean, scores: readonly number[], { docs, right }: Labelled): Verdict {
  const ranked = scores
    .map((score, row) => ({ score, right: right[row] === 1, doc: docs[row]! }))
    .sort((a, b) => b.score - a.score)
  const [first] = ranked
  const second = ranked.find(({ doc, score }) => doc !== first?.doc && score >= (first?.score ?? 1) * secondQuoteShare)
  return { probability: first?.score ?? 0, right: (first?.right ?? false) || (second?.right ?? false), answerable }
}
