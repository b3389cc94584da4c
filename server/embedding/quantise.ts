/** Integers that stand for `value · scale`, with a scale per row of a table or per output channel of a weight matrix. */
export interface Quantised {
  readonly values: Int8Array
  readonly scales: Float32Array
}

/** Adding and taking away 1.5 · 2⁵² leaves a double rounded to a whole number, ties to even, as NumPy and IEEE 754 round. */
const ROUND = 1.5 * 2 ** 52
const roundToEven = (value: number): number => value + ROUND - ROUND

/**
 * Row-wise int8 for a table that is only looked up: −127 to 127, scale = the row's largest absolute value / 127.
 * @param table `[rows, columns]`, row-major.
 */
export function quantiseRows(table: Float32Array, columns: number): Quantised {
  const scales = new Float32Array(table.length / columns)
  const values = new Int8Array(table.length)
  for (let row = 0; row < scales.length; row++) {
    const begin = row * columns
    const largest = largestMagnitude(table, begin, columns)
    const scale = largest === 0 ? 1 : Math.fround(largest / 127)
    scales[row] = scale
    for (let i = begin; i < begin + columns; i++) values[i] = roundToEven(Math.fround(table[i]! / scale))
  }
  return { values, scales }
}

/**
 * Seven-bit weights in int8 with a scale per output channel: −64 to 64, so that two products never saturate the 16-bit
 * sums of CPUs without VNNI. The same numbers as onnxruntime's quantize_dynamic(per_channel, reduce_range, QInt8).
 * @param weight `[outputs, inputs]`, row-major.
 * @returns values `[inputs, outputs]`, as a matrix product wants them, and a scale per output.
 */
export function quantiseChannels(weight: Float32Array, outputs: number, inputs: number): Quantised {
  const scales = new Float32Array(outputs)
  const values = new Int8Array(weight.length)
  for (let output = 0; output < outputs; output++) {
    const begin = output * inputs
    const scale = largestMagnitude(weight, begin, inputs) / 64 || 1
    scales[output] = scale
    for (let input = 0; input < inputs; input++) {
      values[input * outputs + output] = roundToEven(Math.fround(weight[begin + input]! / scale))
    }
  }
  return { values, scales }
}

/** `[rows, columns]` to `[columns, rows]`. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(matrix.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = matrix[row * columns + column]!
  }
  return turned
}

function largestMagnitude(values: Float32Array, begin: number, length: number): number {
  let largest = 0
  for (let i = begin; i < begin + length; i++) {
    const magnitude = Math.abs(values[i]!)
    if (magnitude > largest) largest = magnitude
  }
  return largest
}
