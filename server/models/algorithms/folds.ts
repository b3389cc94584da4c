import { createRandom, shuffled } from '../../math/random.ts'

/**
 * Deal the rows out to `folds` parts so that every label is spread evenly over them.
 * @returns fold of each row, 0 to folds − 1; the same for the same seed.
 */
export function stratifiedFolds(labels: ArrayLike<number>, folds: number, seed: number): Uint8Array {
  const random = createRandom(seed)
  const byLabel = new Map<number, number[]>()
  for (let row = 0; row < labels.length; row++) {
    const rows = byLabel.get(labels[row]!)
    if (rows) rows.push(row)
    else byLabel.set(labels[row]!, [row])
  }
  const fold = new Uint8Array(labels.length)
  // Dealing goes on where the last label stopped, or small labels would all land in the first folds.
  let next = 0
  for (const [, rows] of [...byLabel].sort(([a], [b]) => a - b)) {
    for (const row of shuffled(rows, random)) fold[row] = next++ % folds
  }
  return fold
}
