import { encode } from '../protocol/codec.ts'
import type { DurableEvent, Snapshot } from '../protocol/events.ts'
import { maxReplayEvents, maxSnapshotBytes } from '../protocol/limits.ts'
import type { Chat, SnapshotState } from './ports.ts'

/** Where a client stands: it has applied every event of `epoch` up to and including `after`. */
export interface ResumePoint {
  readonly epoch: string
  readonly after: number
}

/** How a client gets from where it stands to the head. `head` is the seq that it has reached then. */
export type CatchUp =
  | { readonly kind: 'fresh'; readonly epoch: string; readonly head: number }
  | { readonly kind: 'replay'; readonly epoch: string; readonly head: number; readonly events: readonly DurableEvent[] }
  | { readonly kind: 'snapshot'; readonly epoch: string; readonly head: number; readonly state: SnapshotState }

/**
 * Read all that a client needs before anything is sent, so that it never gets a part: the events after its point, or a
 * snapshot when the epoch is another, events are missing, there are more than 500, or it stands nowhere yet.
 * @throws {NotFoundError} if the conversation does not exist (any more).
 */
export async function planCatchUp(chat: Chat, conv: string, point: ResumePoint | undefined): Promise<CatchUp> {
  const { epoch, head } = await chat.open(conv)
  if (!point && head === 0) return { kind: 'fresh', epoch, head }
  if (point?.epoch === epoch && point.after <= head && head - point.after <= maxReplayEvents) {
    const events = point.after === head ? [] : await chat.replay(conv, point.after, head - point.after)
    const dense = events.every((event, i) => event.seq === point.after + 1 + i)
    if (dense && events.length === head - point.after) return { kind: 'replay', epoch, head, events }
  }
  const state = await chat.snapshot(conv)
  return { kind: 'snapshot', epoch, head: state.head, state }
}

/** The snapshot frame, without its oldest messages where all of them would exceed 1 MiB. */
export function snapshotFrame(conv: string, epoch: string, { head, ...d }: SnapshotState): string {
  const frame = (messages: Snapshot['d']['messages'], more: boolean): string => {
    return encode({ t: 'snapshot', conv, epoch, head, d: { ...d, messages, more } })
  }
  let room = maxSnapshotBytes - Buffer.byteLength(frame([], true))
  let from = d.messages.length
  for (; from > 0; from--) {
    room -= Buffer.byteLength(JSON.stringify(d.messages[from - 1])) + 1 // and a comma
    if (room < 0) break
  }
  return frame(d.messages.slice(from), d.more || from > 0)
}
