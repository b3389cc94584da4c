import { hashOf } from '../chat/command-hash.ts'
import type { Once } from '../chat/commands.ts'
import { ClosedError, NotFoundError } from '../errors.ts'
import { withoutSecrets } from '../privacy/redact.ts'
import { ProtocolError } from '../protocol/codec.ts'
import type { Ack } from '../protocol/events.ts'
import { mintId } from '../protocol/ids.ts'
import type { Audit } from '../storage/audit.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { DeskTable, Holder, Wait } from '../storage/desk.ts'
import type { DurableEvent, NewEvent, Tx } from '../storage/types.ts'
import { mayLead, type Staff } from './staff.ts'

export interface DeskCommandParts {
  readonly once: Once
  readonly conversations: Pick<Conversations, 'append' | 'clearAllPending' | 'close' | 'markRead'>
  readonly desk: Pick<DeskTable, 'handOver' | 'holder' | 'addNote' | 'load'>
  readonly audit: Pick<Audit, 'append'>
  readonly now: () => Date
  /** Conversations that one person may have at a time. */
  readonly capacity: number
}

/** Whoever was promised a person once does not begin at the end again. */
const firstOfAll = 0

const refused = (message: string): ProtocolError => new ProtocolError('forbidden', message)

/**
 * What staff do to a conversation. Each is one unit: who has it is compared in the statement that changes it, and the
 * customer is told in the same commit.
 */
export function createDeskCommands({ once, conversations, desk, audit, now, capacity }: DeskCommandParts) {
  const at = (): string => now().toISOString()

  /** Who holds an open conversation. @throws {NotFoundError}, {ClosedError} */
  async function holderOf(tx: Tx, conv: string) {
    const found = await desk.holder(tx, conv)
    if (!found) throw new NotFoundError('no such conversation')
    if (found.state === 'closed') throw new ClosedError('this conversation has ended')
    return found
  }

  /** The holder, if it is this person, or one whom they may act for. @throws ProtocolError `forbidden` if not */
  async function heldBy(tx: Tx, conv: string, who: Staff): Promise<Holder & { readonly owner: 'agent' }> {
    const { owner, agent } = await holderOf(tx, conv)
    if (owner !== 'agent' || agent === null || (agent !== who.id && !mayLead(who)))
      throw refused('you do not have this conversation')
    return { owner, agent }
  }

  /** @throws ProtocolError `forbidden` if it was handed over meanwhile. */
  async function move(
    tx: Tx,
    { id: user }: Pick<Staff, 'id'>,
    action: 'desk.claim' | 'desk.release' | 'desk.transfer',
    conv: string,
    from: readonly Holder[],
    to: Holder,
    told: NewEvent<'owner.changed'>['d'],
    wait?: Wait,
  ): Promise<DurableEvent[]> {
    if (!(await desk.handOver(tx, conv, from, to, wait))) throw refused('somebody else has this conversation')
    const detail = `${told.owner}${told.agent ? ` ${told.agent.id}` : ''}`
    await audit.append(tx, [{ actor: `user:${user}`, action, subject: conv, detail }], at())
    return conversations.append(tx, conv, [{ t: 'owner.changed', d: told }], at(), 'open')
  }

  async function assertRoom(tx: Tx, { id }: Staff): Promise<void> {
    if ((await desk.load(tx, id)) >= capacity)
      throw refused(`at most ${capacity} conversations at a time: close or release one`)
  }

  const run = async (conv: string, id: string, hash: string, work: (tx: Tx) => Promise<DurableEvent[]>): Promise<Ack> =>
    (await once(conv, id, hash, async (tx) => ({ events: await work(tx) }))).ack

  return {
    /** From the assistant or the queue to this person; who has it already, has it. */
    claim: (who: Staff, conv: string, id: string): Promise<Ack> =>
      run(conv, id, hashOf('desk.claim', { by: who.id }), async (tx) => {
        const { owner, agent } = await holderOf(tx, conv)
        if (agent === who.id) return []
        if (owner === 'agent') throw refused('somebody else has this conversation')
        await assertRoom(tx, who)
        const to = { owner: 'agent', agent: who.id } as const
        return move(tx, who, 'desk.claim', conv, [{ owner: 'bot' }, { owner: 'queue' }], to, {
          owner: 'agent',
          agent: { id: who.id, name: who.name },
        })
      }),

    release: (who: Staff, conv: string, id: string, to: 'bot' | 'queue', reason = 'released'): Promise<Ack> =>
      run(conv, id, hashOf('desk.release', { by: who.id, to }), async (tx) => {
        const from = await heldBy(tx, conv, who)
        if (to === 'bot') await conversations.clearAllPending(tx, conv) // a person has seen to all that was said
        const wait = to === 'queue' ? { at: at(), reason, priority: firstOfAll } : undefined
        return move(tx, who, 'desk.release', conv, [from], { owner: to }, { owner: to, ...(wait && { reason }) }, wait)
      }),

    transfer: (who: Staff, conv: string, id: string, to: Staff): Promise<Ack> =>
      run(conv, id, hashOf('desk.transfer', { by: who.id, to: to.id }), async (tx) => {
        const from = await heldBy(tx, conv, who)
        if (from.agent === to.id) return []
        await assertRoom(tx, to)
        const agent = { id: to.id, name: to.name }
        return move(
          tx,
          who,
          'desk.transfer',
          conv,
          [from],
          { owner: 'agent', agent: to.id },
          { owner: 'agent', agent, reason: 'transferred' },
        )
      }),

    /** End the conversation. @param reason is for staff: the log of what was done keeps it, the customer is not told. */
    close: (who: Staff, conv: string, id: string, typed: string): Promise<Ack> => {
      const reason = withoutSecrets(typed)
      return run(conv, id, hashOf('desk.close', { by: who.id, reason }), async (tx) => {
        await heldBy(tx, conv, who)
        const ended: NewEvent[] = [
          { t: 'owner.changed', d: { owner: 'closed' } },
          { t: 'conv.state', d: { state: 'closed' } },
        ]
        const events = await conversations.append(tx, conv, ended, at(), 'open')
        await conversations.close(tx, conv)
        await audit.append(tx, [{ actor: `user:${who.id}`, action: 'desk.close', subject: conv, reason }], at())
        return events
      })
    },

    /** A message to the customer. Numbers of cards and the like are masked; a bank's own telephone number is not. */
    async send(who: Staff, conv: string, id: string, typed: string): Promise<Ack> {
      const text = withoutSecrets(typed)
      const mid = mintId('m')
      const { ack } = await once(conv, id, hashOf('agent.send', { by: who.id, text }), async (tx) => {
        const { agent } = await heldBy(tx, conv, who)
        if (agent !== who.id) throw refused('you do not have this conversation')
        const d = { mid, by: 'agent' as const, re: [], status: 'done' as const, text }
        const events = await conversations.append(tx, conv, [{ t: 'msg.created', d }], at(), 'open')
        return { mid, seq: events[0]!.seq, events } // one event in, one out
      })
      return ack
    },

    /** @param saved called after the commit, unless the note was kept before. */
    async note(
      who: Staff,
      conv: string,
      id: string,
      typed: string,
      saved: (note: { nid: string; by: string; at: string; text: string }) => void,
    ): Promise<Ack> {
      const note = { nid: mintId('n'), by: who.id, at: at(), text: withoutSecrets(typed) }
      const { ack, isNew } = await once(conv, id, hashOf('note.add', { by: who.id, text: note.text }), async (tx) => {
        if (!(await desk.holder(tx, conv))) throw new NotFoundError('no such conversation')
        await desk.addNote(tx, conv, note)
        return { events: [] }
      })
      if (isNew) saved(note)
      return ack
    },

    /** This person has read every event up to and including `upto`. */
    read: (who: Staff, conv: string, id: string, upto: number): Promise<Ack> =>
      run(conv, id, hashOf('agent.read', { by: who.id, upto }), async (tx) => {
        if ((await desk.holder(tx, conv))?.agent !== who.id) return [] // looking on is not reading for the customer
        const moved = await conversations.markRead(tx, conv, 'agent', upto)
        return moved ? conversations.append(tx, conv, [{ t: 'read', d: { by: 'agent', upto } }], at()) : []
      }),
  }
}
