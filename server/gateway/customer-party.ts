import { NotFoundError } from '../errors.ts'
import { decodeCommand, encode } from '../protocol/codec.ts'
import type { CustomerFrame } from '../protocol/events.ts'
import { mintId } from '../protocol/ids.ts'
import { maxFrameBytes, maxTextChars } from '../protocol/limits.ts'
import type { Hello } from '../protocol/messages.ts'
import type { CatchUp } from './catch-up.ts'
import type { DeskPort } from './desk-ports.ts'
import { budgetOf, handle, isWork } from './handlers.ts'
import type { Outlet } from './outlet.ts'
import type { Party } from './party.ts'
import type { Chat } from './ports.ts'
import { createSession } from './session.ts'

export interface CustomerPartyParts {
  readonly chat: Chat
  readonly desk: Pick<DeskPort, 'turn'>
  readonly outlet: Outlet
  readonly heartbeatMs: number
  readonly ratePerMinute: number
  /** More is kept back than may be. */
  readonly overflow: () => void
  /** Say no to a part of the hello. */
  readonly refuse: (reason: unknown) => void
}

/** A customer, connected to one conversation. */
export function createCustomerParty(conv: string, parts: CustomerPartyParts) {
  const { chat, desk, outlet, heartbeatMs, ratePerMinute, overflow, refuse } = parts
  const session = createSession({ chat, conv, outlet, overflow, side: 'customer' })

  const welcomeFrame = ({ epoch, head, kind }: CatchUp): CustomerFrame => ({
    t: 'welcome',
    sid: mintId('s'),
    conv,
    epoch,
    head,
    hb: heartbeatMs,
    resume: kind,
    limits: { frame: maxFrameBytes, textChars: maxTextChars, perMin: ratePerMinute },
    caps: ['delta', 'recs'],
    disclosure: { ai: true, human: 'type “human” at any time' },
  })

  const party: Party = {
    payer: conv,
    read(frame) {
      const command = decodeCommand(frame)
      if (!command) return undefined
      return {
        t: command.t,
        id: 'id' in command ? command.id : undefined,
        budget: budgetOf[command.t],
        isWork: isWork(command),
        async run() {
          if ('conv' in command && command.conv !== conv) throw new NotFoundError('another conversation')
          if (command.t === 'msg.send') session.holdForAck()
          return handle(command, session)
        },
      }
    },
    send: (frame) => outlet.send(JSON.stringify(frame)),
    replied: session.releaseAck,
    end: session.end,
  }

  return {
    party,
    /** Greet the customer and bring them from their point to the head. @throws NotFoundError */
    async welcome({ resume }: Hello): Promise<void> {
      const foreign = resume !== undefined && resume.conv !== conv
      // A point in somebody else's conversation, or in none, is answered alike, and worth nothing in this one.
      if (foreign) refuse(new NotFoundError('resume of another conversation'))
      await session.resume(foreign ? undefined : resume, (plan) => session.send(welcomeFrame(plan)))
      const turn = await desk.turn(conv)
      if (turn) outlet.sendEphemeral(encode(turn))
    },
  }
}
