import { BusyError } from '../errors.ts'
import { mintSecret } from '../protocol/ids.ts'

/** What a ticket was issued for. */
export type Grant = { readonly origin: string | undefined } & (
  | { readonly role: 'customer'; readonly conv: string }
  | {
      readonly role: 'agent'
      /** Token of the session that asked for it: what it may is looked up at each command. */
      readonly session: string
    }
)

export interface Tickets {
  /** @throws {BusyError} if too many tickets wait to be used. */
  issue(grant: Grant): string
  /** The grant of a ticket that is known, unused, not expired and of the same Origin. Whatever comes out, it is used up. */
  redeem(ticket: string, origin: string | undefined): Grant | undefined
  readonly size: number
}

/**
 * Single-use tickets in memory: they live a minute, and a restart only makes clients ask again.
 * @param options.lifeMs how long a ticket may wait, milliseconds.
 * @param options.capacity highest number of unused tickets.
 * @param options.now a monotonic clock in milliseconds.
 */
export function createTickets(options: { lifeMs: number; capacity: number; now: () => number }): Tickets {
  const { lifeMs, capacity, now } = options
  // All live equally long, so the order of insertion is the order of expiry.
  const waiting = new Map<string, Grant & { readonly expires: number }>()

  function forgetExpired(): void {
    const time = now()
    for (const [ticket, { expires }] of waiting) {
      if (expires > time) return
      waiting.delete(ticket)
    }
  }

  return {
    issue(grant) {
      forgetExpired()
      if (waiting.size >= capacity) throw new BusyError(`${capacity} tickets already wait to be used`)
      const ticket = mintSecret()
      waiting.set(ticket, { ...grant, expires: now() + lifeMs })
      return ticket
    },
    redeem(ticket, origin) {
      const found = waiting.get(ticket)
      waiting.delete(ticket)
      return found && found.expires > now() && found.origin === origin ? found : undefined
    },
    get size() {
      return waiting.size
    },
  }
}
