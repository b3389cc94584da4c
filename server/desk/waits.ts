/** Claims that the pace of the queue is read from, and how old the oldest of them may be. */
const counted = 20
const freshMs = 3_600_000
const fewest = 3
/** Waits are told in whole minutes: nobody can keep a promise of seconds. */
const minuteMs = 60_000

/**
 * How long those who wait may have to, from how fast people were taken from the queue in the last hour: place × mean time
 * between claims. Undefined while too few were seen to tell.
 * @param now a monotonic clock in milliseconds.
 */
export function createPace(now: () => number) {
  let claims: number[] = []
  return {
    claimed(): void {
      claims = [...claims, now()].slice(-counted)
    },
    waitMs(position: number): number | undefined {
      const time = now()
      const fresh = claims.filter((at) => time - at <= freshMs)
      const [first] = fresh
      if (first === undefined || fresh.length < fewest) return undefined
      // Up to now, not to the last claim: a queue that stands still becomes slower.
      return Math.ceil((position * (time - first)) / fresh.length / minuteMs) * minuteMs
    },
  }
}
