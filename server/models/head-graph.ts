import { createGraph, type Graph } from '../onnx/graph.ts'
import { scalar, tensor } from '../onnx/tensor.ts'
import type { LinearModel } from './training.ts'

/** How logits become calibrated probabilities: slope · logit + offset. A temperature T is slope 1 / T. */
export interface Calibration {
  readonly slope: number
  readonly offset: number
}

/** ONNX versions of every head: old enough for stock runtimes, new enough for the operators in use. */
export const headModel = { opset: 18, ir: 8 } as const

/**
 * Write a trained model as an ONNX file. Inputs: `features` float32 [rows, columns]; with a sparse part `features` has one
 * row, and `terms` int32 [k] and `weights` float32 [1, k] hold its entries (k ≥ 1: an empty row is term 0 with weight 0).
 * Outputs: `logits` and `probabilities`, float32 [rows, outputs]; standardising and calibration are inside.
 */
export function writeHead(
  model: LinearModel,
  calibration: Calibration,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const graph = createGraph('head')
  const { probabilities, logits } = addHead(graph, model, calibration)
  const rows = model.sparseWeights.length > 0 ? 1 : 'rows'
  for (const name of [logits, probabilities]) graph.output(name, 'float32', [rows, model.outputs])
  return graph.finish({ ...headModel, metadata })
}

/** Names of what {@link addHead} added. */
export interface HeadNames {
  readonly features: string
  readonly logits: string
  readonly probabilities: string
}

/** Add inputs and layers of a model to a graph that goes on from there; outputs are left to the caller. */
export function addHead(graph: Graph, model: LinearModel, calibration: Calibration): HeadNames {
  const sparse = model.sparseWeights.length > 0
  const features = graph.input('features', 'float32', [sparse ? 1 : 'rows', model.columns])
  const dense = addDense(graph, model, features)
  const logits = sparse ? addSparse(graph, model, dense) : graph.node('Identity', [dense], 'logits')
  const slope = graph.init('slope', scalar(calibration.slope))
  const offset = graph.init('offset', scalar(calibration.offset))
  const scaled = graph.node('Add', [graph.node('Mul', [logits, slope], 'sloped'), offset], 'calibrated')
  const probabilities =
    model.kind === 'binary'
      ? graph.node('Sigmoid', [scaled], 'probabilities')
      : graph.node('Softmax', [scaled], 'probabilities', { axis: -1 })
  return { features, logits, probabilities }
}

function addDense(graph: Graph, model: LinearModel, features: string): string {
  const { standard, columns, outputs } = model
  let x = features
  if (standard) {
    const mean = graph.init('mean', tensor(standard.mean, [1, columns]))
    const deviation = graph.init('deviation', tensor(standard.deviation, [1, columns]))
    x = graph.node('Div', [graph.node('Sub', [x, mean], 'centred'), deviation], 'standardised')
  }
  const w = graph.init('w', tensor(model.weights, [columns, outputs]))
  return graph.node('Gemm', [x, w, graph.init('bias', tensor(model.bias, [1, outputs]))], 'dense')
}

/** Only the rows of the terms that occur are read: some hundred of many thousand. */
function addSparse(graph: Graph, { sparseWeights, outputs }: LinearModel, dense: string): string {
  const terms = graph.input('terms', 'int32', ['k'])
  const weights = graph.input('weights', 'float32', [1, 'k'])
  const table = graph.init('table', tensor(sparseWeights, [sparseWeights.length / outputs, outputs]))
  const picked = graph.node('Gather', [table, terms], 'picked', { axis: 0 })
  return graph.node('Add', [dense, graph.node('MatMul', [weights, picked], 'sparse')], 'logits')
}
