import type { TemplateName } from '../answers/templates.ts'
import type { Thresholds } from '../engine/jobs.ts'
import type { HandoffReason, IntentUse } from './intents.ts'

export const puts = ['report', 'question', 'general'] as const

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
  /** The message invokes a right, in whatever words. */
  readonly noted: boolean
  /**
   * How the message is put: as a report of what happened; as a question about how things are; and `general`, as one that
   * tells nothing of an own case besides, which "how do I complain" does not, however cross it sounds.
   */
  readonly put: (typeof puts)[number]
  /** Probability that the best span answers, 0 to 1; 0 when there is none. */
  readonly answerable: number
  /** Products that fit and that no hard rule refuses. */
  readonly fitting: number
  /** Topics near enough to be offered as chips. */
  readonly nearTopics: number
  /** Turns in a row that ended in clarify or abstain. */
  readonly failedTurns: number
}

/** What decided, in the order in which the policy looks. */
export const rules = [
  'crisis',
  'asks-for-person',
  'told-fraud',
  'own-account',
  'told-case',
  'case',
  'small-talk',
  'wants-product',
  'upset-again',
  'answerable',
  'urgent',
  'right',
  'failed-before',
  'near-topics',
  'nothing',
] as const
export type Rule = (typeof rules)[number]

type Decision<R> = { readonly rule: R } & (
  | { readonly kind: 'answer'; readonly offerPerson: boolean }
  | { readonly kind: 'handoff'; readonly reason: HandoffReason; readonly quote: boolean }
  | { readonly kind: 'smalltalk'; readonly template: TemplateName }
  | { readonly kind: 'recommend' }
  | { readonly kind: 'clarify' }
  | { readonly kind: 'abstain' }
)
/** What the policy chooses. */
export type Choice = Decision<Rule>
/** What is done with a message; `several`: it asked more than one thing, each answered by itself. */
export type Action = Decision<Rule | 'several'>

/** Failed turns after which a person takes over instead of another try. */
export const maxFailedTurns = 1

/** Somebody who is cross or in haste is sold nothing and is offered a person. */
export const isUpset = (mood: Situation['mood']): boolean => mood === 'negative' || mood === 'urgent'

/**
 * Choose what to do with one turn. Pure: the same situation always gives the same action.
 * A person comes first, then what is never answered in general words (the customer's own account, a report of fraud or
 * loss), then small talk and products, then documents, and honest ignorance last.
 */
export function chooseAction(situation: Situation, thresholds: Thresholds): Choice {
  const { use, confidence, answerable, told } = situation
  const sure = confidence >= thresholds.intent
  const canQuote = answerable >= thresholds.answer
  const upset = isUpset(situation.mood)
  const person = (rule: Rule, reason: HandoffReason, quote = false): Choice => ({
    kind: 'handoff',
    rule,
    reason,
    quote,
  })
  const calmOr = (rule: Rule, isCalm: boolean, reason: HandoffReason): Choice =>
    isCalm && situation.put !== 'report' && canQuote
      ? { kind: 'answer', rule, offerPerson: true }
      : person(rule, reason, canQuote)

  if (told === 'crisis') return person('crisis', 'crisis')
  if (situation.asksForPerson || (use?.use === 'human' && sure)) return person('asks-for-person', 'human')
  if (told === 'fraud') return person('told-fraud', 'fraud', canQuote)
  if (use?.use === 'own' && sure) return person('own-account', 'account')
  if (told) return calmOr('told-case', true, told)
  // "How do I complain" sounds cross, and is a question all the same.
  const asksHowToComplain = use?.use === 'case' && use.reason === 'complaint' && situation.put === 'general'
  if (use?.use === 'case' && sure) return calmOr('case', !upset || asksHowToComplain, use.reason)
  if (use?.use === 'say' && sure) return { kind: 'smalltalk', rule: 'small-talk', template: use.template }
  if (use?.use === 'recommend' && sure && !upset && !situation.noted && situation.fitting > 0)
    return { kind: 'recommend', rule: 'wants-product' }
  if (upset && situation.moodBefore) return person('upset-again', 'mood', canQuote)
  if (canQuote) return { kind: 'answer', rule: 'answerable', offerPerson: upset }
  if (situation.mood === 'urgent') return person('urgent', 'urgent')
  if (situation.noted) return person('right', 'right')
  if (situation.failedTurns >= maxFailedTurns) return person('failed-before', 'unsure')
  return answerable >= thresholds.topic && situation.nearTopics >= 2
    ? { kind: 'clarify', rule: 'near-topics' }
    : { kind: 'abstain', rule: 'nothing' }
}

const wantOfText: readonly Action['rule'][] = ['urgent', 'right', 'failed-before', 'near-topics', 'nothing']

/** What is done only because no text answers. */
export const isForWant = ({ rule }: Action): boolean => wantOfText.includes(rule)

/** Whether a question stayed unanswered for want of a text that could be quoted. */
export const isGap = (action: Action): boolean =>
  isForWant(action) || (action.rule === 'upset-again' && action.kind === 'handoff' && !action.quote)
