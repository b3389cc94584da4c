/** Who of the staff is connected, and who has gone without coming back. */
export interface Shifts {
  /** A socket of theirs is open. @returns the function to call when it is closed. */
  arrived(id: string): () => void
  isThere(id: string): boolean
  /** Whether they have not been connected for so long that what they have goes back to the queue. */
  isGone(id: string): boolean
}

/**
 * @param graceMs how long somebody may be away. @param now a monotonic clock in milliseconds: nobody was there before it
 * began, so what was claimed before a restart is kept for as long.
 */
export function createShifts(graceMs: number, now: () => number): Shifts {
  const sockets = new Map<string, number>()
  const leftAt = new Map<string, number>()
  const began = now()
  return {
    arrived(id) {
      sockets.set(id, (sockets.get(id) ?? 0) + 1)
      leftAt.delete(id)
      let isOpen = true
      return () => {
        if (!isOpen) return
        isOpen = false
        const left = (sockets.get(id) ?? 1) - 1
        if (left > 0) sockets.set(id, left)
        else {
          sockets.delete(id)
          leftAt.set(id, now())
        }
      }
    },
    isThere: (id) => sockets.has(id),
    isGone: (id) => !sockets.has(id) && now() - (leftAt.get(id) ?? began) >= graceMs,
  }
}
