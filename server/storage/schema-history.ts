import type { Generated } from 'kysely'

/** What became of a conversation, as far as it was read (`conversations.noted`). */
export interface SummariesTable {
  conv: string
  startedAt: string
  lastAt: string
  closedAt: string | null
  /** The customer's first words, cut. */
  said: string | null
  /** Messages of the customer, and how many of the assistant's answered and did not. */
  questions: number
  answers: number
  unanswered: number
  /** Why it was first handed over, when, when a person first took it and first replied, and who had it last. */
  reason: string | null
  queuedAt: string | null
  claimedAt: string | null
  repliedAt: string | null
  agent: string | null
  /** The last rating, −1 or 1. */
  rating: number | null
}

export interface SummaryIntentsTable {
  conv: string
  intent: string
}

/** Messages by a number that rises with their time. */
export interface SpokenTable {
  id: Generated<number>
  conv: string
  seq: number
}

/** Which messages hold a search term (text/terms.ts). */
export interface SpokenTermsTable {
  term: string
  id: number
}
