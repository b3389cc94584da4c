import type { Ack } from '../protocol/events.ts'
import type { CommandOf, CustomerCommand } from '../protocol/messages.ts'
import type { Budget } from './rate-limit.ts'
import type { Session } from './session.ts'

/** A new command does not compile until it has a line here. A command that needs no reply resolves to undefined. */
type Handlers = {
  readonly [T in CustomerCommand['t']]: (command: CommandOf<T>, session: Session) => Promise<Ack | undefined>
}

const nothing = Promise.resolve(undefined)

const handlers: Handlers = {
  'msg.send': ({ id, conv, d }, { chat }) => chat.send(conv, { id, text: d.text, lang: d.lang }),
  'human.request': ({ id, conv }, { chat }) => chat.human(conv, id),
  feedback: ({ id, conv, d }, { chat }) => chat.feedback(conv, id, d),
  'rec.event': ({ id, conv, d }, { chat }) => chat.recEvent(conv, id, d),
  read: ({ id, conv, d }, { chat }) => chat.read(conv, id, d.upto),
  'conv.close': ({ id, conv }, { chat }) => chat.close(conv, id),
  async resume({ id, d }, session) {
    // Acked by hand, as the ack comes before what it announces.
    await session.resume(d, () => session.send({ t: 'ack', re: id }))
    return undefined
  },
  typing({ conv, d }, { chat }) {
    chat.typing(conv, d.on, 'customer')
    return nothing
  },
  recv: () => nothing, // what was read tells staff more
  pong: () => nothing, // any frame has reset the heartbeat already
}

/** Commands that would start something new: refused while the server drains. */
const work: ReadonlySet<CustomerCommand['t']> = new Set([
  'msg.send',
  'human.request',
  'feedback',
  'rec.event',
  'conv.close',
])
export const isWork = ({ t }: CustomerCommand): boolean => work.has(t)

/** Whose allowance a command uses. A pong is asked for and costs nothing. */
export const budgetOf: Readonly<Record<CustomerCommand['t'], Budget | undefined>> = {
  'msg.send': 'messages',
  'human.request': 'messages',
  'conv.close': 'messages',
  resume: 'messages',
  feedback: 'signals',
  'rec.event': 'signals',
  read: 'signals',
  typing: 'signals',
  recv: 'signals',
  pong: undefined, // one that answers no ping costs a signal, see connection.ts
}

/** Run a command. */
export function handle(command: CustomerCommand, session: Session): Promise<Ack | undefined> {
  // Cast: the table is complete by type, and the entry is the one for this command's type.
  const handler = handlers[command.t] as (command: CustomerCommand, session: Session) => Promise<Ack | undefined>
  return handler(command, session)
}
