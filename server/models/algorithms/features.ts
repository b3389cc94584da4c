/** Rows of numbers for a linear model: a dense part, and optionally a sparse one (n-grams) beside it. */
export interface Features {
  readonly rows: number
  /** Width of the dense part, at least 1. */
  readonly columns: number
  /** Row-major, rows × columns. */
  readonly dense: Float32Array
  readonly sparse?: SparseRows
}

/** Compressed sparse rows: row i holds the entries offsets[i] to offsets[i + 1]. */
export interface SparseRows {
  readonly columns: number
  /** One more than there are rows. */
  readonly offsets: Uint32Array
  readonly ids: Uint32Array
  readonly values: Float32Array
}

/** One sparse row: ids without repeats. */
export interface SparseRow {
  readonly ids: Uint32Array
  readonly values: Float32Array
}

/**
 * Put dense rows one under the other.
 * @throws {RangeError} if there is no row, the widths differ, or a number is not finite (a NaN would poison every weight).
 */
export function stackRows(rows: readonly ArrayLike<number>[]): Features {
  const columns = rows[0]?.length ?? 0
  if (columns === 0) throw new RangeError('there is no feature to train on')
  const dense = new Float32Array(rows.length * columns)
  rows.forEach((row, i) => {
    if (row.length !== columns)
      throw new RangeError(`row ${i + 1} has ${row.length} features, the first has ${columns}`)
    for (let j = 0; j < columns; j++) if (!Number.isFinite(row[j])) throw new RangeError(`row ${i + 1} holds ${row[j]}`)
    dense.set(row, i * columns)
  })
  return { rows: rows.length, columns, dense }
}

/** Put sparse rows one under the other. @param columns how many ids there are. */
export function stackSparse(rows: readonly SparseRow[], columns: number): SparseRows {
  const offsets = new Uint32Array(rows.length + 1)
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i]! + row.ids.length
  })
  const ids = new Uint32Array(offsets[rows.length]!)
  const values = new Float32Array(ids.length)
  rows.forEach((row, i) => {
    ids.set(row.ids, offsets[i]!)
    values.set(row.values, offsets[i]!)
  })
  return { columns, offsets, ids, values }
}

/** Mean and spread of each dense column. */
export interface Standard {
  readonly mean: Float32Array
  /** Standard deviation; 1 for a constant column, which then becomes all zero instead of a division by zero. */
  readonly deviation: Float32Array
}

/** Measure the dense columns. Fit it on the training part only. */
export function fitStandard({ rows, columns, dense }: Features): Standard {
  const [mean, deviation] = [new Float32Array(columns), new Float32Array(columns)]
  for (let j = 0; j < columns; j++) {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += dense[i * columns + j]!
    const centre = sum / rows
    let squares = 0
    for (let i = 0; i < rows; i++) squares += (dense[i * columns + j]! - centre) ** 2
    mean[j] = centre
    const spread = Math.fround(Math.sqrt(squares / rows))
    deviation[j] = spread > 1e-6 ? spread : 1
  }
  return { mean, deviation }
}

/** (x − mean) ÷ deviation for every dense number; the sparse part stays as it is. */
export function standardise(features: Features, { mean, deviation }: Standard): Features {
  const dense = features.dense.map(
    (value, at) => (value - mean[at % features.columns]!) / deviation[at % features.columns]!,
  )
  return { ...features, dense }
}
