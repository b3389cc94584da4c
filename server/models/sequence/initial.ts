import { gaussian } from '../../math/random.ts'
import { parameterShapes, type Shape } from './architecture.ts'

/** First values as Keras has them, so that figures can be compared: bias 0, but 1 for the forget gate. */
export function initialParameters(shape: Shape, random: () => number): ReadonlyMap<string, Float32Array> {
  const values = new Map<string, Float32Array>()
  for (const [name, [rows, columns]] of parameterShapes(shape)) {
    if (name === 'recurrent') values.set(name, orthogonal(rows, columns, random))
    else if (name.endsWith('ernel')) values.set(name, glorotUniform(rows, columns, random))
    else values.set(name, new Float32Array(columns))
  }
  if (shape.kind === 'lstm') values.get('bias')!.fill(1, shape.units, 2 * shape.units)
  return values
}

/** Uniform within ±0.05. */
export function initialTable(rows: number, columns: number, random: () => number): Float32Array {
  return Float32Array.from({ length: rows * columns }, () => 0.1 * random() - 0.05)
}

/** Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), formula 16. */
function glorotUniform(rows: number, columns: number, random: () => number): Float32Array {
  const limit = Math.sqrt(6 / (rows + columns))
  return Float32Array.from({ length: rows * columns }, () => limit * (2 * random() - 1))
}

/**
 * Orthonormal rows, no more of them than columns: Gram–Schmidt, twice for precision.
 * Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear networks (2014).
 */
function orthogonal(rows: number, columns: number, random: () => number): Float32Array {
  const made: Float64Array[] = []
  while (made.length < rows) {
    const row = Float64Array.from({ length: columns }, () => gaussian(random))
    for (let pass = 0; pass < 2; pass++) {
      for (const other of made) {
        const shared = dot(row, other)
        for (let i = 0; i < columns; i++) row[i]! -= shared * other[i]!
      }
    }
    const length = Math.sqrt(dot(row, row))
    made.push(row.map((one) => one / length))
  }
  const values = new Float32Array(rows * columns)
  made.forEach((row, i) => {
    values.set(row, i * columns)
  })
  return values
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
