import type { CommandOf } from '../../server/protocol/messages.ts'
import type { Store } from './store.ts'
import { timeOfUlid } from './ulid.ts'

/** Commands that must reach the server once; the rest (typing, read, pong) may be lost with their connection. */
export type LastingType = 'msg.send' | 'human.request' | 'feedback' | 'rec.event' | 'conv.close'
/** A lasting command before it is known, or decided, which conversation it belongs to. */
export type LastingCommand = { [T in LastingType]: Omit<CommandOf<T>, 'conv'> }[LastingType]

export const maxWaiting = 50
/** The server remembers ids for a day at least; a command older than that might be carried out twice, so it isn't resent. */
export const resendMs = 24 * 60 * 60 * 1000

const unbound = 'new'

/**
 * Commands that the server has not acknowledged, kept across reloads. Each has a storage key of its own, so that tabs that
 * share the storage never overwrite each other's; a command resent by two tabs is recognised by its id.
 * @param prefix begins every key; one per server.
 */
export function createOutbox(store: Store, prefix: string) {
  let conv = unbound
  let commands = load()

  // Declarations, as `load` runs before constants below it exist.
  function keyOf(id: string): string {
    return `${prefix}:out:${conv}:${id}`
  }
  function keep(command: LastingCommand): void {
    store.set(keyOf(command.id), JSON.stringify(command))
  }
  function load(): LastingCommand[] {
    const found: LastingCommand[] = []
    for (const key of store.keys(keyOf(''))) {
      const command = parse(store.get(key) ?? '')
      if (command && found.length < maxWaiting) found.push(command)
      else store.remove(key)
    }
    return found
  }

  return {
    /**
     * From now on keep commands for this conversation: what an earlier page left for it comes back, and what was written
     * before the conversation existed joins it.
     * @returns everything that waits, oldest first.
     */
    bind(next: string): readonly LastingCommand[] {
      if (next === conv) return commands
      const carried = conv === unbound ? load() : []
      for (const { id } of carried) store.remove(keyOf(id))
      conv = next
      for (const command of carried) keep(command)
      commands = load()
      return commands
    },
    /** Leave the conversation. Messages that nobody accepted wait for the next one; the rest concerned only this one. */
    unbind(): void {
      for (const { id } of commands) store.remove(keyOf(id))
      conv = unbound
      commands = commands.filter(({ t }) => t === 'msg.send')
      for (const command of commands) keep(command)
    },
    /** Everything that waits, too old to be resent or not, oldest first. */
    all: (): readonly LastingCommand[] => commands,
    /** @returns false when {@link maxWaiting} commands wait already: nothing was kept. */
    add(command: LastingCommand): boolean {
      if (commands.length >= maxWaiting) return false
      commands = [...commands, command]
      keep(command)
      return true
    },
    /** The server has answered for good. */
    settle(id: string): void {
      commands = commands.filter((command) => command.id !== id)
      store.remove(keyOf(id))
    },
    /** What is to be sent, oldest first. */
    waiting: (now: number): readonly LastingCommand[] => commands.filter((command) => !isStale(command, now)),
  }
}
export type Outbox = ReturnType<typeof createOutbox>

/** Too old to be resent without the risk of being carried out twice. */
export const isStale = (command: LastingCommand, now: number): boolean => now - timeOfUlid(command.id) > resendMs

function parse(text: string): LastingCommand | undefined {
  try {
    // Written by `keep` under a key of our own; ids are checked, as they decide the order, the server checks the rest.
    const command = JSON.parse(text) as LastingCommand | null
    return command?.d && timeOfUlid(command.id) > 0 ? command : undefined
  } catch {
    return undefined
  }
}
