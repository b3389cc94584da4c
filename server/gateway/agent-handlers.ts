import type { AgentAck } from '../protocol/agent-events.ts'
import type { AgentCommand, AgentCommandOf } from '../protocol/agent-messages.ts'
import type { DeskPort, Staff } from './desk-ports.ts'
import type { Budget } from './rate-limit.ts'

/** What a handler of a member of staff works with. */
export interface AtDesk {
  readonly who: Staff
  readonly desk: DeskPort
  /** Follow a conversation from a point, or from a snapshot; acknowledged before what it brings. */
  open(command: AgentCommandOf<'desk.open'>): Promise<void>
  leave(conv: string): void
}

/** A new command does not compile until it has a line here. */
type Handlers = {
  readonly [T in AgentCommand['t']]: (command: AgentCommandOf<T>, at: AtDesk) => Promise<AgentAck | undefined>
}

const found = async (re: string, result: Promise<NonNullable<AgentAck['result']>>): Promise<AgentAck> => ({
  t: 'ack',
  re,
  result: await result,
})

const handlers: Handlers = {
  'desk.list': ({ id }, { desk, who }) => found(id, desk.list(who)),
  async 'desk.open'(command, { open }) {
    await open(command)
    return undefined
  },
  async 'desk.leave'({ id, conv }, { leave }) {
    leave(conv)
    return { t: 'ack', re: id }
  },
  'desk.claim': ({ id, conv }, { desk, who }) => desk.claim(who, conv, id),
  'desk.release': ({ id, conv, d }, { desk, who }) => desk.release(who, conv, id, d.to),
  'desk.transfer': ({ id, conv, d }, { desk, who }) => desk.transfer(who, conv, id, d.to),
  'desk.close': ({ id, conv, d }, { desk, who }) => desk.close(who, conv, id, d.reason),
  'msg.send': ({ id, conv, d }, { desk, who }) => desk.send(who, conv, id, d.text),
  'note.add': ({ id, conv, d }, { desk, who }) => desk.note(who, conv, id, d.text),
  'case.update': ({ id, conv, d }, { desk, who }) => desk.closeCase(who, conv, id, d),
  read: ({ id, conv, d }, { desk, who }) => desk.read(who, conv, id, d.upto),
  suggest: ({ id, conv }, { desk }) => found(id, desk.suggest(conv)),
  'canned.find': ({ id, d }, { desk }) => found(id, desk.canned(d.q)),
  search: ({ id, d }, { desk }) => found(id, desk.search(d.q, d.filters)),
  async typing({ conv, d }, { desk, who }) {
    await desk.typing(who, conv, d.on)
    return undefined
  },
  async draft({ conv, d }, { desk, who }) {
    desk.draft(who, conv, d.text)
    return undefined
  },
  pong: async () => undefined, // any frame has reset the heartbeat already
}

/** Commands that would start something new: refused while the server drains. */
const work: ReadonlySet<AgentCommand['t']> = new Set([
  'desk.claim',
  'desk.release',
  'desk.transfer',
  'desk.close',
  'msg.send',
  'note.add',
  'case.update',
  'suggest',
  'canned.find',
  'search',
])
export const isAgentWork = ({ t }: AgentCommand): boolean => work.has(t)

/** What a console sends by itself: it is no sign that anybody is there. */
const automatic: ReadonlySet<AgentCommand['t']> = new Set([
  'pong',
  'desk.list',
  'desk.open',
  'desk.leave',
  'read',
  'suggest',
])
export const isAutomatic = ({ t }: AgentCommand): boolean => automatic.has(t)

/** All that a person does at the desk counts alike; a pong is asked for. */
export const agentBudgetOf = ({ t }: AgentCommand): Budget | undefined => (t === 'pong' ? undefined : 'desk')

/** Run a command. */
export function handleAgent(command: AgentCommand, at: AtDesk): Promise<AgentAck | undefined> {
  // Cast: the table is complete by type, and the entry is the one for this command's type.
  const handler = handlers[command.t] as (command: AgentCommand, at: AtDesk) => Promise<AgentAck | undefined>
  return handler(command, at)
}
