import { z } from 'zod'

const times = z.object({ n: z.int(), median: z.number().nullable(), p90: z.number().nullable() })
const share = z.number().min(0).max(1).nullable()

/** What became of a conversation, as those who look back see it. */
export const summary = z.object({
  conv: z.string(),
  startedAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  closedAt: z.iso.datetime().optional(),
  said: z.string().optional().describe('the customer’s first words, cut'),
  questions: z.int(),
  answers: z.int(),
  unanswered: z.int(),
  reason: z.string().optional().describe('why it was first handed over'),
  queuedAt: z.iso.datetime().optional(),
  claimedAt: z.iso.datetime().optional(),
  repliedAt: z.iso.datetime().optional(),
  agent: z.string().optional(),
  rating: z.int().optional(),
})

export type ConversationSummary = z.infer<typeof summary>

/** Figures of conversations that began in some days. Times in milliseconds, shares 0 to 1, null of nothing. */
export const conversationReport = z.object({
  from: z.iso.date(),
  until: z.iso.date(),
  conversations: z.int(),
  withQuestions: z.int(),
  messages: z.int(),
  contained: share.describe('of those with a question: no person was needed'),
  answered: share.describe('of what the assistant said to questions: an answer'),
  handedOver: z.int(),
  reasons: z.array(z.object({ reason: z.string(), count: z.int() })),
  helpful: share.describe('of the ratings'),
  ratings: z.int(),
  waitMs: times,
  firstReplyMs: times,
  resolutionMs: times,
  intents: z.array(z.object({ intent: z.string(), count: z.int() })),
})
export type ConversationReport = z.infer<typeof conversationReport>
