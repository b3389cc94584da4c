import { createGraph, type Graph } from '../onnx/graph.ts'
import { scalar, tensor } from '../onnx/tensor.ts'
import type { LinearModel } from './training.ts'

/** How logits become calibrated probabilities: slope · logit + offset. A temperature T is slope 1 / T, Platt's are a and b. */
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
  const { logits } = addLogits(graph, model)
  const slope = graph.init('slope', scalar(calibration.slope))
  const offset = graph.init('offset', scalar(calibration.offset))
  const calibrated = graph.node('Add', [graph.node('Mul', [logits, slope], 'sloped'), offset], 'calibrated')
  const probabilities =
    model.kind === 'binary'
      ? graph.node('Sigmoid', [calibrated], 'probabilities')
      : graph.node('Softmax', [calibrated], 'probabilities', { axis: -1 })
  const rows = model.sparseWeights.length > 0 ? 1 : 'rows'
  for (const name of [logits, probabilities]) graph.output(name, 'float32', [rows, model.outputs])
  return graph.finish({ ...headModel, metadata })
}

/** Add a model's inputs and layers, up to its `logits`, to a graph that goes on from there. @returns the names of both. */
export function addLogits(graph: Graph, model: LinearModel): { readonly features: string; readonly logits: string } {
  const sparse = model.sparseWeights.length > 0
  const features = graph.input('features', 'float32', [sparse ? 1 : 'rows', model.columns])
  if (!sparse) return { features, logits: addDense(graph, model, features, 'logits') }
  const dense = addDense(graph, model, features, 'dense')
  return { features, logits: graph.node('Add', [dense, addSparse(graph, model)], 'logits') }
}

/** Add the dense layer of a model over `features`, standardising included. @param name of its output; begins its parts' names. */
export function addDense(graph: Graph, model: LinearModel, features: string, name: string): string {
  const { standard, columns, outputs, weights, bias } = model
  let x = features
  if (standard) {
    const mean = graph.init(`${name}Mean`, tensor(standard.mean, [1, columns]))
    const deviation = graph.init(`${name}Deviation`, tensor(standard.deviation, [1, columns]))
    x = graph.node('Div', [graph.node('Sub', [x, mean], `${name}Centred`), deviation], `${name}Standardised`)
  }
  const w = graph.init(`${name}Weights`, tensor(weights, [columns, outputs]))
  return graph.node('Gemm', [x, w, graph.init(`${name}Bias`, tensor(bias, [1, outputs]))], name)
}

/** Only the rows of the terms that occur are read: some hundred of many thousand. */
function addSparse(graph: Graph, { sparseWeights, outputs }: LinearModel): string {
  const terms = graph.input('terms', 'int32', ['k'])
  const weights = graph.input('weights', 'float32', [1, 'k'])
  const table = graph.init('table', tensor(sparseWeights, [sparseWeights.length / outputs, outputs]))
  const picked = graph.node('Gather', [table, terms], 'picked', { axis: 0 })
  return graph.node('MatMul', [weights, picked], 'sparse')
}
