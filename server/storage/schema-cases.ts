import type { caseStates } from '../protocol/events.ts'
import type { Right } from '../text/rights-kinds.ts'

// Tables of the customers' cases.

export type CaseState = (typeof caseStates)[number]

/** A right that a customer has invoked. At most one of a type in a conversation is not closed. */
export interface CasesTable {
  id: string
  conv: string
  type: Right
  /** The conversation's reference, as the customer knows it. */
  ref: string
  status: CaseState
  openedAt: string
  due: string
  escalateOn: string
  closedAt: string | null
  closedBy: string | null
  reason: string | null
}

/** Messages in which the customer spoke of a case. */
export interface CaseEvidenceTable {
  case: string
  mid: string
  at: string
}
