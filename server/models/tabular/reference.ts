import { type Bins, levelBins, numberBins } from '../../evaluation/stability.ts'
import { percentileOfSorted } from '../../math/statistics.ts'
import type { TableReference } from '../manifest.ts'
import type { Column, Table } from './table.ts'

/** Shares at which a column of numbers and the scores are described: every twentieth and every hundredth. */
const [columnParts, scoreParts] = [20, 100]

/**
 * What later rows and scores are held beside: of each column its distribution over all training rows, and its value in the
 * reference applicant, the median or most frequent one of the rows of the first class; of the probabilities of held-out rows
 * their quantiles. Sums only: no row can be read from it.
 * @param targets place of each row's class. @param probabilities of rows that the model was not fitted to.
 */
export function referenceOf(
  { rows, columns }: Table,
  targets: Float64Array,
  probabilities: Float64Array,
): TableReference {
  const described = columns.map((column) => describe(column, targets))
  const bins = columns.map((column, i) => binsOf(column, described[i]!, rows))
  return {
    columns: described,
    scores: quantiles(probabilities, scoreParts),
    // As float32, in which a served model tells probabilities.
    bins: { columns: bins, scores: numberBins(Float32Array.from(probabilities)) },
  }
}

function binsOf(column: Column, described: TableReference['columns'][number], rows: number): Bins {
  if (column.kind === 'number') return numberBins(column.values)
  return levelBins(described.kind === 'category' ? described.shares : {}, rows)
}

function describe(column: Column, targets: Float64Array): TableReference['columns'][number] {
  const { name } = column
  if (column.kind === 'category') {
    const share = new Map<string, number>()
    const good = new Map<string, number>()
    for (const [row, code] of column.codes.entries()) {
      const level = column.levels[code]!
      share.set(level, (share.get(level) ?? 0) + 1 / column.codes.length)
      if (targets[row] === 0) good.set(level, (good.get(level) ?? 0) + 1)
    }
    const shares = [...share].sort(([a], [b]) => (a < b ? -1 : 1))
    return { kind: 'category', name, value: mostFrequent(good), shares: Object.fromEntries(shares) }
  }
  const known = column.values.filter((value) => !Number.isNaN(value))
  const good = column.values.filter((value, row) => targets[row] === 0 && !Number.isNaN(value)).sort()
  return {
    ...{ kind: 'number', name },
    value: good[good.length >> 1] ?? 0,
    quantiles: known.length === 0 ? [0] : quantiles(known, columnParts),
    missing: 1 - known.length / column.values.length,
  }
}

/** Ties by name, so that the same rows give the same reference. */
const mostFrequent = (counts: ReadonlyMap<string, number>): string =>
  [...counts].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1))[0]?.[0] ?? ''

const quantiles = (values: Float32Array | Float64Array, parts: number): number[] => {
  const sorted = values.slice().sort()
  return Array.from({ length: parts + 1 }, (_, i) => percentileOfSorted(sorted, i / parts))
}
