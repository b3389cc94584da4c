import type { DeskQueue } from '../protocol/agent-events.ts'
import type { AgentCommandOf } from '../protocol/agent-messages.ts'
import { decodeAgentCommand, encodeForAgent, ProtocolError } from '../protocol/codec.ts'
import { mintId } from '../protocol/ids.ts'
import { maxFollowed, maxFrameBytes, maxTextChars } from '../protocol/limits.ts'
import { agentBudgetOf, handleAgent, isAgentWork, isAutomatic } from './agent-handlers.ts'
import type { DeskPort, Staff } from './desk-ports.ts'
import { ForbiddenError } from './errors.ts'
import type { Outlet } from './outlet.ts'
import type { Party } from './party.ts'
import type { Access, Chat } from './ports.ts'
import { createSession, type Session } from './session.ts'

export interface AgentPartyParts {
  readonly chat: Chat
  readonly desk: DeskPort
  readonly access: Pick<Access, 'ofSession' | 'onChange'>
  readonly outlet: Outlet
  readonly heartbeatMs: number
  readonly ratePerMinute: number
  readonly overflow: () => void
  /** Their rights were withdrawn, or their session has ended. */
  readonly forbid: (reason: unknown) => void
}

const encodings = new WeakMap<DeskQueue, string>()
/** The queue goes as the same string to all who are at the desk. */
function encodeOnce(frame: DeskQueue): string {
  const text = encodings.get(frame) ?? encodeForAgent(frame)
  encodings.set(frame, text)
  return text
}

/**
 * A member of staff: one socket for the desk and every conversation that they look at. What they may is read anew at each
 * command and each pong, and as soon as it is changed.
 * @throws {ForbiddenError} if they may not work at the desk.
 */
export async function createAgentParty(token: string, parts: AgentPartyParts) {
  const { chat, desk, access, outlet, heartbeatMs, ratePerMinute, overflow, forbid } = parts
  const followed = new Map<string, { readonly session: Session; readonly end: () => void }>()
  const { id } = await authorise(true)
  const ends = [
    desk.arrived(id),
    desk.watch((frame) => outlet.sendEphemeral(encodeOnce(frame))),
    access.onChange((user) => user === id && check()),
  ]

  async function authorise(isUse: boolean): Promise<Staff> {
    const principal = await access.ofSession(token, isUse)
    const staff = principal?.user === undefined ? undefined : await desk.staff.find(principal.user)
    if (!principal || !staff || !principal.permissions.has('desk:work'))
      throw new ForbiddenError('no session of somebody who works at the desk')
    return staff
  }
  const check = (): void => void authorise(false).catch(forbid)

  /** As customers see it, and what only staff see of it. */
  const inside: Chat = {
    ...chat,
    snapshot: async (conv) => ({ ...(await chat.snapshot(conv)), ...(await desk.inside(conv)) }),
  }

  function follow(conv: string): Session {
    const known = followed.get(conv)
    if (known) return known.session
    if (followed.size >= maxFollowed)
      throw new ProtocolError('busy', `at most ${maxFollowed} conversations are followed at a time`)
    const session = createSession({ chat: inside, conv, outlet, overflow, side: 'agent' })
    const unfollow = desk.follow(conv, (event) => {
      if (event.t === 'note.added' || event.d.by !== id) outlet.send(encodeForAgent(event))
    })
    const end = (): void => {
      session.end()
      unfollow()
    }
    followed.set(conv, { session, end })
    return session
  }

  function leave(conv: string): void {
    followed.get(conv)?.end()
    followed.delete(conv)
  }

  async function open({ id: re, conv, d }: AgentCommandOf<'desk.open'>): Promise<void> {
    const isNew = !followed.has(conv)
    const point = d.epoch !== undefined && d.after !== undefined ? { epoch: d.epoch, after: d.after } : undefined
    let hasNotes = false
    try {
      await follow(conv).resume(point, ({ kind }) => {
        hasNotes = kind === 'snapshot'
        outlet.send(encodeForAgent({ t: 'ack', re }))
      })
      if (hasNotes) return
      // They lie outside the sequence, so a replay lacks those that were written meanwhile.
      for (const note of (await desk.inside(conv)).notes)
        outlet.send(encodeForAgent({ t: 'note.added', conv, d: note }))
    } catch (reason) {
      if (isNew) leave(conv)
      throw reason
    }
  }

  const party: Party = {
    payer: `agent ${id}`,
    read(frame) {
      const command = decodeAgentCommand(frame)
      if (!command) return undefined
      return {
        t: command.t,
        id: 'id' in command ? command.id : undefined,
        budget: agentBudgetOf(command),
        isWork: isAgentWork(command),
        async run() {
          const who = await authorise(!isAutomatic(command))
          if (command.t === 'msg.send') followed.get(command.conv)?.session.holdForAck()
          return handleAgent(command, { who, desk, open, leave })
        },
      }
    },
    send: (frame) => outlet.send(JSON.stringify(frame)),
    replied() {
      for (const { session } of followed.values()) session.releaseAck()
    },
    end() {
      for (const end of ends) end()
      for (const conv of [...followed.keys()]) leave(conv)
    },
  }

  return {
    party,
    user: id,
    welcome(): void {
      const limits = { frame: maxFrameBytes, textChars: maxTextChars, perMin: ratePerMinute }
      outlet.send(encodeForAgent({ t: 'welcome', sid: mintId('s'), hb: heartbeatMs, limits, caps: ['delta', 'recs'] }))
    },
  }
}
