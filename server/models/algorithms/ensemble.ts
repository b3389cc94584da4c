import { type Tree, treeValues } from './histogram-tree.ts'

/** Trees whose values are added to a base. */
export interface Ensemble {
  readonly base: number
  readonly trees: readonly Tree[]
}

/** Base plus the sum of the trees, a number a row. @param columns features, a value a row each. */
export function ensembleScores(
  { base, trees }: Ensemble,
  columns: readonly Float32Array[],
  rows: number,
): Float64Array {
  const scores = new Float64Array(rows).fill(base)
  for (const tree of trees) treeValues(tree, columns, scores)
  return scores
}

/** Mean of targets by weight. */
export function weightedMean(targets: Float64Array, weights: Float64Array | undefined): number {
  let [sum, total] = [0, 0]
  for (let row = 0; row < targets.length; row++) {
    const weight = weights?.[row] ?? 1
    sum += weight * targets[row]!
    total += weight
  }
  return sum / total
}
