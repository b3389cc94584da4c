import { quoteOf } from '../answers/citations.ts'
import { type Responder, type Response, standAlone } from '../chat/responder.ts'
import { customerTurns, type JudgedQuestion } from '../engine/golden.ts'
import { withIntervals } from '../evaluation/bootstrap.ts'
import { auroc, expectedCalibrationError } from '../evaluation/classification-metrics.ts'
import { mean } from '../math/statistics.ts'
import { redact } from '../privacy/redact.ts'
import type { Citation } from '../protocol/events.ts'
import type { Documents } from '../storage/documents.ts'
import { standAloneOf } from '../text/follow-up.ts'

/** One question with what the assistant made of it; `right` and `verbatim` are judged from outside the answer. */
export interface AnsweredQuestion {
  readonly id: string
  readonly kind: Response['draft']['kind']
  readonly text: string
  readonly cites: Response['draft']['cites']
  readonly probability: number
  readonly intent: string
  readonly sentiment: string
  readonly reason?: string
  readonly answerable: boolean
  readonly right: boolean
  readonly quotes: number
  readonly verbatim: number
}

/** Questions under way at once, so that no engine waits for the one before. */
const lanes = 4

/** Ask every question as a customer would, after what was said before it and nothing else, and judge the answers. */
export async function evaluateAnswers(
  questions: readonly JudgedQuestion[],
  parts: { readonly responder: Responder; readonly documents: Documents; readonly today: string },
  onProgress: (share: number, what: string) => void,
) {
  const answered: AnsweredQuestion[] = new Array(questions.length)
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < questions.length; i = next++) {
      answered[i] = await answerOne(questions[i]!, parts)
      onProgress(i / questions.length, 'asking')
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return { rows: answered, figures: figuresOf(answered) }
}

async function answerOne(
  question: JudgedQuestion,
  { responder, documents, today }: { responder: Responder; documents: Documents; today: string },
): Promise<AnsweredQuestion> {
  const { id, answerable, gold = [] } = question
  const { text } = redact(question.text)
  const before = redact(standAloneOf(customerTurns(question.conversation))).text || undefined
  const { draft, probability } = await responder.respond(standAlone(text, 'customer', question.asOf ?? today, before))
  const { kind, cites, intent, sentiment, reason } = draft
  return {
    ...{ id, kind, text: draft.text, cites, probability, intent: intent.name, sentiment: sentiment.label, answerable },
    ...(await judge(cites, gold, documents)),
    quotes: cites.length,
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Whether a quote overlaps a judged passage, and how many quotes stand in the store as they were given. */
async function judge(cites: readonly Citation[], gold: NonNullable<JudgedQuestion['gold']>, documents: Documents) {
  let [right, verbatim] = [false, 0]
  for (const { doc, ver, spans, quote } of cites) {
    const stored = (await documents.version(doc, ver))?.text ?? ''
    if (spans.every(([, end]) => end <= stored.length) && quoteOf(stored, spans) === quote) verbatim++
    const named = gold.filter((one) => one.doc === withoutCollection(doc, one.doc))
    right ||= named.some(({ text }) => text === undefined || overlaps(stored, spans, text))
  }
  return { right, verbatim }
}

/** Judgements may name a row by its bare id, as evaluation corpora do. */
const withoutCollection = (doc: string, gold: string): string =>
  gold.includes('/') ? doc : (doc.split('#').at(-1) ?? doc)

function overlaps(text: string, spans: readonly (readonly [number, number])[], gold: string): boolean {
  for (let at = text.indexOf(gold); at >= 0; at = text.indexOf(gold, at + 1)) {
    if (spans.some(([start, end]) => start < at + gold.length && end > at)) return true
  }
  return false
}

function figuresOf(rows: readonly AnsweredQuestion[]) {
  const isAnswer = ({ kind }: AnsweredQuestion): boolean => kind === 'answer'
  const share = (part: readonly AnsweredQuestion[], is: (row: AnsweredQuestion) => boolean) =>
    mean(part.map((row) => (is(row) ? 1 : 0)))
  const rates = withIntervals(rows, (sample) => {
    const answers = sample.filter(isAnswer)
    const [yes, no] = [sample.filter(({ answerable }) => answerable), sample.filter(({ answerable }) => !answerable)]
    const quotes = sample.reduce((sum, row) => sum + row.quotes, 0)
    return {
      precision: share(answers, ({ right }) => right),
      coverage: share(yes, isAnswer),
      auroc: auroc(
        answers.map(({ probability }) => probability),
        answers.map(({ right }) => right),
      ),
      ece: expectedCalibrationError(
        answers.map(({ probability }) => probability),
        answers.map(({ right }) => right),
      ),
      verbatim: quotes === 0 ? 1 : sample.reduce((sum, row) => sum + row.verbatim, 0) / quotes,
      unanswerableRefused: share(no, (row) => !isAnswer(row)),
      answerableRefused: share(yes, (row) => !isAnswer(row)),
    }
  })
  return {
    n: rows.length,
    answered: rows.filter(isAnswer).length,
    abstained: rows.filter(({ kind }) => kind === 'abstain').length,
    ...rates,
  }
}
