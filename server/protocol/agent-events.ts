import { z } from 'zod'
import {
  ack,
  citation,
  drain,
  durableEvent,
  ephemeralEvent,
  err,
  live,
  moods,
  part,
  ping,
  shownAgent,
  snapshot,
  welcome,
} from './events.ts'
import { conversationId, noteId } from './ids.ts'

// What the server sends to staff: all that the customer is sent, and what is theirs alone.

/** A conversation as the desk lists it. */
export const deskItem = z.object({
  conv: conversationId,
  owner: z.enum(['queue', 'agent']),
  agent: shownAgent.optional(),
  /** Of one that waits: since when, why, and its place from 1. */
  since: z.iso.datetime().optional(),
  reason: z.string().optional(),
  position: z.int().min(1).optional(),
  /** The customer's last words, their first 200 characters; what was read in their last message. */
  said: z.string().optional(),
  mood: z.enum(moods).optional(),
  intent: z.string().optional(),
  lastAt: z.iso.datetime().optional(),
})
export type ShownDeskItem = z.infer<typeof deskItem>

const note = z.object({ nid: noteId, by: z.string(), at: z.iso.datetime(), text: z.string() })

const noteAdded = z.object({ t: z.literal('note.added'), conv: conversationId, d: note })
const draft = z.object({
  t: z.literal('draft'),
  conv: conversationId,
  d: z.object({ by: z.string(), name: z.string(), text: z.string() }),
})
/** Of a conversation, for staff alone; outside its sequence. */
export const agentEvent = z.discriminatedUnion('t', [noteAdded, draft])
export type AgentEvent = z.infer<typeof agentEvent>

const deskQueue = z.object({
  t: z.literal('desk.queue'),
  d: z.object({ items: z.array(deskItem), waiting: z.int().min(0) }),
})
export type DeskQueue = z.infer<typeof deskQueue>

const agentSnapshot = snapshot.extend({
  d: snapshot.shape.d.extend({ notes: z.array(note) }),
})
export type AgentSnapshot = z.infer<typeof agentSnapshot>

const agentWelcome = welcome.omit({ conv: true, epoch: true, head: true, resume: true, disclosure: true })

/** A passage that was found, with the units that match best. */
export const foundPassage = z.object({
  doc: z.string(),
  ver: z.int().min(1),
  title: z.string(),
  heading: z.string(),
  text: z.string(),
  audience: z.enum(['customer', 'agent']),
  score: z.number(),
  /** Half-open, in UTF-16 code units of `text`: where words of the question stand. */
  marks: z.array(z.tuple([z.int().min(0), z.int().min(1)])),
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
  product: z.string().optional(),
  region: z.string().optional(),
  url: z.string().optional(),
})
export type FoundPassage = z.infer<typeof foundPassage>

/** What might be answered to the customer's last words, in quotes that they may see. */
export const suggestion = z.object({
  text: z.string(),
  parts: z.array(part),
  cites: z.array(citation),
  probability: z.number().min(0).max(1),
})
export type Suggestion = z.infer<typeof suggestion>

/** An ack with what a query found. */
const agentAck = ack.extend({
  result: z
    .union([
      z.object({ items: z.array(deskItem), mine: z.array(deskItem), waiting: z.int().min(0) }),
      z.object({
        drafts: z.array(suggestion),
        intent: z.object({ name: z.string(), confidence: z.number() }).optional(),
        sentiment: z.object({ label: z.enum(moods), score: z.number() }).optional(),
      }),
      z.object({ passages: z.array(foundPassage) }),
      z.object({ replies: z.array(foundPassage) }),
    ])
    .optional(),
})
export type AgentAck = z.infer<typeof agentAck>

/** Everything that an agent's socket can receive. */
export const agentFrame = z.union([
  durableEvent,
  ephemeralEvent,
  agentEvent,
  deskQueue,
  z.discriminatedUnion('t', [agentWelcome, agentAck, err, live, ping, drain, agentSnapshot]),
])
export type AgentFrame = z.infer<typeof agentFrame>
