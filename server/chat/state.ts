import type { Completed } from '../protocol/events.ts'

/** What the assistant remembers of a conversation between turns; all of it can be read back from the log. */
export interface DialogueState {
  /** Turns in a row that ended in clarify or abstain. */
  readonly failedTurns: number
  /** The last message was negative or urgent. */
  readonly moodBefore: boolean
}

export const freshState: DialogueState = { failedTurns: 0, moodBefore: false }

/** The state after one more answer. */
export function afterAnswer(state: DialogueState, completed: Completed): DialogueState {
  const failed = completed.kind === 'clarify' || completed.kind === 'abstain'
  const { label } = completed.sentiment
  return {
    failedTurns: failed ? state.failedTurns + 1 : 0,
    moodBefore: label === 'negative' || label === 'urgent',
  }
}
