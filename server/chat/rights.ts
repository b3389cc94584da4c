import type { LineOfRights } from '../text/rights.ts'
import { type Right, rights } from '../text/rights-kinds.ts'
import { caseIn } from './distress.ts'
import type { HandoffReason } from './intents.ts'
import type { Action, Situation } from './policy.ts'
import { asksForPerson, isQuestion } from './wording.ts'

/** The right that a person is called for, whichever words told of it. */
const ofReason: Partial<Readonly<Record<HandoffReason, Right>>> = {
  human: 'human',
  complaint: 'complaint',
  fraud: 'fraud_in_progress',
  hardship: 'hardship',
  bereavement: 'bereavement',
  crisis: 'vulnerability',
}
/** A payment that the customer did not make is a fraud, but not one that can still be stopped. */
const asFraud: readonly Right[] = ['fraud_in_progress', 'unauthorised_payment']

/** What the words of a message tell, whatever the models make of it. */
export interface Told {
  readonly rights: ReadonlySet<Right>
  readonly put: Situation['put']
}

/** Rights that a message invokes in so many words, and how it is put. @param lines of it, as an engine has read them. */
export function toldIn(text: string, lines: readonly LineOfRights[]): Told {
  const all = new Set<Right>()
  for (const { line, told, general, own } of lines) {
    for (const right of told) all.add(right)
    if (!(isQuestion(line) && general && !own)) add(all, caseIn(line))
    if (asksForPerson(line)) all.add('human')
  }
  if (!isQuestion(text)) return { rights: all, put: 'report' }
  const isGeneral = all.size === 0 && lines.some(({ general }) => general) && !lines.some(({ own }) => own)
  return { rights: all, put: isGeneral ? 'general' : 'question' }
}

/** Rights that a message invokes, by its words and by what the policy made of it; in the order of {@link rights}. */
export function rightsOf(told: ReadonlySet<Right>, action: Action): Right[] {
  const all = new Set(told)
  if (action.kind === 'handoff') add(all, action.reason)
  // Who wished for a person, and has the answer from a document, waits for nobody.
  return rights.filter((right) => all.has(right) && (right !== 'human' || action.kind === 'handoff'))
}

function add(told: Set<Right>, reason: HandoffReason | undefined): void {
  const right = reason === undefined ? undefined : ofReason[reason]
  if (right === undefined || (right === 'fraud_in_progress' && asFraud.some((one) => told.has(one)))) return
  told.add(right)
}
