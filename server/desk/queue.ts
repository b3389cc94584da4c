import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { DeskQueue, ShownDeskItem } from '../protocol/agent-events.ts'
import { moods } from '../protocol/events.ts'
import type { DeskItem, DeskTable } from '../storage/desk.ts'
import type { EphemeralEvent } from '../storage/types.ts'
import type { StaffList } from './staff.ts'
import type { createPace } from './waits.ts'

export interface QueueParts {
  readonly desk: Pick<DeskTable, 'waiting' | 'countWaiting' | 'position' | 'held'>
  readonly staff: StaffList
  readonly pace: ReturnType<typeof createPace>
  /** Tell whoever is connected to the conversation. */
  readonly publish: (conv: string, events: readonly EphemeralEvent[]) => void
  /** A monotonic clock, milliseconds. */
  readonly clock: () => number
  readonly logger: Logger
}

/** Shown of the queue; beyond that only how many wait. */
const shown = 100
/** Changes within this time are told once, milliseconds: a hundred hand-overs a second are one list, not a hundred. */
const togetherMs = 50
/** A list that nothing has changed is read anew after so long, for what was said meanwhile; milliseconds. */
const freshMs = 1_000

/** Who waits for a person, for those who can take them and for those who wait. */
export function createQueueBoard({ desk, staff, pace, publish, clock, logger }: QueueParts) {
  const watchers = new Set<(frame: DeskQueue) => void>()
  let timer: NodeJS.Timeout | undefined

  let read: { readonly at: number; readonly board: Promise<DeskQueue['d']> } | undefined

  /** Fifty people who ask at once are shown one list. */
  function board(): Promise<DeskQueue['d']> {
    const at = clock()
    if (!read || at - read.at > freshMs) {
      read = { at, board: readBoard() }
      read.board.catch(() => {
        read = undefined
      })
    }
    return read.board
  }

  async function readBoard(): Promise<DeskQueue['d']> {
    const [items, waiting, names] = await Promise.all([desk.waiting(shown), desk.countWaiting(), staff.names()])
    return { items: items.map((item, i) => ({ ...shownItem(item, names), position: i + 1 })), waiting }
  }

  const turnOf = (conv: string, position: number): EphemeralEvent => {
    const waitMs = pace.waitMs(position)
    return { t: 'queue', conv, d: { position, ...(waitMs !== undefined && { waitMs }) } }
  }

  async function tell(): Promise<void> {
    read = undefined // what was read while the change was committed may lack it
    try {
      const d = await board()
      const frame: DeskQueue = { t: 'desk.queue', d }
      for (const watcher of watchers) watcher(frame)
      for (const { conv, position = 1 } of d.items) publish(conv, [turnOf(conv, position)])
    } catch (reason) {
      logger.warn({ reason: messageOf(reason) }, 'the queue was not told') // the next change tells it
    }
  }

  return {
    board,
    /** Something was queued, taken or given back. */
    changed(): void {
      read = undefined
      timer ??= setTimeout(() => {
        timer = undefined
        void tell()
      }, togetherMs)
    },
    /** What people have: this one's, or without a name everybody's. */
    async held(agent?: string): Promise<ShownDeskItem[]> {
      const [items, names] = await Promise.all([desk.held(agent, shown), staff.names()])
      return items.map((item) => shownItem(item, names))
    },
    /** For a customer who waits: their place, and how long it may take. */
    async turn(conv: string): Promise<EphemeralEvent | undefined> {
      const position = await desk.position(conv)
      return position === undefined ? undefined : turnOf(conv, position)
    },
    /** @returns the function that ends it. */
    watch(watcher: (frame: DeskQueue) => void): () => void {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    close: (): void => clearTimeout(timer),
  }
}

const isMood = (label: string | null): label is (typeof moods)[number] => moods.some((known) => known === label)

function shownItem(item: DeskItem, names: ReadonlyMap<string, string>): ShownDeskItem {
  const { conv, owner, agent, since, reason, said, mood, intent, lastAt } = item
  return {
    ...{ conv, owner },
    ...(agent !== null && { agent: { id: agent, name: names.get(agent) ?? agent } }),
    ...(since !== null && { since }),
    ...(reason !== null && { reason }),
    ...(said !== null && { said }),
    ...(isMood(mood) && { mood }),
    ...(intent !== null && { intent }),
    ...(lastAt !== null && { lastAt }),
  }
}
