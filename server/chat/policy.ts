import type { TemplateName } from '../answers/templates.ts'
import type { Thresholds } from '../engine/jobs.ts'
import type { HandoffReason, IntentUse } from './intents.ts'

/** What the policy looks at; nothing else may sway it, so that every state can be walked. */
export interface Situation {
  /** The intent's use, undefined when the message is out of scope or in a language without an intent model. */
  readonly use: IntentUse | undefined
  /** Calibrated confidence of the intent, 0 to 1. */
  readonly confidence: number
  readonly mood: 'positive' | 'neutral' | 'negative' | 'urgent'
  /** The customer's message before this one was negative or urgent. */
  readonly moodBefore: boolean
  /** The customer asked for a person in so many words. */
  readonly asksForPerson: boolean
  /** A case told by its very words, whatever the models make of it. */
  readonly told: HandoffReason | undefined
  /** The message is put as a question about how things are, not as a report of what happened. */
  readonly isQuestion: boolean
  /** Probability that the best span answers, 0 to 1; 0 when there is none. */
  readonly answerable: number
  /** Products that fit and that no hard rule refuses. */
  readonly fitting: number
  /** Topics near enough to be offered as chips. */
  readonly nearTopics: number
  /** Turns in a row that ended in clarify or abstain. */
  readonly failedTurns: number
}

export type Action =
  | { readonly kind: 'answer'; readonly offerPerson: boolean }
  | { readonly kind: 'handoff'; readonly reason: HandoffReason; readonly quote: boolean }
  | { readonly kind: 'smalltalk'; readonly template: TemplateName }
  | { readonly kind: 'recommend' }
  | { readonly kind: 'clarify' }
  | { readonly kind: 'abstain' }

/** Failed turns after which a person takes over instead of another try. */
export const maxFailedTurns = 1

/**
 * Choose what to do with one turn. Pure: the same situation always gives the same action.
 * A person comes first, then what is never answered in general words (the customer's own account, a report of fraud or
 * loss), then small talk and products, then documents, and honest ignorance last.
 */
export function chooseAction(situation: Situation, thresholds: Thresholds): Action {
  const { use, confidence, answerable } = situation
  const sure = confidence >= thresholds.intent
  const canQuote = answerable >= thresholds.answer
  const upset = situation.mood === 'negative' || situation.mood === 'urgent'
  const { told } = situation
  if (told === 'crisis') return { kind: 'handoff', reason: 'crisis', quote: false }
  if (situation.asksForPerson || (use?.use === 'human' && sure))
    return { kind: 'handoff', reason: 'human', quote: false }
  if (told === 'fraud') return { kind: 'handoff', reason: 'fraud', quote: canQuote }
  if (use?.use === 'own' && sure) return { kind: 'handoff', reason: 'account', quote: false }
  if (told) {
    const calmQuestion = situation.isQuestion && canQuote
    return calmQuestion ? { kind: 'answer', offerPerson: true } : { kind: 'handoff', reason: told, quote: canQuote }
  }
  if (use?.use === 'case' && sure) {
    const calmQuestion = situation.isQuestion && !upset && canQuote
    return calmQuestion
      ? { kind: 'answer', offerPerson: true }
      : { kind: 'handoff', reason: use.reason, quote: canQuote }
  }
  if (use?.use === 'say' && sure) return { kind: 'smalltalk', template: use.template }
  if (use?.use === 'recommend' && sure && !upset && situation.fitting > 0) return { kind: 'recommend' }
  if (upset && situation.moodBefore) return { kind: 'handoff', reason: 'mood', quote: canQuote }
  if (canQuote) return { kind: 'answer', offerPerson: upset }
  if (situation.mood === 'urgent') return { kind: 'handoff', reason: 'urgent', quote: false }
  if (situation.failedTurns >= maxFailedTurns) return { kind: 'handoff', reason: 'unsure', quote: false }
  return answerable >= thresholds.topic && situation.nearTopics >= 2 ? { kind: 'clarify' } : { kind: 'abstain' }
}
