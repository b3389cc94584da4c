import { createGraph, type Graph } from '../onnx/graph.ts'
import { int64, scalar, tensor } from '../onnx/tensor.ts'
import { nearestTexts } from './algorithms/cross-fit.ts'
import { addHead, headModel } from './head-graph.ts'
import type { Scope, Spread } from './scope.ts'
import type { LinearModel } from './training.ts'

export interface IntentModel {
  readonly model: LinearModel
  readonly temperature: number
  readonly scope: Scope
  /** Unit vectors of the training texts. */
  readonly known: readonly Float32Array[]
  readonly labels: readonly string[]
}

/** Unit vectors are kept in 7 bits: 8 would overflow in the 16-bit sums of CPUs without VNNI. */
const largestByte = 63

/**
 * The intent model as one ONNX file: inputs as `writeHead`; outputs `probabilities` [1, classes] and `score` [1], how much
 * at home the text is (see scope.ts).
 */
export function writeIntentModel({ model, temperature, scope, known, labels }: IntentModel): Uint8Array {
  const graph = createGraph('intent')
  const { features, logits, probabilities } = addHead(graph, model, { slope: 1 / temperature, offset: 0 })
  const highest = graph.node('ReduceMax', [logits, graph.init('classes', int64([-1]))], 'highest', { keepdims: 0 })
  const similarity = addSimilarity(graph, known, features)
  const score = graph.node(
    'Add',
    [addStandard(graph, 'logit', highest, scope.logit), addStandard(graph, 'near', similarity, scope.similarity)],
    'score',
  )
  graph.output(probabilities, 'float32', [1, model.outputs])
  graph.output(score, 'float32', [1])
  return graph.finish({ ...headModel, metadata: { labels: JSON.stringify(labels) } })
}

/** Mean cosine to the nearest known texts, with the known vectors as small integers. */
function addSimilarity(graph: Graph, known: readonly Float32Array[], vector: string): string {
  const dimension = known[0]!.length
  const rows = known.length
  const [bytes, scales] = [new Int8Array(dimension * rows), new Float32Array(rows)]
  known.forEach((one, row) => {
    const scale = one.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / largestByte
    scales[row] = scale
    for (let j = 0; j < dimension; j++) bytes[j * rows + row] = Math.round(one[j]! / scale)
  })
  const [quantised, step, zero] = graph.node('DynamicQuantizeLinear', [vector], ['quantised', 'step', 'zero'])
  const table = graph.init('known', tensor(bytes, [dimension, rows]))
  const product = graph.node('MatMulInteger', [quantised, table, zero], 'product')
  const whole = graph.node('Cast', [product], 'whole', { to: 1 })
  const steps = graph.node('Mul', [graph.init('scales', tensor(scales, [rows])), step], 'steps')
  const cosines = graph.node('Mul', [whole, steps], 'cosines')
  const most = graph.init('most', int64([Math.min(nearestTexts, rows)]))
  const [nearest] = graph.node('TopK', [cosines, most], ['nearest', 'places'], { axis: -1 })
  return graph.node('ReduceMean', [nearest, graph.init('few', int64([-1]))], 'similarity', { keepdims: 0 })
}

function addStandard(graph: Graph, name: string, value: string, { mean, deviation }: Spread): string {
  const centre = graph.init(`${name}Mean`, scalar(mean))
  const spread = graph.init(`${name}Deviation`, scalar(deviation))
  return graph.node('Div', [graph.node('Sub', [value, centre], `${name}Centred`), spread], `${name}Standard`)
}
