import { type AgentAck, type AgentFrame, agentFrame } from '../protocol/agent-events.ts'
import { agentTicketReply } from '../protocol/messages.ts'
import { must, shown } from './check.ts'
import { type Line, openLineOf } from './line.ts'
import { type Err, newId, type World } from './world.ts'

export type Who = 'ann' | 'bob' | 'lead'

/** A member of staff at the desk. */
export interface Clerk {
  /** User name. */
  readonly user: string
  readonly cookie: string
  readonly line: Line<AgentFrame>
  /** Send a command and resolve with its reply, whichever it is. */
  reply(t: string, conv: string | undefined, d?: object, id?: string): Promise<AgentAck | Err>
  /** Send a command that has to be accepted. */
  command(t: string, conv: string | undefined, d?: object, id?: string): Promise<AgentAck>
}

/** @throws {NonConformity} if the login is not accepted. */
export async function signIn(world: World, who: Who): Promise<{ user: string; cookie: string }> {
  const { staff } = world
  must(staff !== undefined, 'logins of staff', staff)
  const { user, password } = who === 'lead' ? staff.lead : staff.agents[who === 'ann' ? 0 : 1]
  const reply = await world.post('/v1/sessions', { user, password })
  must(reply.status === 201, `status 201 for ${user}`, `${reply.status} ${reply.text.slice(0, 200)}`)
  return { user, cookie: (reply.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '' }
}

const sessions = new WeakMap<World, Map<Who, ReturnType<typeof signIn>>>()

/** A session that several cases share: checking a password takes its time. */
function sessionOf(world: World, who: Who): ReturnType<typeof signIn> {
  const known = sessions.get(world) ?? new Map<Who, ReturnType<typeof signIn>>()
  sessions.set(world, known)
  const session = known.get(who) ?? signIn(world, who)
  known.set(who, session)
  return session
}

/** Get a ticket and say hello. @param session one of its own; by default one that others use as well. */
export async function takeSeat(
  world: World,
  who: Who,
  { instance = newId(), session = sessionOf(world, who) } = {},
): Promise<Clerk> {
  const { user, cookie } = await session
  const reply = await world.post('/v1/tickets', { role: 'agent' }, { cookie })
  const parsed = agentTicketReply.safeParse(reply.json)
  must(parsed.success, 'a ticket for the desk', `${reply.status} ${shown(reply.json)}`)
  const line = await openLineOf(world.url, { origin: world.origin, patienceMs: world.patienceMs }, agentFrame)
  line.write({ t: 'hello', ticket: parsed.data.ticket, client: { name: 'conform', ver: '1.0.0', instance } })
  await line.wait('a welcome', (frame) => (frame.t === 'welcome' ? frame : undefined))
  return createClerk(user, cookie, line)
}

function createClerk(user: string, cookie: string, line: Line<AgentFrame>): Clerk {
  async function reply(t: string, conv: string | undefined, d: object = {}, id = newId()): Promise<AgentAck | Err> {
    const from = line.frames.length
    line.write({ t, id, ...(conv !== undefined && { conv }), d })
    let at = 0
    return line.wait(`a reply to ${t}`, (frame) =>
      at++ >= from && (frame.t === 'ack' || frame.t === 'err') && frame.re === id ? frame : undefined,
    )
  }
  return {
    ...{ user, cookie, line, reply },
    async command(t, conv, d, id) {
      const answer = await reply(t, conv, d, id)
      must(answer.t === 'ack', `an ack of ${t}`, answer)
      return answer
    },
  }
}
