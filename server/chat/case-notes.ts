import type { Cases } from '../storage/cases.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { DurableEvent, NewEvent, Tx } from '../storage/types.ts'
import type { Right } from '../text/rights-kinds.ts'
import type { OpenedCase } from './compose.ts'
import { isOpened } from './reference.ts'

/** What a turn makes of rights: those that its messages invoke, and those of them that were no case when it began. */
export interface Invoked {
  readonly rights: readonly Right[]
  readonly opened: readonly OpenedCase[]
}

/** Writes the events of a turn with the cases that it opens, in the turn's own unit. @param now ISO time, UTC. */
export function createCaseNotes(cases: Cases, { append }: Pick<Conversations, 'append'>, now: () => string) {
  /** Open the cases that the events tell of. @returns the events without those of a right that has become a case meanwhile. */
  async function open(tx: Tx, conv: string, events: readonly NewEvent[], { opened }: Invoked, openedAt: string) {
    const told: NewEvent[] = []
    for (const event of events) {
      const terms = isOpened(event) && opened.find(({ type }) => type === event.d.type)
      if (!terms) told.push(event)
      else {
        const { case: id, ref } = event.d
        if (await cases.open(tx, { ...terms, id, conv, ref, openedAt })) told.push(event)
      }
    }
    return told
  }

  return {
    /**
     * Append the events, open their cases, and note the messages that tell of these rights beside them.
     * @param onlyIf as the log's `append` takes it.
     */
    async append(
      tx: Tx,
      conv: string,
      events: readonly NewEvent[],
      invoked: Invoked,
      mids: readonly string[],
      onlyIf?: 'open' | 'unclaimed',
    ): Promise<DurableEvent[]> {
      const at = now()
      const appended = await append(tx, conv, await open(tx, conv, events, invoked, at), at, onlyIf)
      for (const right of invoked.rights) await cases.notice(tx, conv, right, mids, at)
      return appended
    },
  }
}
