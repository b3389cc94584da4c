import type { Completed } from '../protocol/events.ts'
import { standAloneQuestion } from '../text/follow-up.ts'
import { questionsIn } from '../text/questions.ts'
import type { Right } from '../text/rights-kinds.ts'

/** What the assistant remembers of a conversation between turns; all of it can be read back from the log. */
export interface DialogueState {
  /** Turns in a row that ended in clarify or abstain, small talk between them left out. */
  readonly failedTurns: number
  /** The last message was negative or urgent. */
  readonly moodBefore: boolean
  /** What was asked last, made to stand alone: what a follow-up refers to. */
  readonly question?: string
  /** Rights that the customer has invoked and nobody has settled yet; absent without any. */
  readonly cases?: readonly Right[]
}

export const freshState: DialogueState = { failedTurns: 0, moodBefore: false }

/** The state after one more answer. @param said the customer's words that it answers. */
export function afterAnswer(state: DialogueState, completed: Completed, said: string): DialogueState {
  const { label } = completed.sentiment
  // A greeting or thanks between two questions changes no subject.
  const isQuestion = said !== '' && completed.kind !== 'smalltalk'
  const question = isQuestion ? lastQuestion(said, state.question) : state.question
  return {
    ...(question !== undefined && { question }),
    ...(state.cases && { cases: state.cases }),
    failedTurns: failedAfter(state.failedTurns, completed),
    moodBefore: label === 'negative' || label === 'urgent',
  }
}

/** A greeting between two failed turns helps nobody: it neither counts nor ends the row. */
function failedAfter(before: number, { kind }: Completed): number {
  if (kind === 'smalltalk') return before
  return kind === 'clarify' || kind === 'abstain' ? before + 1 : 0
}

/** A message may ask more than one thing; each question may refer to the one before it. */
const lastQuestion = (said: string, before: string | undefined): string | undefined =>
  questionsIn(said).reduce<string | undefined>((question, text) => standAloneQuestion(text, question), before)
