import type { DurableEvent, EphemeralEvent } from '../protocol/events.ts'
import { createRooms } from './rooms.ts'

type Event = DurableEvent | EphemeralEvent

/** An event with the sequence number that it goes out with: its own, or that of the durable event before it. */
interface Placed {
  readonly event: Event
  readonly seq: number
}

/**
 * Fan-out of a conversation's events to whoever is connected to it. Listeners must not throw and must not wait.
 * @param onEvent hears every event of every conversation, once.
 */
export function createHub(onEvent: (event: Event) => void) {
  const rooms = createRooms<Event>()
  const waiting = new Map<string, Placed[]>()

  function tell(conv: string, event: Event): void {
    onEvent(event)
    rooms.tell(conv, event)
  }

  function flush(): void {
    const all = [...waiting]
    waiting.clear()
    for (const [conv, placed] of all)
      for (const { event } of placed.toSorted((a, b) => a.seq - b.seq)) tell(conv, event)
  }

  return {
    subscribe: rooms.subscribe,
    /**
     * Events that are committed go out one turn of the event loop later, so that a command's ack comes first, and in the order
     * of their numbers: a command and an answer that share a commit learn of it in any order. Ephemeral ones go with the
     * durable one before them, or at once if there is none.
     */
    publish(conv: string, events: readonly Event[]): void {
      let seq: number | undefined
      for (const event of events) {
        if ('seq' in event) seq = event.seq
        if (seq === undefined) tell(conv, event)
        else wait(conv, { event, seq })
      }
    },
  }

  function wait(conv: string, placed: Placed): void {
    if (waiting.size === 0) setImmediate(flush)
    const list = waiting.get(conv)
    if (list) list.push(placed)
    else waiting.set(conv, [placed])
  }
}
export type Hub = ReturnType<typeof createHub>
