import type { Closing } from '../cases/cases.ts'
import type { Rooms } from '../chat/rooms.ts'
import { messageOf, NotFoundError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { withoutSecrets } from '../privacy/redact.ts'
import type { AgentEvent } from '../protocol/agent-events.ts'
import { ProtocolError } from '../protocol/codec.ts'
import type { Ack, EphemeralEvent } from '../protocol/events.ts'
import { mintId } from '../protocol/ids.ts'
import type { Cases } from '../storage/cases.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { DeskTable } from '../storage/desk.ts'
import type { Users } from '../storage/users.ts'
import { createDeskCommands, type DeskCommandParts } from './commands.ts'
import { createQueueBoard, type QueueParts } from './queue.ts'
import { createDeskSearches, type SearchParts } from './searches.ts'
import { createShifts } from './shifts.ts'
import { createStaff, mayLead, mayWork, type Staff } from './staff.ts'
import { createPace } from './waits.ts'

export interface DeskParts
  extends Omit<DeskCommandParts, 'desk' | 'conversations'>,
    Omit<SearchParts, 'conversations'>,
    Pick<QueueParts, 'publish'> {
  readonly users: Pick<Users, 'find' | 'list'>
  readonly desk: DeskTable
  readonly conversations: Conversations
  readonly cases: Pick<Cases, 'find' | 'ofConversation'>
  readonly closeCase: (id: string, by: Closing) => Promise<void>
  /** What only staff hear of a conversation. */
  readonly rooms: Rooms<AgentEvent>
  /** How long somebody may be away before what they have goes back to the queue, milliseconds. */
  readonly graceMs: number
  /** A monotonic clock, milliseconds. */
  readonly clock: () => number
  readonly logger: Logger
}

/** Where people take over: who waits, who has what, what staff write, look up and are suggested. */
export function createDesk(parts: DeskParts) {
  const { conversations, desk, cases, closeCase, rooms, publish, logger } = parts
  const staff = createStaff(parts.users, parts.clock)
  const shifts = createShifts(parts.graceMs, parts.clock)
  const pace = createPace(parts.clock)
  const queue = createQueueBoard({ desk, staff, pace, publish, clock: parts.clock, logger })
  const commands = createDeskCommands(parts)

  /** A call for a person is settled when one is there. A failure leaves the case open, and it is escalated in time. */
  async function settleCall(conv: string, { id, name }: Staff): Promise<void> {
    const open = (await cases.ofConversation(conv)).filter(
      ({ type, status }) => type === 'human' && status !== 'closed',
    )
    for (const { id: call } of open)
      await closeCase(call, { actor: `user:${id}`, reason: `${name} has taken over` }).catch((reason: unknown) =>
        logger.warn({ case: call, reason: messageOf(reason) }, 'a call for a person was not settled'),
      )
  }

  async function claim(who: Staff, conv: string, id: string): Promise<Ack> {
    const waited = (await desk.position(conv)) !== undefined
    const ack = await commands.claim(who, conv, id)
    if (waited && ack.dup !== true) pace.claimed()
    if (ack.dup !== true) await settleCall(conv, who)
    return ack
  }

  /** @throws ProtocolError `not_found` for nobody; `forbidden` for one who is not there, or does not work at the desk. */
  async function colleague(name: string): Promise<Staff> {
    const found = await staff.find(name)
    if (!found || !mayWork(found)) throw new ProtocolError('not_found', 'no such colleague', { field: 'd.to' })
    if (!shifts.isThere(name)) throw new ProtocolError('forbidden', `${found.name} is not there`, { field: 'd.to' })
    return found
  }

  return {
    staff,
    arrived: shifts.arrived,
    watch: queue.watch,
    turn: queue.turn,
    /** Something about who has a conversation was committed. */
    changed: queue.changed,
    ...createDeskSearches(parts),

    /** What waits and what this person has; for those who lead, what everybody has. */
    async list(who: Staff) {
      const [board, own] = await Promise.all([queue.board(), queue.held(who.id)])
      const others = mayLead(who) ? (await queue.held()).filter(({ agent }) => agent?.id !== who.id) : []
      return { ...board, mine: [...own, ...others] }
    },

    /** What only staff see of a conversation. */
    async inside(conv: string) {
      if (!(await conversations.find(conv))) throw new NotFoundError('no such conversation')
      return { notes: await desk.notes(conv) }
    },
    follow: rooms.subscribe,

    claim,
    release: commands.release,
    transfer: async (who: Staff, conv: string, id: string, to: string) =>
      commands.transfer(who, conv, id, await colleague(to)),
    close: commands.close,
    send: commands.send,
    read: commands.read,
    note: (who: Staff, conv: string, id: string, text: string) =>
      commands.note(who, conv, id, text, (d) => rooms.tell(conv, { t: 'note.added', conv, d })),

    /** Close a case of this conversation. @throws {NotFoundError} also for a case of another. */
    async closeCase(who: Staff, conv: string, id: string, { case: of, reason }: { case: string; reason: string }) {
      const [actor, why] = [`user:${who.id}`, withoutSecrets(reason)]
      const found = await cases.find(of)
      if (!found || found.conv !== conv) throw new NotFoundError('no such case')
      const isDone = found.closedBy === actor && found.reason === why
      if (!isDone) await closeCase(of, { actor, reason: why })
      return { t: 'ack' as const, re: id, ...(isDone && { dup: true }) }
    },

    /** The customer sees that somebody types; only of the one who has the conversation. */
    async typing(who: Staff, conv: string, on: boolean): Promise<void> {
      if ((await conversations.find(conv))?.agent !== who.id) return
      const event: EphemeralEvent = { t: 'typing', conv, d: { by: 'agent', on } }
      publish(conv, [event])
    },
    /** Colleagues who look at the same conversation see what is being written. */
    draft(who: Staff, conv: string, text: string): void {
      rooms.tell(conv, { t: 'draft', conv, d: { by: who.id, name: who.name, text } })
    },

    /** What was left by those who do not come back waits again. @returns how many. */
    async tidy(): Promise<number> {
      let count = 0
      for (const { agent } of await desk.loads()) {
        if (agent === null || !shifts.isGone(agent)) continue
        const gone = { id: agent, name: agent, permissions: new Set<never>() }
        for (const { conv } of await desk.held(agent, 1_000)) {
          await commands
            .release(gone, conv, mintId('r'), 'queue', 'agent_lost')
            .then(() => count++)
            .catch((reason: unknown) => logger.warn({ conv, reason: messageOf(reason) }, 'not put back in the queue'))
        }
      }
      return count
    },
    closed: queue.close,
  }
}
