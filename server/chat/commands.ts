import type { Ack } from '../protocol/events.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { UnitOfWork } from '../storage/group-commit.ts'
import type { DurableEvent, Tx } from '../storage/types.ts'

/** What a command did: the ids of its ack, and the events to send once it is committed. */
export interface Effect {
  readonly mid?: string
  readonly seq?: number
  readonly events: readonly DurableEvent[]
}

/** Runs durable commands, of customers and of staff. @param heard takes their events after the commit. */
export function createCommands(
  units: UnitOfWork,
  conversations: Pick<Conversations, 'accept' | 'remember'>,
  heard: (conv: string, events: readonly DurableEvent[]) => void,
) {
  /** Run a command once; a resend gets the first ack again, marked as such. Its events follow the ack. */
  return async function once(
    conv: string,
    id: string,
    hash: string,
    work: (tx: Tx) => Promise<Effect>,
  ): Promise<{ ack: Ack; isNew: boolean }> {
    const { receipt, events } = await units.run(async (tx) => {
      const known = await conversations.accept(tx, conv, id, hash)
      if (known) return { receipt: known, events: [] }
      const { events: added, ...ids } = await work(tx)
      await conversations.remember(tx, conv, id, hash, ids)
      return { receipt: { ...ids, dup: false }, events: added }
    })
    heard(conv, events)
    const { dup, ...ids } = receipt
    return { ack: { t: 'ack', re: id, ...ids, ...(dup ? { dup } : {}) }, isNew: !dup }
  }
}
export type Once = ReturnType<typeof createCommands>
