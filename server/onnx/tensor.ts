/** ONNX's element types that Bursar uses, by the numbers of TensorProto.DataType. Constants are of numbers only. */
export const dataTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, string: 8, bool: 9, float64: 11 } as const
export type DataType = keyof typeof dataTypes

/** Constant values inside a graph: row-major, little-endian bytes. */
export interface Tensor {
  readonly type: DataType
  readonly dims: readonly number[]
  readonly bytes: Uint8Array
}

type Values = Float32Array | Float64Array | Int8Array | Uint8Array | Int32Array | BigInt64Array

/**
 * A tensor over `values`, which are kept by reference: do not change them before the graph is finished.
 * @param dims default: one dimension as long as `values`; `[]` makes a scalar of one value.
 * @throws {RangeError} if `dims` do not multiply to the number of values.
 */
export function tensor(values: Values, dims: readonly number[] = [values.length]): Tensor {
  const size = dims.reduce((product, dim) => product * dim, 1)
  if (size !== values.length) throw new RangeError(`dimensions [${dims}] do not hold ${values.length} values`)
  return { type: typeOf(values), dims, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) }
}

/** One float32 without dimensions. */
export function scalar(value: number): Tensor {
  return tensor(Float32Array.of(value), [])
}

/** Whole numbers as int64, the type of ONNX's shapes, axes and indices. @throws {RangeError} on a fraction. */
export function int64(values: readonly number[], dims?: readonly number[]): Tensor {
  return tensor(BigInt64Array.from(values, BigInt), dims)
}

/** Truth values, a byte each. */
export function bool(values: readonly boolean[], dims?: readonly number[]): Tensor {
  return { ...tensor(Uint8Array.from(values, Number), dims), type: 'bool' }
}

function typeOf(values: Values): DataType {
  if (values instanceof Float32Array) return 'float32'
  if (values instanceof Float64Array) return 'float64'
  if (values instanceof Int8Array) return 'int8'
  if (values instanceof Uint8Array) return 'uint8'
  return values instanceof Int32Array ? 'int32' : 'int64'
}
