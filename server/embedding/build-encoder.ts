import { bertShape } from './bert.ts'
import { encoderGraph, type Precision } from './encoder-graph.ts'
import { readSafetensors } from './safetensors.ts'
import type { Smoothing } from './smoothing.ts'

/** The official files of a BERT sentence encoder with mean pooling. */
export interface OfficialModel {
  /** model.safetensors */
  readonly weights: Uint8Array
  /** config.json, parsed. */
  readonly config: unknown
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
  return encoderGraph(readSafetensors(model.weights, 'model.safetensors'), shape, {
    precision,
    smoothing: factors,
    peaks,
  })
}
