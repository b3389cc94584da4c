import { isDrift, psiLimit, type Stability, stabilityOf } from './drift.ts'

/** How often each bin or label was met. */
export type Counts = ReadonlyMap<string, number>

/** From here on an alarm is raised; below the other, it is cleared: between the two, it stays as it is. */
export const driftBounds = { raise: psiLimit, clear: 0.1 } as const
/** Windows in a row that it takes to raise or to clear an alarm. */
const inRow = 2

/**
 * Rows that a bin of the reference needs, there and by proportion in the window: below, chance is not what χ² says. Cochran
 * (1954) asks for 5; bins that are chosen by the count that they happen to have need more.
 */
const fewest = 10

/**
 * How far a mix of bins or labels has moved. Rare bins count as one, with those that the reference has not met: with each by
 * itself, 29 of 100 windows of 100 rows over 76 equal labels alarmed without drift; so it is 1 or fewer.
 * @returns undefined if there are too few rows to tell.
 */
export function mixDrift(reference: Counts, found: Counts): Stability | undefined {
  const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0)
  const [n, m] = [sum(reference.values()), sum(found.values())]
  const usual = [...reference].filter(([, count]) => count * Math.min(1, m / n) >= fewest)
  if (usual.length === 0) return undefined
  const [expected, window] = [usual.map(([, count]) => count), usual.map(([bin]) => found.get(bin) ?? 0)]
  return stabilityOf([...expected, n - sum(expected)], [...window, m - sum(window)])
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
