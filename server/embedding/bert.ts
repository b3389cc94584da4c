import { z } from 'zod'
import { ModelError } from '../errors.ts'
import type { Weights } from './safetensors.ts'

/** The sizes of a BERT encoder. */
export interface BertShape {
  readonly layers: number
  readonly heads: number
  readonly dimension: number
  /** Width of the feed-forward part. */
  readonly inner: number
  readonly vocabulary: number
  readonly positions: number
  readonly tokenTypes: number
  readonly epsilon: number
}

/** A linear layer: `[outputs, inputs]`, row-major, and a bias per output. */
export interface Linear {
  readonly weight: Float32Array
  readonly bias: Float32Array
  readonly outputs: number
  readonly inputs: number
}

export interface Norm {
  readonly weight: Float32Array
  readonly bias: Float32Array
}

/** The weights of one transformer layer; `qkv` is query, key and value below each other, one product instead of three. */
export interface BertLayer {
  readonly name: string
  readonly qkv: Linear
  readonly attentionOut: Linear
  readonly attentionNorm: Norm
  readonly up: Linear
  readonly down: Linear
  readonly outputNorm: Norm
}

const count = z.int().positive().max(1_000_000)
const config = z.object({
  model_type: z.literal('bert'),
  hidden_act: z.literal('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  num_hidden_layers: count,
  num_attention_heads: count,
  hidden_size: count,
  intermediate_size: count,
  vocab_size: count,
  max_position_embeddings: count,
  type_vocab_size: count,
  layer_norm_eps: z.number().positive(),
})

/** The shape that a model's config.json states. @throws {ModelError} if it is no BERT of the kind that we can build. */
export function bertShape(json: unknown, file: string): BertShape {
  const parsed = config.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ModelError(`${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'malformed'}`)
  }
  const c = parsed.data
  return {
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    dimension: c.hidden_size,
    inner: c.intermediate_size,
    vocabulary: c.vocab_size,
    positions: c.max_position_embeddings,
    tokenTypes: c.type_vocab_size,
    epsilon: c.layer_norm_eps,
  }
}

/** The weights of layer `index`. @throws {ModelError} if one is missing or has another shape. */
export function bertLayer(weights: Weights, shape: BertShape, index: number): BertLayer {
  const name = `encoder.layer.${index}.`
  const { dimension, inner } = shape
  const [query, key, value] = (['query', 'key', 'value'] as const).map((part) =>
    linearOf(weights, `${name}attention.self.${part}`, dimension, dimension),
  )
  return {
    name,
    // The three parts were made from a list of three just above.
    qkv: stack([query!, key!, value!]),
    attentionOut: linearOf(weights, `${name}attention.output.dense`, dimension, dimension),
    attentionNorm: normOf(weights, `${name}attention.output.LayerNorm`, dimension),
    up: linearOf(weights, `${name}intermediate.dense`, inner, dimension),
    down: linearOf(weights, `${name}output.dense`, dimension, inner),
    outputNorm: normOf(weights, `${name}output.LayerNorm`, dimension),
  }
}

/** A layer normalisation's scale and offset. @throws {ModelError} if missing or of another shape. */
export function normOf(weights: Weights, name: string, dimension: number): Norm {
  return { weight: weights.float32(`${name}.weight`, [dimension]), bias: weights.float32(`${name}.bias`, [dimension]) }
}

function linearOf(weights: Weights, name: string, outputs: number, inputs: number): Linear {
  const weight = weights.float32(`${name}.weight`, [outputs, inputs])
  return { weight, bias: weights.float32(`${name}.bias`, [outputs]), outputs, inputs }
}

function stack(parts: readonly [Linear, ...Linear[]]): Linear {
  const weight = new Float32Array(parts.reduce((sum, part) => sum + part.weight.length, 0))
  const bias = new Float32Array(parts.reduce((sum, part) => sum + part.bias.length, 0))
  let row = 0
  for (const part of parts) {
    weight.set(part.weight, row * part.inputs)
    bias.set(part.bias, row)
    row += part.outputs
  }
  return { weight, bias, outputs: row, inputs: parts[0].inputs }
}
