import { z } from 'zod'
import { caseId, commandId } from './ids.ts'
import { maxNoteChars, maxTextChars } from './limits.ts'
import { command, freeText, namedConversation, pong, written } from './messages.ts'

// What staff may send, beside what is here for customers alone. One socket follows many conversations.

/** A command of no conversation. */
const general = <T extends string, D extends z.ZodType>(t: T, d: D) => z.object({ t: z.literal(t), id: commandId, d })

const userName = z.string().min(1).max(64)
const line = (max: number) => freeText().trim().min(1).max(max)

/** What a search may be narrowed to; without a day, to what is in force today. */
export const searchFilters = z.object({
  collection: z.string().min(1).max(128).optional(),
  product: z.string().min(1).max(64).optional(),
  region: z.string().min(1).max(64).optional(),
  audience: z.enum(['customer', 'agent']).optional(),
  asOf: z.iso.date().optional(),
})
export type SearchFilters = z.infer<typeof searchFilters>

export const agentCommand = z.discriminatedUnion('t', [
  general('desk.list', z.object({})),
  command('desk.open', z.object({ epoch: z.string().max(64).optional(), after: z.int().min(0).optional() })),
  command('desk.leave', z.object({})),
  command('desk.claim', z.object({})),
  command('desk.release', z.object({ to: z.enum(['bot', 'queue']) })),
  command('desk.transfer', z.object({ to: userName })),
  command('desk.close', z.object({ reason: line(500) })),
  command('msg.send', z.object({ text: written(maxTextChars) })),
  command('note.add', z.object({ text: written(maxNoteChars) })),
  command('case.update', z.object({ case: caseId, status: z.literal('closed'), reason: line(500) })),
  command('read', z.object({ upto: z.int().min(0) })),
  command('suggest', z.object({})),
  general('canned.find', z.object({ q: line(500) })),
  general('search', z.object({ q: line(500), filters: searchFilters.optional() })),
  z.object({ t: z.literal('typing'), conv: namedConversation, d: z.object({ on: z.boolean() }) }),
  z.object({ t: z.literal('draft'), conv: namedConversation, d: z.object({ text: freeText().max(maxTextChars) }) }),
  pong,
])
export type AgentCommand = z.infer<typeof agentCommand>
export type AgentCommandOf<T extends AgentCommand['t']> = Extract<AgentCommand, { t: T }>
