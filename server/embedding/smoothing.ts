import { z } from 'zod'
import { ModelError } from '../errors.ts'
import { type BertShape, bertLayer } from './bert.ts'
import type { Weights } from './safetensors.ts'

/** A factor per input channel of a linear layer, by the layer's name: activations are divided by it, weights multiplied. */
export type Smoothing = ReadonlyMap<string, Float32Array>

/** The largest absolute activation per channel, by the name of the linear layer that reads it. */
export type Peaks = ReadonlyMap<string, Float32Array>

const file = z.object({
  model: z.string(),
  alpha: z.number(),
  encoding: z.literal('base64 of little-endian float32'),
  vectors: z.record(z.string(), z.base64()),
})

/** Activations weigh more than weights. 0.75 suits seven-bit weights; the usual 0.5 makes this model worse than none. */
const ALPHA = 0.75

/** Smoothing vectors from their JSON form. @throws {ModelError} if it is malformed. */
export function parseSmoothing(json: unknown, name: string): Smoothing {
  const parsed = file.safeParse(json)
  if (!parsed.success) throw new ModelError(`${name}: not a file of smoothing vectors`)
  const vectors = Object.entries(parsed.data.vectors).map(([layer, text]) => {
    // Copied, as a Buffer from text may start at any byte of a shared pool.
    const bytes = new Uint8Array(Buffer.from(text, 'base64'))
    return [layer, new Float32Array(bytes.buffer)] as const
  })
  return new Map(vectors)
}

/** The JSON form that {@link parseSmoothing} reads. @param model whose activations they fit. */
export function formatSmoothing(smoothing: Smoothing, model: string): string {
  const vectors = [...smoothing].map(([layer, vector]) => [layer, Buffer.from(vector.buffer).toString('base64')])
  const json = {
    model,
    alpha: ALPHA,
    encoding: 'base64 of little-endian float32',
    vectors: Object.fromEntries(vectors),
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

/**
 * s = max|activation|^α / max|weight|^(1−α) per channel, scaled to a geometric mean of 1 and kept within 0.01 and 100.
 * Source: SmoothQuant, Xiao et al. 2023. The attention output's vector is called `vfold`: the value projection absorbs it.
 */
export function smoothingFrom(peaks: Peaks, weights: Weights, shape: BertShape): Smoothing {
  const smoothing = new Map<string, Float32Array>()
  for (let i = 0; i < shape.layers; i++) {
    const { name, qkv, attentionOut, up, down } = bertLayer(weights, shape, i)
    for (const [key, linear, stored] of [
      ['qkv', qkv, 'qkv'],
      ['ao', attentionOut, 'vfold'],
      ['fi', up, 'fi'],
      ['fo', down, 'fo'],
    ] as const) {
      const peak = peaks.get(name + key)
      if (peak?.length !== linear.inputs) throw new RangeError(`no peaks for ${name}${key}`)
      smoothing.set(name + stored, balance(peak, columnPeaks(linear.weight, linear.inputs)))
    }
  }
  return smoothing
}

function balance(activations: Float32Array, weights: Float32Array): Float32Array {
  const raw = activations.map((peak, i) => Math.max(peak, 1e-4) ** ALPHA / Math.max(weights[i]!, 1e-4) ** (1 - ALPHA))
  const meanLog = raw.reduce((sum, value) => sum + Math.log(value), 0) / raw.length
  const scale = Math.exp(meanLog)
  return raw.map((value) => Math.min(Math.max(value / scale, 1e-2), 1e2))
}

function columnPeaks(weight: Float32Array, columns: number): Float32Array {
  const peaks = new Float32Array(columns)
  for (let i = 0; i < weight.length; i++) {
    const column = i % columns
    peaks[column] = Math.max(peaks[column]!, Math.abs(weight[i]!))
  }
  return peaks
}
