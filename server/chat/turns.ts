import { setTimeout } from 'node:timers/promises'
import type { AskJob, AskResult } from '../engine/jobs.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { DurableEvent, EphemeralEvent } from '../protocol/events.ts'
import { mintId } from '../protocol/ids.ts'
import { burstGapMs, burstMessages } from '../protocol/limits.ts'
import type { Receipt } from '../storage/receipts.ts'
import type { NewEvent } from '../storage/types.ts'
import type { Invoked } from './case-notes.ts'
import type { Draft } from './compose.ts'
import { type Asked, firstJob } from './evidence.ts'
import type { HandoffReason } from './intents.ts'
import type { Readings } from './readings.ts'
import type { Early } from './responder.ts'

/** A customer's message that is stored and not yet answered. */
export interface PendingMessage {
  readonly mid: string
  readonly text: string
  /** When it was stored, milliseconds of the epoch. */
  readonly at: number
}

/** What one turn ends in. */
export interface Outcome extends Invoked {
  readonly draft: Draft
  readonly handoff?: HandoffReason
  readonly shown: readonly string[]
  readonly receipt: Receipt
  /** The question stayed unanswered for want of a text. */
  readonly gap: boolean
}

/** Why an answer is what it is, and which rights were invoked. */
export type Why = Pick<Outcome, 'receipt' | 'gap' | keyof Invoked>

export interface TurnParts {
  /** Read and answer; `first` is the engine's reading if it was asked for already. */
  readonly answer: (conv: string, text: string, first?: Early) => Promise<Outcome>
  readonly ask: (job: AskJob) => Promise<AskResult>
  readonly readings: Readings
  /**
   * Append the events, file the receipt and forget that `mids` wait, in one unit; resolves after the commit. Undefined, and
   * nothing is stored, if a document that the answer cites was changed since it was read.
   */
  readonly store: (
    conv: string,
    events: readonly NewEvent[],
    mids: readonly string[],
    why: Why,
  ) => Promise<DurableEvent[] | undefined>
  readonly publish: (conv: string, events: readonly (DurableEvent | EphemeralEvent)[]) => void
  readonly logger: Logger
}

interface Waiting extends PendingMessage {
  /** Messages of another round are not answered together. */
  readonly round?: number
  /** The engine's reading that was asked for while the message was being stored. */
  readonly first?: Early
}

interface Lane {
  /** Counts how often a person has given the conversation back. */
  round: number
  readonly waiting: Waiting[]
  running: boolean
}

/** A turn that failed is tried again this much later, longer each time. */
const retryMs = 1_000
const maxRetryMs = 30_000

/**
 * Turns of all conversations: serial within one, side by side between them. A turn never waits for more messages; those that
 * are stored already when it starts and follow each other closely join it.
 */
export function createTurns(parts: TurnParts) {
  const { answer, ask, readings, store, publish, logger } = parts
  const lanes = new Map<string, Lane>()
  const stop = new AbortController()
  const onIdle: (() => void)[] = []

  /** Start the engine on a message that will open a turn at once; its reading is thrown away if the message is not stored. */
  function early(conv: string, asked: Asked): Early | undefined {
    if (lanes.has(conv)) return undefined
    const job = firstJob(asked)
    const end = readings.begin()
    const result = ask(job)
    result.catch(() => undefined) // the turn that uses it sees the failure
    return { job, result, end }
  }

  /** What came of storing a message; the reading that began meanwhile ends here if no turn will use it. */
  async function settle<T extends { readonly isNew: boolean }>(
    commit: Promise<T>,
    first: Early | undefined,
  ): Promise<T> {
    let isUsed = false
    try {
      const done = await commit
      isUsed = done.isNew
      return done
    } finally {
      if (!isUsed) first?.end()
    }
  }

  function add(conv: string, message: PendingMessage, first?: Early): void {
    addAll(conv, [first === undefined ? message : { ...message, first }])
  }

  /** Messages that were stored before; the first turn already finds all of them. */
  function addAll(conv: string, messages: readonly Waiting[]): void {
    const lane = lanes.get(conv) ?? { round: 0, waiting: [], running: false }
    lanes.set(conv, lane)
    lane.waiting.push(...messages.map((message) => ({ ...message, round: lane.round })))
    if (!lane.running) void run(conv, lane)
  }

  async function run(conv: string, lane: Lane): Promise<void> {
    lane.running = true
    for (let wait = retryMs; lane.waiting.length > 0 && !stop.signal.aborted; ) {
      const burst = burstOf(lane.waiting)
      const end = readings.begin()
      try {
        const isTold = await turn(conv, lane.waiting.slice(0, burst))
        wait = retryMs
        if (isTold) for (const { first } of lane.waiting.splice(0, burst)) first?.end()
        else forgetReading(lane.waiting) // it is of the index before the change
      } catch (reason) {
        // The messages stay stored as waiting, so nothing is lost if the process ends now.
        logger.error({ conv, reason: messageOf(reason), retryInMs: wait }, 'a turn failed')
        forgetReading(lane.waiting) // it may be what failed, and would fail again
        await setTimeout(wait, undefined, { signal: stop.signal }).catch(() => undefined)
        wait = Math.min(maxRetryMs, wait * 2)
      } finally {
        end()
      }
    }
    lanes.delete(conv)
    if (lanes.size === 0) for (const resolve of onIdle.splice(0)) resolve()
  }

  /** @returns false if the answer was overtaken by a change of its documents, and has to be found again. */
  async function turn(conv: string, messages: Lane['waiting']): Promise<boolean> {
    const mid = mintId('m')
    const mids = messages.map((message) => message.mid)
    const text = messages.map((message) => message.text).join('\n')
    const { draft, handoff, shown, ...why } = await answer(
      conv,
      text,
      messages.length === 1 ? messages[0]?.first : undefined,
    )
    const created: NewEvent<'msg.created'> = { t: 'msg.created', d: { mid, by: 'bot', re: mids, status: 'streaming' } }
    const completed: NewEvent<'msg.completed'> = { t: 'msg.completed', d: { mid, ...draft } }
    const more: NewEvent[] = []
    if (shown.length > 0) more.push({ t: 'rec.shown', d: { mid, products: [...shown] } })
    for (const { type, due, ref } of why.opened)
      more.push({ t: 'case.opened', d: { case: mintId('k'), type, ref, due } })
    if (handoff) more.push({ t: 'owner.changed', d: { owner: 'queue', reason: handoff } })
    const stored = await store(conv, [created, completed, ...more], mids, why)
    if (!stored) return false
    if (stored.length === 0) return true // a person has the conversation, or it has ended: it was read, and nothing is said
    publish(conv, [stored[0]!, ...deltasOf(conv, mid, draft), ...stored.slice(1)])
    return true
  }

  return {
    early,
    settle,
    add,
    addAll,
    /** What was said before this is not answered together with what is said after. */
    cut(conv: string): void {
      const lane = lanes.get(conv)
      if (lane) lane.round++
    },
    /** Start no further turn; resolves when the ones under way are stored. What still waits is on disk. */
    async stop() {
      stop.abort()
      if (lanes.size > 0) await new Promise<void>((resolve) => onIdle.push(resolve))
    },
  }
}

function forgetReading(waiting: Waiting[]): void {
  const [{ first, ...message }, ...others] = waiting as [Waiting, ...Waiting[]] // a turn has at least one
  first?.end()
  waiting.splice(0, waiting.length, message, ...others)
}

/** How many waiting messages join the next turn. */
function burstOf(waiting: readonly Waiting[]): number {
  let count = 1
  const follows = (one: Waiting, before: Waiting): boolean =>
    one.round === before.round && one.at - before.at <= burstGapMs
  while (count < Math.min(waiting.length, burstMessages) && follows(waiting[count]!, waiting[count - 1]!)) count++
  return count
}

/** The text in pieces that can be read while the rest arrives: cut behind spaces, about a hundred characters each. */
function deltasOf(conv: string, mid: string, { text }: Draft): EphemeralEvent[] {
  const pieces = text.match(/[\s\S]{1,100}(?=\s|$)\s?|[\s\S]{1,100}/gu) ?? []
  let off = 0
  return pieces.map((piece, i) => {
    const event = { t: 'msg.delta' as const, conv, d: { mid, n: i + 1, off, text: piece } }
    off += piece.length
    return event
  })
}
