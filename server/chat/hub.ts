import type { DurableEvent, EphemeralEvent } from '../protocol/events.ts'

export type Listener = (event: DurableEvent | EphemeralEvent) => void

/**
 * Fan-out of a conversation's events to whoever is connected to it. Listeners must not throw and must not wait.
 * @param onEvent hears every event of every conversation, once.
 */
export function createHub(onEvent: (event: DurableEvent | EphemeralEvent) => void) {
  const rooms = new Map<string, Set<Listener>>()
  return {
    /** @returns the function that ends the subscription. */
    subscribe(conv: string, listener: Listener): () => void {
      const room = rooms.get(conv) ?? new Set()
      rooms.set(conv, room.add(listener))
      return () => {
        room.delete(listener)
        if (room.size === 0 && rooms.get(conv) === room) rooms.delete(conv)
      }
    },
    publish(conv: string, events: readonly (DurableEvent | EphemeralEvent)[]): void {
      const room = rooms.get(conv) ?? []
      for (const event of events) {
        onEvent(event)
        for (const listener of room) listener(event)
      }
    },
  }
}
export type Hub = ReturnType<typeof createHub>
