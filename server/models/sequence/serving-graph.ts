import { createGraph, type Graph } from '../../onnx/graph.ts'
import { int64, scalar, tensor } from '../../onnx/tensor.ts'
import { headModel } from '../head-graph.ts'
import type { Shape } from './architecture.ts'
import type { Weights } from './fit.ts'
import type { End, Fitting } from './words.ts'

export interface SequenceModel extends Weights {
  readonly shape: Shape
  readonly fitting: Omit<Fitting, 'length'>
  /** Word i has the id i + 1. */
  readonly words: readonly string[]
  /** Logits are divided by it. */
  readonly temperature: number
}

/**
 * A sequence classifier as one ONNX file for one text. Input: `words` string [n], n ≥ 1; those that are not known are left
 * out, so `['']` is an empty text. Looking up, padding and truncation are inside. Outputs: `logits` [1, outputs] and
 * `probabilities` [1, labels], float32.
 */
export function writeSequenceModel(model: SequenceModel, labels: readonly string[]): Uint8Array {
  const { shape, parameters, temperature } = model
  const graph = createGraph('sequence')
  const table = graph.init('table', tensor(model.table, [model.words.length + 1, shape.embedding]))
  const words = graph.node('Gather', [table, addIds(graph, model)], 'embedded', { axis: 0 })
  const read = { lstm: addRecurrent, rnn: addRecurrent, cnn: addConvolution }[shape.kind](graph, model, words)
  const kernel = graph.init('denseKernel', tensor(parameters.get('denseKernel')!, [shape.units, shape.outputs]))
  const bias = graph.init('denseBias', tensor(parameters.get('denseBias')!, [1, shape.outputs]))
  const logits = graph.node('Gemm', [read, kernel, bias], 'logits')
  const scaled = graph.node('Mul', [logits, graph.init('slope', scalar(1 / temperature))], 'scaled')
  if (shape.outputs === 1) {
    const second = graph.node('Sigmoid', [scaled], 'ofSecond')
    const first = graph.node('Sub', [graph.init('one', scalar(1)), second], 'ofFirst')
    graph.node('Concat', [first, second], 'probabilities', { axis: 1 })
  } else graph.node('Softmax', [scaled], 'probabilities', { axis: 1 })
  graph.output('logits', 'float32', [1, shape.outputs])
  graph.output('probabilities', 'float32', [1, labels.length])
  return graph.finish({ ...headModel, domains: { 'ai.onnx.ml': 2 }, metadata: { labels: JSON.stringify(labels) } })
}

/** Ids [length] of the known words, padded and truncated. */
function addIds(graph: Graph, { words, shape: { length }, fitting }: SequenceModel): string {
  const given = graph.input('words', 'string', ['n'])
  const places = words.map((_, i) => i + 1)
  const lookUp = { keys_strings: words, values_int64s: places, default_int64: 0 }
  const ids = graph.node('LabelEncoder', [given], 'ids', lookUp, 'ai.onnx.ml')
  const isKnown = graph.node('Greater', [ids, graph.init('unknown', int64([0], []))], 'isKnown')
  const known = graph.node('Compress', [ids, isKnown], 'known', { axis: 0 })
  const cut = (x: string, from: End, name: string) => {
    const [start, end] = from === 'pre' ? [-length, Number.MAX_SAFE_INTEGER] : [0, length]
    const bounds = [graph.init(`${name}Start`, int64([start])), graph.init(`${name}End`, int64([end]))]
    return graph.node('Slice', [x, ...bounds], name)
  }
  const kept = cut(known, fitting.truncating, 'kept')
  const zeros = graph.init('zeros', int64(new Array<number>(length).fill(0)))
  const padded = fitting.padding === 'pre' ? [zeros, kept] : [kept, zeros]
  return cut(graph.node('Concat', padded, 'padded', { axis: 0 }), fitting.padding, 'sequence')
}

/** ONNX's own layers, whose gates stand in the order i o f c, as rows. */
function addRecurrent(graph: Graph, { shape, parameters }: SequenceModel, words: string): string {
  const { kind, embedding, units } = shape
  const order = kind === 'lstm' ? [0, 3, 1, 2] : [0]
  const gates = order.length
  const turned = (name: string, inputs: number) =>
    tensor(transposed(parameters.get(name)!, inputs, units, order), [1, gates * units, inputs])
  const bias = new Float32Array(2 * gates * units)
  bias.set(transposed(parameters.get('bias')!, 1, units, order))
  const inputs = [
    graph.node('Unsqueeze', [words, graph.init('batchAxis', int64([1]))], 'sequenceOfOne'),
    graph.init('kernel', turned('kernel', embedding)),
    graph.init('recurrent', turned('recurrent', units)),
    graph.init('bias', tensor(bias, [1, bias.length])),
  ]
  const operator = kind === 'lstm' ? 'LSTM' : 'RNN'
  const [, last] = graph.node(operator, inputs, ['states', 'lastState'], { hidden_size: units })
  return graph.node('Reshape', [last, graph.init('rowOfUnits', int64([1, units]))], 'read')
}

function addConvolution(graph: Graph, { shape, parameters }: SequenceModel, words: string): string {
  const { length, embedding, units, window } = shape
  const kernel = parameters.get('kernel')!
  const filters = new Float32Array(kernel.length)
  for (let i = 0; i < window; i++) {
    for (let j = 0; j < embedding; j++) {
      for (let k = 0; k < units; k++)
        filters[(k * embedding + j) * window + i] = kernel[(i * embedding + j) * units + k]!
    }
  }
  const turned = graph.node('Transpose', [words], 'channels', { perm: [1, 0] })
  const one = graph.node(
    'Reshape',
    [turned, graph.init('channelShape', int64([1, embedding, length]))],
    'sequenceOfOne',
  )
  const weights = graph.init('filters', tensor(filters, [units, embedding, window]))
  const bias = graph.init('filterBias', tensor(parameters.get('bias')!, [units]))
  const answered = graph.node('Relu', [graph.node('Conv', [one, weights, bias], 'responses')], 'answered')
  return graph.node('ReduceMax', [answered, graph.init('placeAxis', int64([2]))], 'read', { keepdims: 0 })
}

/** Turn [inputs, gates · units] into [gates · units, inputs], with the gates in another order. */
function transposed(values: Float32Array, inputs: number, units: number, order: readonly number[]): Float32Array {
  const columns = order.length * units
  const turned = new Float32Array(values.length)
  order.forEach((gate, place) => {
    for (let unit = 0; unit < units; unit++) {
      for (let i = 0; i < inputs; i++) {
        turned[(place * units + unit) * inputs + i] = values[i * columns + gate * units + unit]!
      }
    }
  })
  return turned
}
