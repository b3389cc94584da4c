import type { Draft } from '../chat/compose.ts'
import { createResponder, type ResponderParts, type Response } from '../chat/responder.ts'
import type { Generation } from '../engine/messages.ts'
import type { Pool, Priority } from '../engine/pool.ts'
import { assertWanted, type OnProgress } from '../engine/tasks.ts'
import { messageOf } from '../errors.ts'
import type { ReadingReceipt, Receipts } from '../storage/receipts.ts'
import { requestOf, withEngines } from './read-again.ts'

/** What of a reading is told: labels, the kind of the answer, and what it quotes. */
export interface Told {
  readonly intent: string
  readonly mood: string
  readonly kind: string
  /** Documents with their versions, and the words. */
  readonly quotes: string
}

/** A question that is read differently. */
export interface ChangedReading {
  /** The answer that was given, for `bursar why`. */
  readonly message: string
  readonly question: string
  /** Only what differs. */
  readonly before: Partial<Told>
  readonly now: Partial<Told>
}

export interface Rehearsal {
  readonly replayed: number
  readonly changes: readonly ChangedReading[]
}

export interface RehearsalParts extends Pick<ResponderParts, 'recommender' | 'current' | 'termsOf' | 'logger'> {
  readonly receipts: Pick<Receipts, 'lastRead'>
  readonly passages: Pick<ResponderParts, 'readable'>
  readonly pool: Pool
  /** Ends it. */
  readonly signal: AbortSignal | undefined
}

/**
 * Have the last questions of customers read by another generation beside the one in force, with today's documents.
 * @param limit how many questions at most. @throws {LoadError} if the other generation cannot be loaded;
 * {EngineLostError} at the signal.
 */
export async function rehearse(
  parts: RehearsalParts,
  other: Generation,
  limit: number,
  onProgress: OnProgress,
): Promise<Rehearsal> {
  const asked = await parts.receipts.lastRead(limit)
  if (asked.length === 0) return { replayed: 0, changes: [] }
  const changes: ChangedReading[] = []
  await withEngines(parts, other, async (engines) => {
    // Customers go before in the engines that serve.
    const [before, now] = [readerOf(parts, parts.pool, 'background'), readerOf(parts, engines, 'chat')]
    for (const [i, { mid, receipt }] of asked.entries()) {
      assertWanted(parts.signal)
      onProgress(i / asked.length, 'reading earlier questions with both versions')
      const [was, is] = await Promise.all([before(receipt), now(receipt)])
      const fields = fieldsOf(was).filter((field) => was[field] !== is[field])
      const only = (told: Told): Partial<Told> => Object.fromEntries(fields.map((field) => [field, told[field]]))
      if (fields.length > 0)
        changes.push({ message: mid, question: receipt.question, before: only(was), now: only(is) })
    }
  })
  return { replayed: asked.length, changes }
}

// Object.keys forgets the key type; a reading has exactly these.
const fieldsOf = (told: Told): (keyof Told)[] => Object.keys(told) as (keyof Told)[]

function readerOf(
  { passages, recommender, current, termsOf, logger }: RehearsalParts,
  engines: Pool,
  priority: Priority,
) {
  const ask: ResponderParts['ask'] = (job) => engines.run(job, priority)
  const { respond } = createResponder({ ask, readable: passages.readable, recommender, current, termsOf, logger })
  return (receipt: ReadingReceipt): Promise<Told> =>
    respond(requestOf(receipt)).then(toldBy, (reason: unknown) => {
      // A question that one of them cannot read is a difference as well.
      return { intent: '', mood: '', kind: `error: ${messageOf(reason)}`, quotes: '' }
    })
}

function toldBy({ draft, receipt: { intent, sentiment } }: Response): Told {
  return {
    intent: intent.outOfScope ? 'out of scope' : intent.name,
    mood: sentiment.label,
    kind: draft.kind,
    quotes: quotesOf(draft),
  }
}

const quotesOf = ({ cites }: Draft): string =>
  cites.map(({ doc, ver, quote }) => `${doc}@${ver} “${quote.replace(/\s+/g, ' ')}”`).join('; ')
