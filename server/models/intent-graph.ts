import { createGraph, type Graph } from '../onnx/graph.ts'
import { dataTypes, int64, scalar, tensor } from '../onnx/tensor.ts'
import { farthest, type Known, nearestTexts } from './algorithms/similarity.ts'
import { addDense, addLogits, headModel } from './head-graph.ts'
import type { LinearModel } from './training.ts'

export interface IntentModel {
  /** A logit for each intent, in the order of `labels`; one more, the last, for strangers if there are any. */
  readonly model: LinearModel
  /** Of the cosine to each intent's most similar text, beside its logit. */
  readonly nearestWeight: number
  readonly temperature: number
  /** See scope.ts. */
  readonly scope: LinearModel
  /** Unit vectors of texts with an intent and its place in `labels`; unit vectors of texts without one. */
  readonly known: Known
  readonly strangers: readonly Float32Array[]
  readonly labels: readonly string[]
}

/** Unit vectors are kept in 7 bits: 8 would overflow in the 16-bit sums of CPUs without VNNI. */
const largestByte = 63

/**
 * The intent model as one ONNX file: inputs as `writeHead`; outputs `probabilities` [1, intents] and `score` [1, 1], how much
 * at home the text is.
 */
export function writeIntentModel(parts: IntentModel): Uint8Array {
  const { model, temperature, scope, known, strangers, labels } = parts
  const graph = createGraph('intent')
  const { features, logits } = addLogits(graph, model)
  const quantised = graph.node('DynamicQuantizeLinear', [features], ['quantised', 'step', 'zero'])
  const cosines = addCosines(graph, 'known', known.vectors, quantised)
  const [linear, strange] = splitStranger(graph, logits, labels.length, model.outputs)
  const intents = graph.node('Add', [linear, addNearest(graph, cosines, parts)], 'intents')
  const scaled = graph.node('Mul', [intents, graph.init('slope', scalar(1 / temperature))], 'scaled')
  const probabilities = graph.node('Softmax', [scaled], 'probabilities', { axis: -1 })
  const highest = graph.node('ReduceMax', [intents, graph.init('last', int64([-1]))], 'highest')
  const similarity = addMeanOfHighest(graph, 'known', cosines, known.vectors.length)
  const foreign =
    strangers.length > 0
      ? addMeanOfHighest(graph, 'strangers', addCosines(graph, 'strangers', strangers, quantised), strangers.length)
      : graph.init('noStrangers', scalarRow(0))
  const row = graph.node('Concat', [highest, strange, similarity, foreign], 'scopeRow', { axis: -1 })
  const score = addDense(graph, scope, row, 'score')
  graph.output(probabilities, 'float32', [1, labels.length])
  graph.output(score, 'float32', [1, 1])
  return graph.finish({ ...headModel, metadata: { labels: JSON.stringify(labels) } })
}

const scalarRow = (value: number) => tensor(Float32Array.of(value), [1, 1])

/** The logits of the intents, and that of strangers: 0 where the model has none. */
function splitStranger(graph: Graph, logits: string, intents: number, outputs: number): readonly [string, string] {
  if (outputs === intents) return [logits, graph.init('strange', scalarRow(0))]
  const sizes = graph.init('sizes', int64([intents, 1]))
  return graph.node('Split', [logits, sizes], ['linear', 'strange'], { axis: -1 })
}

/** The cosine to the most similar text of each intent, weighted: [1, intents]. */
function addNearest(graph: Graph, cosines: string, { known, labels, nearestWeight }: IntentModel): string {
  const none = graph.init('none', tensor(new Float32Array(labels.length).fill(farthest), [1, labels.length]))
  const places = graph.init('places', int64(known.labels, [1, known.labels.length]))
  const best = graph.node('ScatterElements', [none, places, cosines], 'best', { axis: 1, reduction: 'max' })
  return graph.node('Mul', [best, graph.init('nearestWeight', scalar(nearestWeight))], 'nearest')
}

/** Cosines [1, rows] to some unit vectors, which are kept as small integers with a scale each. */
function addCosines(
  graph: Graph,
  name: string,
  vectors: readonly Float32Array[],
  [quantised, step, zero]: readonly [string, string, string],
): string {
  const dimension = vectors[0]!.length
  const rows = vectors.length
  const [bytes, scales] = [new Int8Array(dimension * rows), new Float32Array(rows)]
  vectors.forEach((one, row) => {
    const scale = one.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / largestByte
    scales[row] = scale
    for (let j = 0; j < dimension; j++) bytes[j * rows + row] = Math.round(one[j]! / scale)
  })
  const table = graph.init(name, tensor(bytes, [dimension, rows]))
  const product = graph.node('MatMulInteger', [quantised, table, zero], `${name}Product`)
  const whole = graph.node('Cast', [product], `${name}Whole`, { to: dataTypes.float32 })
  const steps = graph.node('Mul', [graph.init(`${name}Scales`, tensor(scales, [1, rows])), step], `${name}Steps`)
  return graph.node('Mul', [whole, steps], `${name}Cosines`)
}

/** Mean [1, 1] of the highest of `rows` cosines. */
function addMeanOfHighest(graph: Graph, name: string, cosines: string, rows: number): string {
  const most = graph.init(`${name}Most`, int64([Math.min(nearestTexts, rows)]))
  const [highest] = graph.node('TopK', [cosines, most], [`${name}Highest`, `${name}Where`], { axis: -1 })
  return graph.node('ReduceMean', [highest, graph.init(`${name}Axis`, int64([-1]))], `${name}Mean`)
}
