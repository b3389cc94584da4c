import { createComposer, type Draft, requestReading } from '../chat/compose.ts'
import { refOf, withReference } from '../chat/reference.ts'
import { createResponder, type ResponderParts } from '../chat/responder.ts'
import type { Generation } from '../engine/messages.ts'
import type { Pool } from '../engine/pool.ts'
import { BusyError } from '../errors.ts'
import type { Passages } from '../storage/passages.ts'
import type { ReadingReceipt, ReadWith, RuleReceipt } from '../storage/receipts.ts'
import type { IsoDate } from '../storage/types.ts'
import { requestOf, withEngines } from './read-again.ts'
import { receiptOf, type WhyParts } from './why.ts'

/** One field of the answer that is not byte for byte as it was, both as JSON; null where one has no such field. */
export interface Difference {
  readonly field: string
  readonly before: string | null
  readonly now: string | null
}

export interface Replayed {
  readonly message: string
  /** `stored`: read again with the very index and models of then; `current`: with those in force now. */
  readonly snapshot: 'stored' | 'current'
  /** What of then is not kept any more. */
  readonly missing: readonly string[]
  readonly generation: { readonly before: number | null; readonly now: number | null }
  /** Byte-equal. */
  readonly equal: boolean
  readonly differences: readonly Difference[]
  readonly answer: Draft
}

/** What a message was read with, as far as it is still there. */
export interface Recorded {
  /** The recorded one, or the one in force where something is missing. */
  readonly generation: Generation
  readonly missing: readonly string[]
}

export interface ReplayParts
  extends Pick<WhyParts, 'receipts' | 'conversations'>,
    Pick<ResponderParts, 'recommender' | 'current' | 'termsOf' | 'logger'> {
  readonly passages: Pick<Passages, 'readable' | 'everReadable'>
  readonly pool: Pool
  readonly recorded: (readWith: ReadWith) => Promise<Recorded>
}

/**
 * Answers earlier questions again. Texts are those of the versions that were current then; products, their sheets and the
 * deadlines of cases are today's, as neither has versions.
 */
export function createReplay(parts: ReplayParts) {
  const { passages, recorded, recommender, current, termsOf, logger } = parts
  let busy = false

  /** @throws {NotFoundError} if there is no receipt; {@link BusyError} while another replay goes on. */
  async function replay(message: string): Promise<Replayed> {
    if (busy) throw new BusyError('another replay is under way: try again when it is done')
    busy = true
    try {
      const { answer, receipt } = await receiptOf(parts, message)
      const { mid: _, ...before } = answer
      const { draft, ...how } = receipt.how === 'read' ? await readAgain(receipt) : saidAgain(before, receipt)
      const now = withRefOf(before, draft)
      const differences = differencesOf(before, now)
      return { message, ...how, equal: differences.length === 0, differences, answer: now }
    } finally {
      busy = false
    }
  }

  async function readAgain(receipt: ReadingReceipt) {
    const { generation, missing } = await recorded(receipt.readWith)
    const isStored = missing.length === 0
    const { lostAhead = [] } = receipt
    const isLost = (id: number, day: IsoDate): boolean =>
      receipt.lost.includes(id) || lostAhead.some((one) => one.day === day && one.passages.includes(id))
    const draft = await withEngines(parts, generation, async (engines) => {
      const responder = createResponder({
        ...{ recommender, current, termsOf, logger },
        ask: (job) => engines.run(job),
        readable: async (ids, day, role) =>
          isStored
            ? passages.everReadable(
                ids.filter((id) => !isLost(id, day)),
                day,
                role,
              ) // as the store was then
            : passages.readable(ids, day, role),
      })
      return (await responder.respond(requestOf(receipt))).draft
    })
    return {
      ...{ draft, missing, snapshot: isStored ? ('stored' as const) : ('current' as const) },
      generation: { before: receipt.readWith.generation, now: generation.number },
    }
  }

  return replay
}

/** An answer that nothing is read for. */
function saidAgain(before: Draft, { how }: RuleReceipt) {
  const composer = createComposer('en', requestReading)
  const ref = refOf(before.parts) ?? ''
  const isFirst = how === 'button' && before.parts.some((part) => 'tpl' in part && part.tpl === 'handoff.human.en')
  return {
    draft: isFirst ? composer.handoff('human', ref) : composer.waiting(ref),
    ...{ missing: [], snapshot: 'stored' as const, generation: { before: null, now: null } },
  }
}

/** References are drawn at random: the answer under the one that was told. */
function withRefOf(before: Draft, draft: Draft): Draft {
  const ref = refOf(before.parts)
  if (ref === undefined) return draft
  const [event] = withReference([{ t: 'msg.completed', d: { mid: '', ...draft } }], ref)
  const { mid: _, ...now } = event!.d as Draft & { mid: string } // one event in, the same kind out
  return now
}

function differencesOf(before: Draft, now: Draft): Difference[] {
  const [old, fresh] = [new Map(Object.entries(before)), new Map(Object.entries(now))]
  const fields = [...new Set([...old.keys(), ...fresh.keys()])]
  return fields.flatMap((field) => {
    const [was, is] = [printed(old.get(field)), printed(fresh.get(field))]
    return was === is ? [] : [{ field, before: was, now: is }]
  })
}

const printed = (value: unknown): string | null => JSON.stringify(value) ?? null
