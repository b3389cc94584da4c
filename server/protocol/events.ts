import { z } from 'zod'
import { wireCodes } from '../errors.ts'
import { rights } from '../text/rights-kinds.ts'
import { caseId, conversationId, messageId } from './ids.ts'

// What the server sends to a customer. Nothing internal (score, candidate, note) has a field here, so none can leave.

export const answerKinds = ['answer', 'abstain', 'clarify', 'recommend', 'handoff', 'smalltalk'] as const
export type AnswerKind = (typeof answerKinds)[number]
export const moods = ['positive', 'neutral', 'negative', 'urgent'] as const

/** A quotation: `spans` are half-open, in UTF-16 code units of the canonical text of `doc` at version `ver`. */
export const citation = z.object({
  k: z.int().min(1),
  doc: z.string(),
  title: z.string(),
  ver: z.int().min(1),
  spans: z.array(z.tuple([z.int().min(0), z.int().min(1)])).min(1),
  quote: z.string(),
  page: z.int().min(1).optional(), // on which the quoted words begin, where the source has pages
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
  url: z.string().optional(),
})
export type Citation = z.infer<typeof citation>

/** The answer's text is the concatenation of its parts: a quote by its number, or a reviewed template with its slots. */
export const part = z.union([
  z.object({ cite: z.int().min(1) }),
  z.object({ tpl: z.string(), slots: z.record(z.string(), z.string()) }),
])
export type Part = z.infer<typeof part>

export const recommendation = z.object({
  product: z.string(),
  title: z.string(),
  reasons: z.array(z.string()),
  eligible: z.literal(true),
})
export type Recommendation = z.infer<typeof recommendation>

const msgCreated = z.object({
  mid: messageId,
  by: z.enum(['bot', 'agent', 'customer']),
  re: z.array(messageId),
  status: z.enum(['streaming', 'done']),
  text: z.string().optional(),
})
const msgCompleted = z.object({
  mid: messageId,
  kind: z.enum(answerKinds),
  text: z.string(),
  parts: z.array(part),
  cites: z.array(citation),
  intent: z.object({ name: z.string(), confidence: z.number().min(0).max(1) }),
  sentiment: z.object({ label: z.enum(moods), score: z.number().min(0).max(1) }),
  recs: z.array(recommendation),
  next: z.array(z.string()),
  reason: z.string().optional(),
  human: z.boolean(),
})
export type Completed = z.infer<typeof msgCompleted>

export const owners = ['bot', 'queue', 'agent', 'closed'] as const
/** A member of staff, as everybody sees them. */
export const shownAgent = z.object({ id: z.string(), name: z.string() })
const ownerChanged = z.object({
  owner: z.enum(owners),
  agent: shownAgent.optional(),
  reason: z.string().optional(),
})

/** States of a customer's case; only a person closes one. */
export const caseStates = ['open', 'escalated', 'closed'] as const
const caseOpened = z.object({
  case: caseId,
  type: z.enum(rights),
  ref: z.string(),
  due: z.iso.date().optional(), // the day until which it is settled
})
const caseUpdated = z.object({ case: caseId, status: z.enum(caseStates), due: z.iso.date().optional() })
/** A case as a snapshot shows it. */
export const shownCase = caseOpened.extend({ status: z.enum(caseStates) })
export type ShownCase = z.infer<typeof shownCase>

/** Content of every durable event a customer may get, by type. */
export const durableContent = {
  'msg.created': msgCreated,
  'msg.completed': msgCompleted,
  'owner.changed': ownerChanged,
  'case.opened': caseOpened,
  'case.updated': caseUpdated,
  'rec.shown': z.object({ mid: messageId, products: z.array(z.string()) }),
  'feedback.saved': z.object({ mid: messageId, value: z.union([z.literal(-1), z.literal(1)]) }),
  'conv.state': z.object({ state: z.enum(['open', 'closed']) }),
  read: z.object({ by: z.enum(['customer', 'agent']), upto: z.int().min(0) }),
} as const
export type DurableType = keyof typeof durableContent
export type DurableContent<T extends DurableType> = z.infer<(typeof durableContent)[T]>

const durable = <T extends DurableType>(t: T) =>
  z.object({ t: z.literal(t), conv: conversationId, seq: z.int().min(1), at: z.iso.datetime(), d: durableContent[t] })
export const durableEvent = z.discriminatedUnion('t', [
  durable('msg.created'),
  durable('msg.completed'),
  durable('owner.changed'),
  durable('case.opened'),
  durable('case.updated'),
  durable('rec.shown'),
  durable('feedback.saved'),
  durable('conv.state'),
  durable('read'),
])
export type DurableEvent = z.infer<typeof durableEvent>

const msgDelta = z.object({
  mid: messageId,
  n: z.int().min(1),
  off: z.int().min(0),
  text: z.string(),
  snap: z.boolean().optional(),
})
const ephemeral = <T extends string, D extends z.ZodType>(t: T, d: D) =>
  z.object({ t: z.literal(t), conv: conversationId, d })
export const ephemeralEvent = z.discriminatedUnion('t', [
  ephemeral('msg.delta', msgDelta),
  ephemeral('typing', z.object({ by: z.enum(['bot', 'agent', 'customer']), on: z.boolean() })),
  ephemeral('queue', z.object({ position: z.int().min(1), waitMs: z.number().min(0).optional() })),
])
export type EphemeralEvent = z.infer<typeof ephemeralEvent>

/** A message as a snapshot or `GET /v1/conversations/:id/messages` shows it. */
export const storedMessage = z.object({
  seq: z.int().min(1),
  mid: messageId,
  at: z.iso.datetime(),
  by: z.enum(['bot', 'agent', 'customer']),
  re: z.array(messageId),
  text: z.string(),
  completed: msgCompleted.optional(),
  feedback: z.union([z.literal(-1), z.literal(1)]).optional(),
})
export type StoredMessage = z.infer<typeof storedMessage>

export const snapshot = z.object({
  t: z.literal('snapshot'),
  conv: conversationId,
  epoch: z.string(),
  head: z.int().min(0),
  d: z.object({
    messages: z.array(storedMessage),
    owner: z.enum(owners),
    agent: shownAgent.optional(),
    state: z.enum(['open', 'closed']),
    cases: z.array(shownCase),
    read: z.object({ customer: z.int().min(0), agent: z.int().min(0) }),
    more: z.boolean(),
  }),
})
export type Snapshot = z.infer<typeof snapshot>

export const welcome = z.object({
  t: z.literal('welcome'),
  sid: z.string(),
  conv: conversationId,
  epoch: z.string(),
  head: z.int().min(0),
  hb: z.int(),
  resume: z.enum(['replay', 'snapshot', 'fresh']),
  limits: z.object({ frame: z.int(), textChars: z.int(), perMin: z.int() }),
  caps: z.array(z.string()),
  disclosure: z.object({ ai: z.literal(true), human: z.string() }),
})
export const ack = z.object({
  t: z.literal('ack'),
  re: z.string(),
  mid: messageId.optional(),
  seq: z.int().min(1).optional(),
  dup: z.boolean().optional(),
})
export const err = z.object({
  t: z.literal('err'),
  re: z.string().optional(),
  code: z.enum(wireCodes),
  msg: z.string(),
  temporary: z.boolean(),
  retryAfterMs: z.int().optional(),
  field: z.string().optional(),
  trace: z.string(),
})
export const live = z.object({ t: z.literal('live'), conv: conversationId, epoch: z.string(), head: z.int().min(0) })
export const ping = z.object({ t: z.literal('ping'), ts: z.number() })
export const drain = z.object({ t: z.literal('drain'), inMs: z.int(), spreadMs: z.int() })

export const systemFrame = z.discriminatedUnion('t', [welcome, ack, err, live, ping, drain, snapshot])
export type Welcome = z.infer<typeof welcome>
export type Ack = z.infer<typeof ack>
export type ErrFrame = z.infer<typeof err>

/** Everything a customer's socket can receive. */
export const customerFrame = z.union([durableEvent, ephemeralEvent, systemFrame])
export type CustomerFrame = z.infer<typeof customerFrame>
