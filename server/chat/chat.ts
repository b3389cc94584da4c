import { templateLang } from '../answers/templates.ts'
import type { AskJob, AskResult } from '../engine/jobs.ts'
import { ClaimedError, ClosedError, NotFoundError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { redact } from '../privacy/redact.ts'
import type { Ack } from '../protocol/events.ts'
import { mintId } from '../protocol/ids.ts'
import type { Cases } from '../storage/cases.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { DeskTable } from '../storage/desk.ts'
import type { Documents } from '../storage/documents.ts'
import type { createFeedback } from '../storage/feedback.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { createInteractions } from '../storage/interactions.ts'
import type { Receipts } from '../storage/receipts.ts'
import type { DurableEvent, IsoDate, NewEvent, Tx } from '../storage/types.ts'
import { languageOf } from '../text/language.ts'
import { createCaseNotes } from './case-notes.ts'
import { hashOf } from './command-hash.ts'
import { createCommands } from './commands.ts'
import { createComposer, requestReading } from './compose.ts'
import type { Hub } from './hub.ts'
import { createMemory } from './memory.ts'
import type { Readings } from './readings.ts'
import { createChatReads } from './reads.ts'
import { citesOf, createQueue, isCallForPerson, urgencyIn, waitFor, whileWaiting, withReference } from './reference.ts'
import { type Early, lookedUpFor, mintReference, type Responder, type ResponderParts } from './responder.ts'
import { createTurns, type Outcome, type Why } from './turns.ts'

export interface ChatParts extends Pick<ResponderParts, 'termsOf'> {
  readonly cases: Cases
  readonly desk: Pick<DeskTable, 'handOver' | 'hasten' | 'holder' | 'agentOf'>
  readonly today: () => IsoDate
  readonly units: UnitOfWork
  readonly conversations: Conversations
  readonly documents: Pick<Documents, 'areCurrent'>
  readonly feedback: ReturnType<typeof createFeedback>
  readonly interactions: ReturnType<typeof createInteractions>
  readonly receipts: Pick<Receipts, 'add'>
  readonly responder: Responder
  readonly ask: (job: AskJob) => Promise<AskResult>
  readonly readings: Readings
  readonly hub: Hub
  readonly logger: Logger
}

/** Of an answer that nothing is read for. */
const unread = (how: 'button' | 'waiting') => ({ receipt: { how }, gap: false, rights: [], opened: [] })

export interface Rating {
  readonly mid: string
  readonly value: -1 | 1
  readonly comment?: string | undefined
}
export interface ProductEvent {
  readonly product: string
  readonly kind: 'view' | 'click' | 'apply' | 'dismiss'
}

const rememberedConversations = 10_000
/** More messages than anybody leaves unanswered in one conversation. */
const recalledMessages = 1_000

const now = (): string => new Date().toISOString()
/** What a press of the button for a person asks for. */
const asked: NewEvent<'owner.changed'> = { t: 'owner.changed', d: { owner: 'queue', reason: 'human' } }

/** The customer's side of every conversation: commands in, events out. A command resolves after its commit. */
export function createChat(parts: ChatParts) {
  const { units, conversations, documents, feedback, interactions, receipts, responder, ask, hub, today, logger } =
    parts
  const { cases, desk, termsOf } = parts
  const notes = createCaseNotes(cases, conversations, now)
  const memory = createMemory(rememberedConversations, conversations, interactions, cases)
  const inOrder = createQueue()
  const once = createCommands(units, conversations, heard)
  const turns = createTurns({ answer, ask, readings: parts.readings, store, publish: hub.publish, logger })

  /** What was appended to a conversation's log, here or by others: remembered, and told to whoever is connected. */
  function heard(conv: string, events: readonly DurableEvent[]): void {
    memory.heard(conv, events)
    if (events.some((event) => event.t === 'owner.changed' && event.d.owner === 'bot')) turns.cut(conv)
    hub.publish(conv, events)
  }

  async function answer(conv: string, text: string, first?: Early): Promise<Outcome> {
    const { ref, state, profile, dismissed } = await memory.of(conv)
    const found = await responder.respond({ text, role: 'customer', day: today(), state, profile, dismissed }, first)
    if (ref === undefined) return found
    const lang = templateLang(languageOf(text) ?? 'en')
    const draft = whileWaiting(found.draft, ref, lang)
    const { rights, opened, receipt, gap } = found
    if (draft) return { draft, shown: [], rights, opened, receipt, gap }
    const waiting = createComposer(lang, requestReading).waiting(ref)
    return { draft: waiting, shown: [], ...unread('waiting'), rights, opened }
  }

  /** Store a turn's answer, under the reference that was told before, perhaps while the answer was being found. */
  function store(
    conv: string,
    events: readonly NewEvent[],
    mids: readonly string[],
    why: Why,
  ): Promise<DurableEvent[] | undefined> {
    return inOrder(conv, async () => {
      const { ref, offered } = await memory.of(conv)
      const told = ref ?? offered
      return put(conv, told === undefined ? events : withReference(events, told), mids, why)
    })
  }

  /** A conversation that was closed or taken over meanwhile gets no answer, and one whose documents were changed another. */
  async function put(...[conv, events, mids, why]: Parameters<typeof store>): Promise<DurableEvent[] | undefined> {
    try {
      const stored = await units.run(async (tx) => {
        // In the very transaction: whoever has changed a document sees no answer out of the old text from then on.
        if (!(await documents.areCurrent(tx, citesOf(events)))) return undefined
        const open = await conversations.clearPending(tx, conv, mids)
        if (open === 0) throw new ClaimedError('a person has seen to it')
        const told = await handOver(tx, conv, events)
        const appended = await notes.append(tx, conv, told, why, mids, 'unclaimed')
        await fileReceipt(tx, appended, why)
        return appended
      })
      if (stored) memory.heard(conv, stored)
      return stored
    } catch (reason) {
      if (!(reason instanceof ClosedError) && !(reason instanceof ClaimedError)) throw reason
      logger.info({ conv, reason: reason.code }, 'an answer came after the end or a take-over and was dropped')
      // Who asks a person for a person has one.
      const kept = reason instanceof ClaimedError ? events.filter((event) => !isCallForPerson(event)) : events
      return putCases(conv, kept, mids, why)
    }
  }

  /** Have the conversation wait for a person where the events say so. @returns the events without what is so already. */
  async function handOver(tx: Tx, conv: string, events: readonly NewEvent[]): Promise<readonly NewEvent[]> {
    const urgent = urgencyIn(events)
    if (urgent !== undefined) await desk.hasten(tx, conv, urgent)
    const wait = waitFor(events, now())
    if (!wait || (await desk.handOver(tx, conv, [{ owner: 'bot' }], { owner: 'queue' }, wait))) return events
    return events.filter(({ t }) => t !== 'owner.changed')
  }

  /** The message is read. A right that it invokes is a case, though the customer left or talks to a person. */
  async function putCases(...[conv, events, mids, why]: Parameters<typeof store>): Promise<DurableEvent[]> {
    const opened = events.filter(({ t }) => t === 'case.opened')
    const stored = await units.run(async (tx) => {
      await conversations.clearPending(tx, conv, mids)
      return notes.append(tx, conv, opened, why, mids)
    })
    heard(conv, stored)
    return []
  }

  async function fileReceipt(tx: Tx, events: readonly DurableEvent[], { receipt, gap }: Why): Promise<void> {
    for (const { t, conv, seq, at, d } of events)
      if (t === 'msg.completed')
        await receipts.add(tx, { conv, mid: d.mid, seq, at }, receipt, gap ? d.kind : undefined)
  }

  async function send(conv: string, message: { readonly id: string; readonly text: string }): Promise<Ack> {
    const { id } = message
    const { text } = redact(message.text)
    const mid = mintId('m')
    // The engine starts while the message is still being stored; nothing is sent before it is.
    const { state } = await memory.of(conv)
    const first = turns.early(conv, lookedUpFor({ text, role: 'customer', day: today(), state }))
    const commit = once(conv, id, hashOf('msg.send', { text }), async (tx) => {
      const created = {
        t: 'msg.created' as const,
        d: { mid, by: 'customer' as const, re: [], status: 'done' as const, text },
      }
      const events = await conversations.append(tx, conv, [created], now(), 'open')
      const { seq, at } = events[0]! // one event in, one out
      await conversations.addPending(tx, conv, mid, seq, at)
      return { mid, seq, events }
    })
    const { ack, isNew } = await turns.settle(commit, first)
    if (isNew) turns.add(conv, { mid, text, at: Date.now() }, first)
    return ack
  }

  const human = (conv: string, id: string): Promise<Ack> => inOrder(conv, () => callPerson(conv, id))

  async function callPerson(conv: string, id: string): Promise<Ack> {
    const { ref, offered } = await memory.of(conv)
    const { ack } = await once(conv, id, hashOf('human.request', {}), async (tx) => {
      if ((await desk.holder(tx, conv))?.owner === 'agent') return { events: [] } // a person is there
      const mid = mintId('m')
      const composer = createComposer('en', requestReading)
      const minted = offered ?? mintReference()
      const wish = { type: 'human', ref: minted, ...termsOf('human', today()) } as const
      const why = { ...unread('button'), opened: [wish] }
      const wait = waitFor([asked], now())
      const isNew = ref === undefined && (await desk.handOver(tx, conv, [{ owner: 'bot' }], { owner: 'queue' }, wait))
      const draft = isNew ? composer.handoff('human', minted) : composer.waiting(ref ?? minted)
      const events: NewEvent[] = [
        { t: 'msg.created', d: { mid, by: 'bot', re: [], status: 'done' } },
        { t: 'msg.completed', d: { mid, ...draft } },
      ]
      if (isNew) {
        events.push({ t: 'case.opened', d: { case: mintId('k'), type: wish.type, ref: minted, due: wish.due } })
        events.push(asked)
      }
      const appended = await notes.append(tx, conv, events, why, [], 'open')
      await fileReceipt(tx, appended, why)
      return { events: appended }
    })
    return ack
  }

  async function rate(conv: string, id: string, d: Rating): Promise<Ack> {
    const comment = d.comment === undefined ? {} : { comment: redact(d.comment).text }
    const { ack } = await once(conv, id, hashOf('feedback', { ...d, ...comment }), async (tx) => {
      if (!(await conversations.hasAnswer(tx, conv, d.mid))) throw new NotFoundError('there is no such answer')
      await feedback.save(tx, { conv, mid: d.mid, value: d.value, ...comment, at: now() })
      const saved: NewEvent = { t: 'feedback.saved', d: { mid: d.mid, value: d.value } }
      return { events: await conversations.append(tx, conv, [saved], now()) }
    })
    return ack
  }

  async function recEvent(conv: string, id: string, event: ProductEvent): Promise<Ack> {
    const d = { ...event, product: redact(event.product).text } // a client can send any text for a product
    const { ack, isNew } = await once(conv, id, hashOf('rec.event', d), async (tx) => {
      await interactions.add(tx, { conv, ...d, at: now() })
      return { events: [] }
    })
    if (isNew && d.kind === 'dismiss') {
      const { dismissed } = await memory.of(conv)
      memory.update(conv, { dismissed: new Set([...dismissed, d.product]) })
    }
    return ack
  }

  async function read(conv: string, id: string, upto: number): Promise<Ack> {
    const { ack } = await once(conv, id, hashOf('read', { upto }), async (tx) => {
      const moved = await conversations.markRead(tx, conv, 'customer', upto)
      const mark: NewEvent = { t: 'read', d: { by: 'customer', upto } }
      return { events: moved ? await conversations.append(tx, conv, [mark], now()) : [] }
    })
    return ack
  }

  async function close(conv: string, id: string): Promise<Ack> {
    const { ack } = await once(conv, id, hashOf('conv.close', {}), async (tx) => {
      const ended: NewEvent[] = [
        { t: 'owner.changed', d: { owner: 'closed' } },
        { t: 'conv.state', d: { state: 'closed' } },
      ]
      const events = await conversations.append(tx, conv, ended, now(), 'open')
      await conversations.close(tx, conv)
      return { events }
    })
    return ack
  }

  return {
    send,
    human,
    feedback: rate,
    recEvent,
    read,
    close,
    ...createChatReads(conversations, cases, desk),
    typing: (conv: string, on: boolean, by: 'customer' | 'agent'): void =>
      hub.publish(conv, [{ t: 'typing', conv, d: { by, on } }]),
    heard,
    subscribe: hub.subscribe,
    /** Answers are quotations: they are found whole and stored before the first delta leaves, so none is ever half told. */
    streaming: () => undefined,
    /** Take up what an earlier process accepted and did not answer. */
    async goOn(): Promise<number> {
      const left = await conversations.pending()
      for (const conv of left) {
        const messages = await conversations.takePending(conv, {
          most: recalledMessages,
          gapMs: Number.POSITIVE_INFINITY,
        })
        turns.addAll(
          conv,
          messages.map(({ mid, text, at }) => ({ mid, text, at: Date.parse(at) })),
        )
      }
      return left.length
    },
    /** Start no other turn; resolves when those under way are stored. What still waits is on disk. */
    settled: () => turns.stop(),
  }
}
