/** Who listens to which conversation. Listeners must not throw and must not wait. */
export function createRooms<E>() {
  const rooms = new Map<string, Set<(event: E) => void>>()
  return {
    /** @returns the function that ends the subscription. */
    subscribe(conv: string, listener: (event: E) => void): () => void {
      const room = rooms.get(conv) ?? new Set()
      rooms.set(conv, room.add(listener))
      return () => {
        room.delete(listener)
        if (room.size === 0 && rooms.get(conv) === room) rooms.delete(conv)
      }
    },
    tell(conv: string, event: E): void {
      for (const listener of rooms.get(conv) ?? []) listener(event)
    },
  }
}
export type Rooms<E> = ReturnType<typeof createRooms<E>>
