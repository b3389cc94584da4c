import { createGraph, type Graph } from '../onnx/graph.ts'
import { int64, scalar, tensor } from '../onnx/tensor.ts'
import { nearestTexts } from './algorithms/similarity.ts'
import { addDense, addLogits, headModel } from './head-graph.ts'
import type { LinearModel } from './training.ts'

export interface IntentModel {
  /** A logit for each intent, in the order of `labels`; one more, the last, for strangers if there are any. */
  readonly model: LinearModel
  readonly temperature: number
  /** See scope.ts. */
  readonly scope: LinearModel
  /** Unit vectors of texts with an intent, and of texts without. */
  readonly known: readonly Float32Array[]
  readonly strangers: readonly Float32Array[]
  readonly labels: readonly string[]
}

/** Unit vectors are kept in 7 bits: 8 would overflow in the 16-bit sums of CPUs without VNNI. */
const largestByte = 63

/**
 * The intent model as one ONNX file: inputs as `writeHead`; outputs `probabilities` [1, intents] and `score` [1, 1], how much
 * at home the text is.
 */
export function writeIntentModel({ model, temperature, scope, known, strangers, labels }: IntentModel): Uint8Array {
  const graph = createGraph('intent')
  const { features, logits } = addLogits(graph, model)
  const [intents, strange] = splitStranger(graph, logits, labels.length, model.outputs)
  const scaled = graph.node('Mul', [intents, graph.init('slope', scalar(1 / temperature))], 'scaled')
  const probabilities = graph.node('Softmax', [scaled], 'probabilities', { axis: -1 })
  const highest = graph.node('ReduceMax', [intents, graph.init('last', int64([-1]))], 'highest')
  const quantised = graph.node('DynamicQuantizeLinear', [features], ['quantised', 'step', 'zero'])
  const similarity = addSimilarity(graph, 'known', known, quantised)
  const foreign =
    strangers.length > 0
      ? addSimilarity(graph, 'strangers', strangers, quantised)
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
  return graph.node('Split', [logits, sizes], ['intents', 'strange'], { axis: -1 })
}

/** Mean cosine [1, 1] to the nearest of some unit vectors, which are kept as small integers with a scale each. */
function addSimilarity(
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
  const whole = graph.node('Cast', [product], `${name}Whole`, { to: 1 })
  const steps = graph.node('Mul', [graph.init(`${name}Scales`, tensor(scales, [1, rows])), step], `${name}Steps`)
  const cosines = graph.node('Mul', [whole, steps], `${name}Cosines`)
  const most = graph.init(`${name}Most`, int64([Math.min(nearestTexts, rows)]))
  const [nearest] = graph.node('TopK', [cosines, most], [`${name}Nearest`, `${name}Places`], { axis: -1 })
  return graph.node('ReduceMean', [nearest, graph.init(`${name}Axis`, int64([-1]))], `${name}Similarity`)
}
