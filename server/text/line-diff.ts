/** A line that both texts have, or only the old or the new one. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Texts that differ in more lines than this are shown as wholly replaced: memory grows with the square. */
const maxEdits = 2_000

/**
 * The shortest edit from one text to another, by lines (Myers 1986, "An O(ND) difference algorithm").
 * @returns all lines of both in reading order.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  const rounds = furthestReaching(old, fresh)
  if (!rounds) {
    return [
      ...old.map((text): DiffLine => ({ kind: 'removed', text })),
      ...fresh.map((text): DiffLine => ({ kind: 'added', text })),
    ]
  }
  const lines: DiffLine[] = []
  let [x, y] = [old.length, fresh.length]
  for (let d = rounds.length - 1; d >= 0; d--) {
    const reach = rounds[d]!
    const k = x - y
    const isAdded = comesFromAbove(reach, k, d)
    const fromK = isAdded ? k + 1 : k - 1
    const fromX = d === 0 ? 0 : reach.get(fromK)!
    const fromY = d === 0 ? 0 : fromX - fromK
    for (; x > fromX && y > fromY; x--, y--) lines.push({ kind: 'same', text: old[x - 1]! })
    if (d === 0) break
    lines.push(isAdded ? { kind: 'added', text: fresh[fromY]! } : { kind: 'removed', text: old[fromX]! })
    x = fromX
    y = fromY
  }
  return lines.reverse()
}

const comesFromAbove = (reach: ReadonlyMap<number, number>, k: number, d: number): boolean =>
  k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1))

/** Per number of edits, how far each diagonal had come before them; undefined if there are too many edits. */
function furthestReaching(old: readonly string[], fresh: readonly string[]): Map<number, number>[] | undefined {
  const rounds: Map<number, number>[] = []
  let reach = new Map([[1, 0]])
  for (let d = 0; d <= Math.min(maxEdits, old.length + fresh.length); d++) {
    rounds.push(reach)
    const next = new Map(reach)
    for (let k = -d; k <= d; k += 2) {
      let x = comesFromAbove(reach, k, d) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1
      while (x < old.length && x - k < fresh.length && old[x] === fresh[x - k]) x++
      next.set(k, x)
      if (x >= old.length && x - k >= fresh.length) return rounds
    }
    reach = next
  }
  return undefined
}
