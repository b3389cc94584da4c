import { createGraph, type Graph } from '../onnx/graph.ts'
import { dataTypes, int64, scalar, tensor } from '../onnx/tensor.ts'
import { farthest, type Known, nearestTexts } from './algorithms/similarity.ts'
import { addDense, addLogits, headModel } from './head-graph.ts'
import type { LinearModel } from './training.ts'

export interface ClassifierModel {
  /** A logit for each label, in the order of `labels`; one more, the last, for strangers if they are a class. */
  readonly model: LinearModel
  readonly temperature: number
  readonly labels: readonly string[]
  /** What the model remembers of its training texts; without it neither nearness nor scope is looked at. */
  readonly memory?: Memory
  /** Kept in the file for whoever opens it elsewhere. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Training texts by their vectors. */
export interface Memory {
  /** Of the cosine to each label's most similar text, beside its logit. */
  readonly nearestWeight: number
  /** See scope.ts. */
  readonly scope: LinearModel
  /** Unit vectors of texts with a label and its place in `labels`; unit vectors of texts without one. */
  readonly known: Known
  readonly strangers: readonly Float32Array[]
}

/** Unit vectors are kept in 7 bits: 8 would overflow in the 16-bit sums of CPUs without VNNI. */
const largestByte = 63

/**
 * The model as one ONNX file: inputs as `writeHead`; outputs `probabilities` [1, labels] and, with a memory, `score` [1, 1],
 * how much at home the text is.
 */
export function writeClassifier(parts: ClassifierModel): Uint8Array {
  const { model, temperature, labels, memory, metadata } = parts
  const graph = createGraph('classifier')
  const { features, logits } = addLogits(graph, model)
  const known = memory ? addMemory(graph, parts, memory, features, logits) : logits
  const scaled = graph.node('Mul', [known, graph.init('slope', scalar(1 / temperature))], 'scaled')
  const probabilities =
    model.kind === 'binary'
      ? graph.node('Sigmoid', [scaled], 'probabilities')
      : graph.node('Softmax', [scaled], 'probabilities', { axis: -1 })
  graph.output(probabilities, 'float32', [1, labels.length])
  if (memory) graph.output('score', 'float32', [1, 1])
  return graph.finish({ ...headModel, metadata: { labels: JSON.stringify(labels), ...metadata } })
}

/** Add nearness to the logits, and the score of being at home. @returns the logits of the labels. */
function addMemory(
  graph: Graph,
  { model, labels }: ClassifierModel,
  memory: Memory,
  dense: string,
  logits: string,
): string {
  const { known, strangers, scope } = memory
  const width = known.vectors[0]!.length
  const features = model.columns === width ? dense : addVectorOnly(graph, dense, width, model.columns)
  const quantised = graph.node('DynamicQuantizeLinear', [features], ['quantised', 'step', 'zero'])
  const cosines = addCosines(graph, 'known', known.vectors, quantised)
  const [linear, strange] = splitStranger(graph, logits, labels.length, model.outputs)
  const sums = graph.node('Add', [linear, addNearest(graph, cosines, labels.length, memory)], 'sums')
  const highest = graph.node('ReduceMax', [sums, graph.init('last', int64([-1]))], 'highest')
  const similarity = addMeanOfHighest(graph, 'known', cosines, known.vectors.length)
  const foreign =
    strangers.length > 0
      ? addMeanOfHighest(graph, 'strangers', addCosines(graph, 'strangers', strangers, quantised), strangers.length)
      : graph.init('noStrangers', scalarRow(0))
  const row = graph.node('Concat', [highest, strange, similarity, foreign], 'scopeRow', { axis: -1 })
  addDense(graph, scope, row, 'score')
  return sums
}

/** The sentence vector without the further features behind it. */
function addVectorOnly(graph: Graph, features: string, width: number, columns: number): string {
  const sizes = graph.init('parts', int64([width, columns - width]))
  return graph.node('Split', [features, sizes], ['vector', 'further'], { axis: -1 })[0]
}

const scalarRow = (value: number) => tensor(Float32Array.of(value), [1, 1])

/** The logits of the labels, and that of strangers: 0 where the model has none. */
function splitStranger(graph: Graph, logits: string, labels: number, outputs: number): readonly [string, string] {
  if (outputs === labels) return [logits, graph.init('strange', scalarRow(0))]
  const sizes = graph.init('sizes', int64([labels, 1]))
  return graph.node('Split', [logits, sizes], ['linear', 'strange'], { axis: -1 })
}

/** The cosine to the most similar text of each label, weighted: [1, labels]. */
function addNearest(graph: Graph, cosines: string, labels: number, { known, nearestWeight }: Memory): string {
  const none = graph.init('none', tensor(new Float32Array(labels).fill(farthest), [1, labels]))
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
