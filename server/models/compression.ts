import { type NewNode, rewriteModel } from '../onnx/rewrite.ts'
import { dataTypes, type Tensor, tensor } from '../onnx/tensor.ts'

/** How the weights of a text classifier are made smaller. */
export type Compression =
  /** 8-bit integers with a scale per output; the sentence vector is quantised as it comes in (dynamic). */
  | { readonly method: 'int8' }
  /** The share of weights that are smallest in magnitude become 0; what is left compresses better. */
  | { readonly method: 'prune'; readonly share: number }

/** Constants that hold the weights in what head-graph.ts writes: n-grams × outputs, and vector × outputs. */
const tableName = 'table'
const denseNames = ['denseWeights', 'logitsWeights']
/** Products with these are summed in 16 bits by CPUs without VNNI: see classifier-graph.ts. */
const largestFactor = 63
const largestByte = 127

/**
 * The model of a text classifier with smaller weights; inputs and outputs stay as they are. What it remembers of its training
 * texts is in small integers already.
 * @throws {RangeError} if the share is not within 0 and 1, or the file is no .onnx file.
 */
export function compressModel(model: Uint8Array, compression: Compression): Uint8Array {
  return compression.method === 'int8' ? toInt8(model) : pruned(model, compression.share)
}

/**
 * Weights below the share's quantile of magnitude become 0, in each layer by itself.
 * Source: Han, Pool, Tran & Dally, Learning both weights and connections for efficient neural networks (2015).
 */
function pruned(model: Uint8Array, share: number): Uint8Array {
  if (!(share > 0 && share < 1)) throw new RangeError(`share has to be between 0 and 1, not ${share}`)
  return rewriteModel(model, {
    node: () => undefined,
    constant: (name, read) => {
      if (name !== tableName && !denseNames.includes(name)) return undefined
      const weights = read()
      const values = floatsOf(weights)
      const sorted = Float32Array.from(values, Math.abs).sort()
      const least = sorted[Math.floor(share * sorted.length)] ?? Number.POSITIVE_INFINITY
      return new Map([
        [
          name,
          tensor(
            values.map((value) => (Math.abs(value) < least ? 0 : value)),
            weights.dims,
          ),
        ],
      ])
    },
  })
}

/**
 * Symmetric integers with a scale per output, zero at 0.
 * Source: Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference (2018).
 */
function toInt8(model: Uint8Array): Uint8Array {
  return rewriteModel(model, {
    constant: (name, read) => {
      if (name === tableName) return quantised(name, read(), largestByte)
      return denseNames.includes(name) ? quantised(name, read(), largestFactor) : undefined
    },
    node: ({ operator, inputs, outputs }) => {
      const [first = '', second = '', bias = ''] = inputs
      if (operator === 'Gemm' && denseNames.includes(second)) return integerProduct(first, second, bias, outputs[0]!)
      // The rows of the table are picked as integers.
      return operator === 'MatMul' && second === 'picked' ? pickedProduct(first, second, outputs[0]!) : undefined
    },
  })
}

const scalesOf = (name: string): string => `${name}Scales`

/** A constant as small integers and its scales [1, outputs]. */
function quantised(name: string, weights: Tensor, largest: number): ReadonlyMap<string, Tensor> {
  const values = floatsOf(weights)
  const outputs = weights.dims[1]!
  const scales = new Float32Array(outputs)
  values.forEach((value, i) => {
    scales[i % outputs] = Math.max(scales[i % outputs]!, Math.abs(value))
  })
  for (let i = 0; i < outputs; i++) scales[i] = (scales[i] || 1) / largest
  const bytes = Int8Array.from(values, (value, i) => Math.round(value / scales[i % outputs]!))
  return new Map([
    [name, tensor(bytes, weights.dims)],
    [scalesOf(name), tensor(scales, [1, outputs])],
  ])
}

/** x · W + bias with x quantised as it comes. */
function integerProduct(x: string, weights: string, bias: string, name: string): NewNode[] {
  const [values, step, zero] = ['Bytes', 'Step', 'Zero'].map((part) => `${name}${part}`) as [string, string, string]
  const [whole, float, stepped, scaled] = ['Whole', 'Float', 'Stepped', 'Scaled'].map((part) => `${name}${part}`) as [
    ...[string, string, string, string],
  ]
  return [
    { operator: 'DynamicQuantizeLinear', inputs: [x], outputs: [values, step, zero] },
    { operator: 'MatMulInteger', inputs: [values, weights, zero], outputs: [whole] },
    { operator: 'Cast', inputs: [whole], outputs: [float], attributes: { to: dataTypes.float32 } },
    { operator: 'Mul', inputs: [float, step], outputs: [stepped] },
    { operator: 'Mul', inputs: [stepped, scalesOf(weights)], outputs: [scaled] },
    { operator: 'Add', inputs: [scaled, bias], outputs: [name] },
  ]
}

/** The n-grams' weights times the rows of the table, which are integers. */
function pickedProduct(weights: string, rows: string, name: string): NewNode[] {
  const [float, sum] = [`${rows}Float`, `${name}Sum`]
  return [
    { operator: 'Cast', inputs: [rows], outputs: [float], attributes: { to: dataTypes.float32 } },
    { operator: 'MatMul', inputs: [weights, float], outputs: [sum] },
    { operator: 'Mul', inputs: [sum, scalesOf(tableName)], outputs: [name] },
  ]
}

/** A copy, as the bytes within a file need not begin where floats may. */
function floatsOf({ type, bytes }: Tensor): Float32Array {
  if (type !== 'float32') throw new RangeError(`weights are ${type}: they are small already`)
  return new Float32Array(new Uint8Array(bytes).buffer)
}
