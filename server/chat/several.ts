import { templateLang } from '../answers/templates.ts'
import type { AskJob, AskResult } from '../engine/jobs.ts'
import type { IsoDate } from '../storage/types.ts'
import { standAloneQuestion } from '../text/follow-up.ts'
import { questionsIn } from '../text/questions.ts'
import type { DatedQuotes } from './compose.ts'
import { type Asked, type createEvidence, type Evidence, firstJob } from './evidence.ts'
import { datedQuotes, type Found, isForeign } from './quotes.ts'
import type { Background } from './receipt.ts'

/** A message that asks more than one thing, question by question. */
export interface Several {
  /** As they were looked up, in the order of the message. */
  readonly questions: readonly string[]
  /** What answers, the most urgent first; at least one. */
  readonly answered: readonly Found[]
  /** Questions that no text answers. */
  readonly missed: number
}

interface SeveralParts extends Pick<ReturnType<typeof createEvidence>, 'evidenceFor' | 'changeAhead'> {
  readonly ask: (job: AskJob) => Promise<AskResult>
}

/** Looks the questions of a message up one by one. */
export function createSeveral({ ask, evidenceFor, changeAhead }: SeveralParts) {
  async function find(asked: Asked): Promise<Found> {
    const understood = await ask(firstJob(asked))
    const evidence = await evidenceFor(asked, understood)
    return { understood, ...evidence, ahead: await changeAhead(asked, understood, evidence) }
  }

  /** @returns undefined if the message asks one thing, or nothing that a text answers. */
  return async (request: Asked & Pick<Background, 'state'>): Promise<Several | undefined> => {
    const questions: string[] = []
    for (const text of questionsIn(request.text))
      questions.push(standAloneQuestion(text, questions.at(-1) ?? request.state.question))
    if (questions.length < 2) return undefined
    const found = await Promise.all(questions.map((text) => find({ ...request, text })))
    const answered = withoutRepeats(found.filter(isAnswered))
    if (answered.length === 0) return undefined
    const missed = found.filter((one) => !isAnswered(one)).length
    return { questions, answered: answered.toSorted((a, b) => haste(a) - haste(b)), missed }
  }
}

const isAnswered = ({ quotable: [best], understood }: Found): boolean =>
  best !== undefined && best.probability >= understood.thresholds.answer

/** Two questions that the same words answer are answered once. */
const withoutRepeats = (found: readonly Found[]): Found[] =>
  found.filter(({ quotable: [best] }, i) =>
    found.slice(0, i).every(({ quotable: [other] }) => other!.indexed !== best!.indexed || other!.doc !== best!.doc),
  )

const haste = ({ understood: { sentiment } }: Found): number =>
  sentiment.label === 'urgent' ? 0 : sentiment.label === 'negative' ? 1 : 2

/** One quote for each question, with one numbering. */
export function quotesOf({ answered }: Several, day: IsoDate): DatedQuotes[] {
  let first = 1
  return answered.map((one) => {
    const dated = datedQuotes(one, day, { first, most: 1 })
    const quotes = { ...dated, isForeign: isForeign(one, templateLang(one.understood.lang)) }
    first += quotes.cites.length + (quotes.ahead ? 1 : 0)
    return quotes
  })
}

/** All that was looked at, for the receipt. */
export function together({ answered }: Several): Pick<Evidence, 'choices' | 'quotable' | 'lost'> {
  return {
    choices: answered.flatMap(({ choices }) => choices),
    quotable: answered.flatMap(({ quotable }) => quotable),
    lost: [...new Set(answered.flatMap(({ lost }) => lost))],
  }
}

/** An answer of several quotes is as sure as the least sure of them. */
export const leastSure = ({ answered }: Several): number =>
  Math.min(...answered.map(({ quotable: [best] }) => best?.probability ?? 0))
