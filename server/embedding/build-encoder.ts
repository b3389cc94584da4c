import { ModelError } from '../errors.ts'
import { type BertShape, bertShape } from './bert.ts'
import { encoderGraph, type Precision, wordTable } from './encoder-graph.ts'
import { readSafetensors, type Weights } from './safetensors.ts'
import type { Smoothing } from './smoothing.ts'

/** The official files of a BERT sentence encoder with mean pooling. */
export interface OfficialModel {
  /** model.safetensors */
  readonly weights: Uint8Array
  /** config.json, parsed. */
  readonly config: unknown
  /** Rows of the word embeddings that are kept, in their new order; all of them if it is left out. */
  readonly rows?: Int32Array
}

export interface BuildOptions {
  readonly precision: Precision
  /** Made for these weights; ignored for fp32, where smoothing changes nothing but rounding. */
  readonly smoothing?: Smoothing
  /** Also put out the peaks that calibration needs. */
  readonly peaks?: boolean
}

/**
 * Official weights → one ONNX file, token ids in, unit vector out. Every step is a single rounded float32 operation or
 * exact, and no transcendental function is called, so the file is the same to the bit on every machine.
 * @throws {ModelError} if the weights or the configuration are not what they should be.
 */
export function buildEncoder(model: OfficialModel, { precision, smoothing, peaks = false }: BuildOptions): Uint8Array {
  const shape = bertShape(model.config, 'config.json')
  const factors: Smoothing = precision === 'int8' && smoothing ? smoothing : new Map()
  const weights = readSafetensors(model.weights, 'model.safetensors')
  const { rows } = model
  const options = { precision, smoothing: factors, peaks }
  if (!rows) return encoderGraph(weights, shape, options)
  return encoderGraph(withRows(weights, shape, rows), { ...shape, vocabulary: rows.length }, options)
}

/** The same weights with only these rows of the table of words. @throws {ModelError} for a row that the table does not have. */
function withRows(weights: Weights, { vocabulary, dimension }: BertShape, rows: Int32Array): Weights {
  const none = rows.find((row) => row < 0 || row >= vocabulary)
  if (none !== undefined)
    throw new ModelError(`the vocabulary has ${vocabulary} rows, and none with the number ${none}`)
  return {
    ...weights,
    float32(name, wanted) {
      if (name !== wordTable) return weights.float32(name, wanted)
      const table = weights.float32(name, [vocabulary, dimension])
      const cut = new Float32Array(rows.length * dimension)
      for (const [i, row] of rows.entries())
        cut.set(table.subarray(row * dimension, (row + 1) * dimension), i * dimension)
      return cut
    },
  }
}
