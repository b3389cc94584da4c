import { isDrift, psiLimit, type Stability, stabilityOf } from './drift.ts'

/** How often each bin or label was met. */
export type Counts = ReadonlyMap<string, number>

/** From here on an alarm is raised; below the other, it is cleared: between the two, it stays as it is. */
export const driftBounds = { raise: psiLimit, clear: 0.1 } as const
/** Windows in a row that it takes to raise or to clear an alarm. */
const inRow = 2

/**
 * How far a mix of bins or labels has moved. What the reference has not met counts as one bin.
 * @returns undefined if either is empty.
 */
export function mixDrift(reference: Counts, found: Counts): Stability | undefined {
  const sum = (counts: Counts): number => [...counts.values()].reduce((total, count) => total + count, 0)
  if (sum(reference) === 0 || sum(found) === 0) return undefined
  const known = [...reference.keys()]
  const strange = [...found].reduce((total, [bin, count]) => (reference.has(bin) ? total : total + count), 0)
  return stabilityOf(
    [...known.map((bin) => reference.get(bin)!), 0],
    [...known.map((bin) => found.get(bin) ?? 0), strange],
  )
}

/**
 * Whether an alarm is raised after these windows: two in a row above the upper bound raise it, two below the lower one clear
 * it (hysteresis), so that an index that wavers about a bound alarms once. What chance gives raises nothing, and clears.
 * @param windows in order of time.
 */
export function isRaised(windows: readonly Stability[]): boolean {
  let [raised, above, below] = [false, 0, 0]
  for (const window of windows) {
    above = isDrift(window) ? above + 1 : 0
    below = window.psi < Math.max(driftBounds.clear, Math.min(driftBounds.raise, window.chance)) ? below + 1 : 0
    if (above >= inRow) raised = true
    if (below >= inRow) raised = false
  }
  return raised
}
