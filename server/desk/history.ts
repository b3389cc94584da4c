import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { percentileOfSorted } from '../math/statistics.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { History, HistoryCursor, HistoryFilter, Summary } from '../storage/history.ts'
import type { DurableEvent } from '../storage/types.ts'
import { summarise } from './summary.ts'

/** Events of one conversation that are noted in one unit: others are not to wait for long. */
const eventsAtOnce = 50
/** Conversations that are brought up to date before a question is answered. */
const conversationsAtOnce = 200
const intentsShown = 10

export interface HistoryParts {
  readonly units: UnitOfWork
  readonly conversations: Pick<Conversations, 'events'>
  readonly history: History
  readonly logger: Logger
}

/** Looking back over conversations. What was said is noted behind the chats, a little at a time. */
export function createHistory({ units, conversations, history, logger }: HistoryParts) {
  let noting: Promise<number> | undefined

  async function noteOne(conv: string, noted: number): Promise<void> {
    const events = await conversations.events(conv, noted, eventsAtOnce)
    const last = events.at(-1)
    if (!last) return
    await units.run(async (tx) => {
      const summary = summarise(conv, await history.summary(tx, conv), events)
      await history.note(tx, summary, intentsOf(events), saidIn(events), last.seq)
    })
  }

  async function noteSome(): Promise<number> {
    const behind = await history.toBeNoted(conversationsAtOnce)
    for (const { id, noted } of behind)
      await noteOne(id, noted).catch((reason: unknown) =>
        logger.warn({ conv: id, reason: messageOf(reason) }, 'a conversation was not noted'),
      ) // the others are
    return behind.length
  }

  /** Note what happened since the last time, up to {@link conversationsAtOnce} conversations. @returns how many. */
  function catchUp(): Promise<number> {
    noting ??= noteSome().finally(() => {
      noting = undefined
    })
    return noting
  }

  return {
    catchUp,

    /** A page of conversations, the latest begun first. */
    async list(filter: HistoryFilter, limit: number, after?: HistoryCursor) {
      await catchUp()
      const conversations = await history.list(filter, limit + 1, after)
      const page = conversations.slice(0, limit)
      const last = page.at(-1)
      const more = conversations.length > limit && last
      return { conversations: page, ...(more && { next: { startedAt: last.startedAt, conv: last.conv } }) }
    },

    /** Figures of the conversations that began on these days (UTC) or between. */
    async report(from: string, until: string) {
      await catchUp()
      const [all, intents] = await Promise.all([
        history.between(from, until),
        history.intents(from, until, intentsShown),
      ])
      return { from, until, ...figuresOf(all), intents }
    },
  }
}

function intentsOf(events: readonly DurableEvent[]): string[] {
  return [...new Set(events.flatMap((event) => (event.t === 'msg.completed' ? [event.d.intent.name] : [])))]
}

/** What people and the assistant said, with the number of its event. */
const saidIn = (events: readonly DurableEvent[]): { seq: number; text: string }[] =>
  events.flatMap((event) => {
    if (event.t === 'msg.completed') return [{ seq: event.seq, text: event.d.text }]
    return event.t === 'msg.created' && event.d.text ? [{ seq: event.seq, text: event.d.text }] : []
  })

/** Milliseconds from one time to a later one, where both are known. */
const between = (from: string | null, to: string | null): number[] =>
  from !== null && to !== null && to >= from ? [Date.parse(to) - Date.parse(from)] : []

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

/** Median and 90th percentile in milliseconds; null without a value. */
function spread(values: readonly number[]): { n: number; median: number | null; p90: number | null } {
  const sorted = Float64Array.from(values).sort()
  const at = (p: number): number | null => (sorted.length === 0 ? null : percentileOfSorted(sorted, p))
  return { n: sorted.length, median: at(0.5), p90: at(0.9) }
}

/** Counts, shares (0 to 1, null of nothing) and times of conversations. */
function figuresOf(all: readonly Summary[]) {
  const sum = (of: (summary: Summary) => number): number => all.reduce((total, summary) => total + of(summary), 0)
  const asked = all.filter(({ questions }) => questions > 0)
  const handed = all.filter(({ queuedAt, claimedAt }) => queuedAt !== null || claimedAt !== null)
  const rated = all.filter(({ rating }) => rating !== null)
  const [answers, unanswered] = [sum((one) => one.answers), sum((one) => one.unanswered)]
  const reasons = new Map<string, number>()
  for (const { reason } of handed) if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  return {
    conversations: all.length,
    withQuestions: asked.length,
    messages: sum((one) => one.questions),
    /** Of those with a question: no person was needed. */
    contained: share(
      asked.filter(({ queuedAt, claimedAt }) => queuedAt === null && claimedAt === null).length,
      asked.length,
    ),
    /** Of what the assistant said to questions: an answer, or that it has none. */
    answered: share(answers, answers + unanswered),
    handedOver: handed.length,
    reasons: [...reasons].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
    /** Of the ratings: helpful. */
    helpful: share(rated.filter(({ rating }) => rating === 1).length, rated.length),
    ratings: rated.length,
    waitMs: spread(all.flatMap(({ queuedAt, claimedAt }) => between(queuedAt, claimedAt))),
    firstReplyMs: spread(all.flatMap(({ queuedAt, repliedAt }) => between(queuedAt, repliedAt))),
    resolutionMs: spread(all.flatMap(({ startedAt, closedAt }) => between(startedAt, closedAt))),
  }
}
