import type { Ack, ErrFrame } from '../../server/protocol/events.ts'
import type { LastingCommand, Outbox } from './outbox.ts'

const retryMs = 2_000

/**
 * Sends what waits in the outbox, one command at a time: the next leaves when the one before is acknowledged, so a
 * message refused for the moment (rate limit) is never overtaken by a later one.
 * @param write puts a command on the wire of the open connection.
 */
export function createSender(outbox: Outbox, write: (command: LastingCommand) => void, now: () => number = Date.now) {
  let open = false
  let sent: string | undefined
  let pause: ReturnType<typeof setTimeout> | undefined

  function next(): void {
    if (!open || sent !== undefined || pause !== undefined) return
    const command = outbox.waiting(now())[0]
    if (!command) return
    sent = command.id
    write(command)
  }

  return {
    /** A connection is open: begin with the oldest command, under its old id if it was sent before. */
    opened(): void {
      open = true
      next()
    },
    /** The connection is gone; what it carried is unacknowledged. */
    closed(): void {
      open = false
      sent = undefined
      clearTimeout(pause)
      pause = undefined
    },
    /** @returns false when the outbox is full. */
    add(command: LastingCommand): boolean {
      const added = outbox.add(command)
      next()
      return added
    },
    acknowledged(frame: Ack): void {
      outbox.settle(frame.re)
      if (frame.re === sent) sent = undefined
      next()
    },
    /** The server said no. For now: the same again later. For good: the command is dropped and the next one goes. */
    refused(frame: ErrFrame): void {
      if (frame.re === undefined) return
      if (!frame.temporary) outbox.settle(frame.re)
      if (frame.re !== sent) return
      sent = undefined
      if (!frame.temporary) {
        next()
        return
      }
      pause = setTimeout(() => {
        pause = undefined
        next()
      }, frame.retryAfterMs ?? retryMs)
    },
  }
}
