import { z } from 'zod'
import { commandId, conversationId, messageId } from './ids.ts'
import { maxCommentChars, maxTextChars } from './limits.ts'

// Objects are not strict: unknown fields are ignored, so that an older server understands a newer client.

/**
 * Conversation named by a client. Any short string is well formed: an id that no server ever minted has to look like somebody
 * else's, so both are answered with `not_found`.
 */
export const namedConversation = z.string().min(1).max(128)

/** Free text: half of a surrogate pair cannot be stored as UTF-8, so it is replaced here, before anything else sees it. */
export const freeText = () => z.string().overwrite((text) => text.replace(/\p{Surrogate}/gu, '\ufffd'))

const resumePoint = z.object({ conv: namedConversation, epoch: z.string().max(64), after: z.int().min(0) })

/** The first frame of every connection. */
export const hello = z.object({
  t: z.literal('hello'),
  ticket: z.string().min(1).max(128),
  client: z.object({
    name: z.string().max(64),
    ver: z.string().max(32),
    instance: z.string().min(1).max(64), // a newer connection of the same instance replaces the old one
  }),
  resume: resumePoint.optional(),
})
export type Hello = z.infer<typeof hello>

/** Text that says something. @param max UTF-16 code units. */
export const written = (max: number) =>
  freeText()
    .max(max)
    .refine((text) => text.trim() !== '', 'must not be blank')

/** A command with a durable effect carries an id; `typing` and `recv` and the flat `pong` do not. */
export const command = <T extends string, D extends z.ZodType>(t: T, d: D) =>
  z.object({ t: z.literal(t), id: commandId, conv: namedConversation, d })

const msgSend = command(
  'msg.send',
  z.object({
    // Kept as typed: people paste what matters. Masking of personal data happens before anything is stored.
    text: written(maxTextChars),
    lang: z.string().max(35).optional(),
  }),
)
const humanRequest = command('human.request', z.object({}))
const feedback = command(
  'feedback',
  z.object({
    mid: messageId,
    value: z.union([z.literal(-1), z.literal(1)]),
    comment: freeText().max(maxCommentChars).optional(),
  }),
)
const recEvent = command(
  'rec.event',
  z.object({ product: z.string().min(1).max(64), kind: z.enum(['view', 'click', 'apply', 'dismiss']) }),
)
const read = command('read', z.object({ upto: z.int().min(0) }))
const resume = command('resume', z.object({ epoch: z.string().max(64), after: z.int().min(0) }))
const convClose = command('conv.close', z.object({}))
const typing = z.object({ t: z.literal('typing'), conv: namedConversation, d: z.object({ on: z.boolean() }) })
const recv = z.object({ t: z.literal('recv'), conv: namedConversation, d: z.object({ upto: z.int().min(0) }) })
export const pong = z.object({ t: z.literal('pong'), ts: z.number() })

export const customerCommand = z.discriminatedUnion('t', [
  msgSend,
  humanRequest,
  feedback,
  recEvent,
  read,
  resume,
  convClose,
  typing,
  recv,
  pong,
])
export type CustomerCommand = z.infer<typeof customerCommand>
export type CommandOf<T extends CustomerCommand['t']> = Extract<CustomerCommand, { t: T }>

/** Types that only agents may send. A customer who sends one is told `forbidden`, not `unknown_type`. */
export const agentCommandTypes: ReadonlySet<unknown> = new Set([
  'desk.list',
  'desk.open',
  'desk.leave',
  'desk.claim',
  'desk.release',
  'desk.transfer',
  'desk.close',
  'draft',
  'note.add',
  'case.update',
  'suggest',
  'canned.find',
  'search',
])

/** Types that only customers may send; an agent is told `forbidden`. */
export const customerCommandTypes: ReadonlySet<unknown> = new Set([
  'human.request',
  'feedback',
  'rec.event',
  'resume',
  'conv.close',
  'recv',
])

/** Body of `POST /v1/tickets`: a customer's, or that of a member of staff who is signed in. */
export const customerTicketRequest = z.object({
  role: z.literal('customer'),
  conv: namedConversation.optional(),
  secret: z.string().min(1).max(128).optional(),
})
export const ticketRequest = z.discriminatedUnion('role', [
  customerTicketRequest,
  z.object({ role: z.literal('agent') }),
])
export type CustomerTicketRequest = z.infer<typeof customerTicketRequest>

export const ticketReply = z.object({
  ticket: z.string(),
  conv: conversationId,
  secret: z.string(),
  expiresInMs: z.int(),
})
export type TicketReply = z.infer<typeof ticketReply>

export const agentTicketReply = z.object({ ticket: z.string(), expiresInMs: z.int() })
export type AgentTicketReply = z.infer<typeof agentTicketReply>
