import { createGraph, float, type Graph } from '../onnx/graph.ts'
import { int64, scalar, tensor } from '../onnx/tensor.ts'
import { type BertShape, bertLayer, type Linear, type Norm, normOf } from './bert.ts'
import { quantiseChannels, quantiseRows, transpose } from './quantise.ts'
import type { Weights } from './safetensors.ts'
import type { Smoothing } from './smoothing.ts'

export type Precision = 'int8' | 'fp32'

export interface GraphOptions {
  readonly precision: Precision
  /** May be empty: then nothing is smoothed. */
  readonly smoothing: Smoothing
  /** Also put out `peak:LAYER`, the largest absolute activation per channel before each linear layer. */
  readonly peaks: boolean
}

/** What the parts of one graph share while it is written. */
interface Build extends GraphOptions {
  readonly graph: Graph
  readonly weights: Weights
  readonly shape: BertShape
}

/** Name of the table of word embeddings among the official weights. */
export const wordTable = 'embeddings.word_embeddings.weight'

/** Version of the format: opset 23 is the first with `Attention`, and asks for IR 11. */
const VERSION = { opset: 23, ir: 11 } as const

/**
 * The whole encoder as one ONNX file: `input_ids` int64 [1, n] → `embedding` float32 [1, dimension], mean-pooled and of
 * length 1, and `tokens` float32 [1, n, dimension], the last hidden states as they are, computed anyway and fetched on demand.
 * One text at a time, so there is no mask; token types are always 0, so their row is part of the position table.
 * @throws {ModelError} if weights are missing or of another shape.
 */
export function encoderGraph(weights: Weights, shape: BertShape, options: GraphOptions): Uint8Array {
  const graph = createGraph('encoder')
  const build: Build = { ...options, graph, weights, shape }
  graph.input('input_ids', 'int64', [1, 'n'])
  graph.init('axis0', int64([0]))
  graph.init('axis1', int64([1]))
  for (const [name, value] of [
    ['half', 0.5],
    ['one', 1],
    ['sqrt2', Math.SQRT2],
  ] as const)
    graph.init(name, scalar(value))
  let hidden = embeddings(build)
  for (let i = 0; i < shape.layers; i++) hidden = transformerLayer(build, hidden, i)
  pooling(build, hidden)
  graph.output('embedding', 'float32', [1, shape.dimension])
  graph.output('tokens', 'float32', [1, 'n', shape.dimension])
  return graph.finish(VERSION)
}

function embeddings({ graph, weights, shape, precision }: Build): string {
  const { vocabulary, dimension, positions, tokenTypes } = shape
  const words = weights.float32(wordTable, [vocabulary, dimension])
  if (precision === 'int8') {
    const { values, scales } = quantiseRows(words, dimension)
    graph.init('words', tensor(values, [vocabulary, dimension]))
    graph.init('words.scale', tensor(scales, [vocabulary, 1]))
    graph.node('Cast', [graph.node('Gather', ['words', 'input_ids'], 'word.int8')], 'word.float', { to: 1 })
    graph.node('Mul', ['word.float', graph.node('Gather', ['words.scale', 'input_ids'], 'word.scale')], 'word')
  } else {
    graph.node('Gather', [graph.init('words', tensor(words, [vocabulary, dimension])), 'input_ids'], 'word')
  }
  const table = weights.float32('embeddings.position_embeddings.weight', [positions, dimension]).slice()
  const types = weights.float32('embeddings.token_type_embeddings.weight', [tokenTypes, dimension])
  for (let i = 0; i < table.length; i++) table[i]! += types[i % dimension]!
  graph.init('positions', tensor(table, [positions, dimension]))
  graph.node('Shape', ['input_ids'], 'n', { start: 1, end: 2 })
  graph.node('Slice', ['positions', 'axis0', 'n', 'axis0'], 'position')
  const sum = graph.node('Add', ['word', 'position'], 'embedded')
  return layerNorm(graph, sum, normOf(weights, 'embeddings.LayerNorm', dimension), 'embeddings.norm', shape.epsilon)
}

function transformerLayer(build: Build, input: string, index: number): string {
  const { graph, shape, weights } = build
  const layer = foldValueSmoothing(bertLayer(weights, shape, index), build.smoothing)
  const { name } = layer
  const qkv = linear(build, input, layer.qkv, `${name}qkv`)
  graph.init(`${name}split`, int64([shape.dimension, shape.dimension, shape.dimension]))
  const parts = graph.node('Split', [qkv, `${name}split`], [`${name}q`, `${name}k`, `${name}v`], { axis: 2 })
  const heads = { q_num_heads: shape.heads, kv_num_heads: shape.heads }
  const context = graph.node('Attention', parts, `${name}context`, heads)
  const attended = linear(build, context, layer.attentionOut, `${name}ao`)
  // Sum, not Add: ONNX Runtime fuses Add + LayerNormalization into a CPU kernel that is ten times slower.
  const first = graph.node('Sum', [attended, input], `${name}residual1`)
  const middle = layerNorm(graph, first, layer.attentionNorm, `${name}norm1`, shape.epsilon)
  const active = gelu(graph, linear(build, middle, layer.up, `${name}fi`), name)
  const second = graph.node('Sum', [linear(build, active, layer.down, `${name}fo`), middle], `${name}residual2`)
  const output = index === shape.layers - 1 ? 'tokens' : `${name}norm2`
  return layerNorm(graph, second, layer.outputNorm, output, shape.epsilon)
}

/** The exact GELU, x · (1 + erf(x / √2)) / 2, in the form that ONNX Runtime recognises and fuses. */
function gelu(graph: Graph, input: string, name: string): string {
  graph.node('Erf', [graph.node('Div', [input, 'sqrt2'], `${name}gelu1`)], `${name}gelu2`)
  graph.node('Mul', [input, graph.node('Add', [`${name}gelu2`, 'one'], `${name}gelu3`)], `${name}gelu4`)
  return graph.node('Mul', [`${name}gelu4`, 'half'], `${name}gelu5`)
}

/** Mean of the last hidden states, scaled to length 1. */
function pooling({ graph }: Build, hidden: string): void {
  graph.init('tiny', scalar(1e-12))
  graph.node('ReduceMean', [hidden, 'axis1'], 'pooled', { keepdims: 0 })
  graph.node('Max', [graph.node('ReduceL2', ['pooled', 'axis1'], 'norm', { keepdims: 1 }), 'tiny'], 'safe')
  graph.node('Div', ['pooled', 'safe'], 'embedding')
}

function layerNorm(graph: Graph, input: string, { weight, bias }: Norm, name: string, epsilon: number): string {
  const scale = graph.init(`${name}.weight`, tensor(weight))
  const offset = graph.init(`${name}.bias`, tensor(bias))
  return graph.node('LayerNormalization', [input, scale, offset], name, { axis: -1, epsilon: float(epsilon) })
}

/** input · weightᵀ + bias; smoothed where a vector is there: the input is divided by it and the weight multiplied. */
function linear(build: Build, input: string, layer: Linear, name: string): string {
  const { graph, smoothing, peaks, precision } = build
  if (peaks) putOutPeaks(graph, input, layer.inputs, name)
  const factors = smoothing.get(name)
  let [from, weight] = [input, layer.weight]
  if (factors) {
    const inverse = graph.init(`${name}.inverse`, tensor(factors.map((factor) => 1 / factor)))
    from = graph.node('Mul', [input, inverse], `${name}.smooth`)
    weight = weight.map((value, i) => value * factors[i % layer.inputs]!)
  }
  const product = precision === 'int8' ? integerProduct : floatProduct
  const raw = product(graph, from, { ...layer, weight }, name)
  return graph.node('Add', [raw, graph.init(`${name}.bias`, tensor(layer.bias))], `${name}.out`)
}

function floatProduct(graph: Graph, input: string, { weight, outputs, inputs }: Linear, name: string): string {
  graph.init(`${name}.weight`, tensor(transpose(weight, outputs, inputs), [inputs, outputs]))
  return graph.node('MatMul', [input, `${name}.weight`], `${name}.product`)
}

/** The nodes that onnxruntime's quantize_dynamic writes, which ONNX Runtime fuses into one kernel. */
function integerProduct(graph: Graph, input: string, { weight, outputs, inputs }: Linear, name: string): string {
  const { values, scales } = quantiseChannels(weight, outputs, inputs)
  graph.init(`${name}.weight`, tensor(values, [inputs, outputs]))
  graph.init(`${name}.scale`, tensor(scales))
  graph.init(`${name}.zero`, tensor(new Int8Array(outputs)))
  const [x, xScale, xZero] = graph.node(
    'DynamicQuantizeLinear',
    [input],
    [`${name}.x`, `${name}.x.scale`, `${name}.x.zero`],
  )
  const scale = graph.node('Mul', [xScale, `${name}.scale`], `${name}.scales`)
  const sums = graph.node('MatMulInteger', [x, `${name}.weight`, xZero, `${name}.zero`], `${name}.sums`)
  return graph.node('Mul', [graph.node('Cast', [sums], `${name}.floats`, { to: 1 }), scale], `${name}.product`)
}

function putOutPeaks(graph: Graph, input: string, channels: number, name: string): void {
  const axes = graph.init(`${name}.axes`, int64([0, 1]))
  graph.node('ReduceMax', [graph.node('Abs', [input], `${name}.abs`), axes], `peak:${name}`, { keepdims: 0 })
  graph.output(`peak:${name}`, 'float32', [channels])
}

/** The value projection absorbs the smoothing of the attention output that reads it, which makes that free at run time. */
function foldValueSmoothing(layer: ReturnType<typeof bertLayer>, smoothing: Smoothing): ReturnType<typeof bertLayer> {
  const factors = smoothing.get(`${layer.name}vfold`)
  if (!factors) return layer
  const { qkv, attentionOut } = layer
  const begin = qkv.outputs - factors.length
  const weight = qkv.weight.slice()
  const bias = qkv.bias.slice()
  factors.forEach((factor, i) => {
    bias[begin + i]! /= factor
    for (let j = (begin + i) * qkv.inputs; j < (begin + i + 1) * qkv.inputs; j++) weight[j]! /= factor
  })
  const read = attentionOut.weight.map((value, i) => value * factors[i % attentionOut.inputs]!)
  return { ...layer, qkv: { ...qkv, weight, bias }, attentionOut: { ...attentionOut, weight: read } }
}
