import { stratifiedFolds } from '../algorithms/folds.ts'
import type { TableTask } from './method.ts'

/** Strata of numbers: folds get low and high ones alike. */
const strata = 10

/** Fold of each row, 0 to folds − 1; classes, or low and high numbers, are spread evenly. */
export function foldsOf(targets: Float64Array, task: TableTask, folds: number, seed: number): Uint8Array {
  if (task === 'tabular-classification') return stratifiedFolds(targets, folds, seed)
  const order = Uint32Array.from(targets, (_, row) => row).sort((a, b) => targets[a]! - targets[b]!)
  const stratum = new Uint8Array(targets.length)
  order.forEach((row, i) => {
    stratum[row] = Math.floor((i * strata) / order.length)
  })
  return stratifiedFolds(stratum, folds, seed)
}

/** Rows of which a share is split off, evenly from every class or stratum. */
export function splitOff(targets: Float64Array, task: TableTask, share: number, seed: number) {
  const parts = Math.max(2, Math.round(1 / share))
  const fold = foldsOf(targets, task, parts, seed)
  return { kept: rowsWhere(fold, (part) => part !== 0), off: rowsWhere(fold, (part) => part === 0) }
}

export function rowsWhere(folds: Uint8Array, wanted: (fold: number) => boolean): Uint32Array {
  const rows: number[] = []
  for (let row = 0; row < folds.length; row++) if (wanted(folds[row]!)) rows.push(row)
  return Uint32Array.from(rows)
}

/** So many rows drawn without replacement, each class or stratum by its share, ascending; all if there are no more. */
export function sampleRows(targets: Float64Array, task: TableTask, count: number, seed: number): Uint32Array {
  const all = Uint32Array.from(targets, (_, row) => row)
  if (all.length <= count) return all
  // Folds are even parts; as many whole ones as fit are taken, and the next is cut.
  const fold = foldsOf(targets, task, Math.min(200, Math.ceil((4 * all.length) / count)), seed)
  const order = [...all].sort((a, b) => fold[a]! - fold[b]! || a - b)
  return Uint32Array.from(order.slice(0, count)).sort()
}

export const pickNumbers = (values: Float64Array, rows: Uint32Array): Float64Array =>
  Float64Array.from(rows, (row) => values[row]!)
