/** Readings whose answers are not stored yet: the indexes that they were made with have to stay until their receipts name them. */
export function createReadings() {
  const begun = new Set<{ readonly at: number }>()
  return {
    /** @returns what ends it, once the answer is stored or thrown away; again does no harm. */
    begin(): () => void {
      const reading = { at: performance.now() }
      begun.add(reading)
      return () => void begun.delete(reading)
    },
    /** When the oldest began, ms of `performance.now`; undefined if there is none. */
    since(): number | undefined {
      // A set has the order in which things came.
      const [oldest] = begun
      return oldest?.at
    },
  }
}
export type Readings = ReturnType<typeof createReadings>
