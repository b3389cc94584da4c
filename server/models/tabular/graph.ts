import type { ScoreCalibration } from '../../evaluation/score-calibration.ts'
import { createGraph, type Graph } from '../../onnx/graph.ts'
import { bool, int64, scalar, tensor } from '../../onnx/tensor.ts'
import type { FittedModel, GraphFeatures, TableTask } from './method.ts'
import type { Preparation, PreparedCategory, PreparedNumber } from './preparation.ts'
import { mlOpset } from './tree-graph.ts'

/** Outputs of a table's model, float32 [rows, 1]. */
export const outputNames = { probability: 'output.probability', score: 'output.score', value: 'output.value' } as const
/** Names that begin so are the graph's own; no column can have one. */
export const reservedNames = /^(~|output\.)/

export interface TableModel {
  readonly task: TableTask
  readonly preparation: Preparation
  readonly model: FittedModel
  /** Of a classifier's scores. */
  readonly calibration: ScoreCalibration
  /** A regression's scores times `deviation` plus `mean` are values. */
  readonly scale: { readonly mean: number; readonly deviation: number }
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Write a model as an ONNX file: an input a column, float32 or string [rows, 1], by its name; a missing number is NaN, a
 * missing text ''. What was learnt of the columns, the model and its calibration are inside. Outputs: see {@link outputNames}.
 */
export function writeTableModel({ task, preparation, model, calibration, scale, metadata }: TableModel): Uint8Array {
  const graph = createGraph('table')
  for (const { name, kind } of preparation.columns)
    graph.input(name, kind === 'number' ? 'float32' : 'string', ['rows', 1])
  const score = model.write(graph, createFeatures(graph, preparation), '~model')
  if (task === 'tabular-classification') {
    const logit = addCalibration(graph, calibration, score)
    graph.output(graph.node('Identity', [logit], outputNames.score), 'float32', ['rows', 1])
    graph.output(graph.node('Sigmoid', [logit], outputNames.probability), 'float32', ['rows', 1])
  } else {
    const scaled = graph.node('Mul', [score, graph.init('~deviation', scalar(scale.deviation))], '~scaled')
    graph.output(graph.node('Add', [scaled, graph.init('~mean', scalar(scale.mean))], outputNames.value), 'float32', [
      'rows',
      1,
    ])
  }
  return graph.finish({ opset: 18, ir: 8, domains: mlOpset, metadata })
}

function createFeatures(graph: Graph, { columns }: Preparation): GraphFeatures {
  const numbers = columns.filter((column) => column.kind === 'number')
  const categories = columns.filter((column) => column.kind === 'category')
  let [plain, scaled]: [string | undefined, string | undefined] = [undefined, undefined]
  let shared: { readonly filled: string[]; readonly rest: string[] } | undefined
  const parts = () => {
    if (shared) return shared
    const { filled, indicators } = addNumbers(graph, numbers)
    const levels = categories.flatMap((column, i) => addLevels(graph, column, `~category${i}`))
    shared = { filled, rest: [...indicators, ...levels] }
    return shared
  }
  const joined = (from: readonly string[], name: string) => graph.node('Concat', from, name, { axis: 1 })
  return {
    plain() {
      plain ??= joined([...parts().filled, ...parts().rest], '~plain')
      return plain
    },
    scaled() {
      const { filled, rest } = parts()
      scaled ??= joined([...filled.map((name) => addScaling(graph, numbers, name)), ...rest], '~features')
      return scaled
    },
  }
}

const rowOf = (values: readonly number[]) => tensor(Float32Array.from(values), [1, values.length])

/** @returns the numbers with what is missing filled, and which of them were missing; nothing where there are none. */
function addNumbers(graph: Graph, numbers: readonly PreparedNumber[]): { filled: string[]; indicators: string[] } {
  if (numbers.length === 0) return { filled: [], indicators: [] }
  const raw = graph.node(
    'Concat',
    numbers.map(({ name }) => name),
    '~numbers',
    { axis: 1 },
  )
  const missing = graph.node('IsNaN', [raw], '~missing')
  const fill = graph.init('~fill', rowOf(numbers.map((number) => number.fill)))
  const filled = graph.node('Where', [missing, fill, raw], '~filled')
  const marked = numbers.flatMap(({ indicator }, i) => (indicator ? [i] : []))
  if (marked.length === 0) return { filled: [filled], indicators: [] }
  const ones = graph.node('Cast', [missing], '~missingNumbers', { to: 1 })
  const indicators = graph.node('Gather', [ones, graph.init('~marked', int64(marked))], '~indicators', { axis: 1 })
  return { filled: [filled], indicators: [indicators] }
}

/** Clip, take the logarithm of some, standardise. */
function addScaling(graph: Graph, numbers: readonly PreparedNumber[], filled: string): string {
  const constant = (name: string, of: (number: PreparedNumber) => number) => graph.init(name, rowOf(numbers.map(of)))
  const above = graph.node('Max', [filled, constant('~low', ({ clip }) => clip[0])], '~above')
  const clipped = graph.node('Min', [above, constant('~high', ({ clip }) => clip[1])], '~clipped')
  const more = graph.node('Add', [clipped, graph.init('~one', scalar(1))], '~more')
  const isLog = graph.init(
    '~isLog',
    bool(
      numbers.map(({ log }) => log),
      [1, numbers.length],
    ),
  )
  const flat = graph.node('Where', [isLog, graph.node('Log', [more], '~log'), clipped], '~flat')
  const centred = graph.node('Sub', [flat, constant('~centre', ({ mean }) => mean)], '~centred')
  return graph.node('Div', [centred, constant('~spread', ({ deviation }) => deviation)], '~standard')
}

function addLevels(graph: Graph, { name, kept }: PreparedCategory, part: string): string[] {
  if (kept.length === 0) return []
  const attributes = { cats_strings: kept, zeros: 1 } // what is not among them is all zero
  const levels = graph.node('OneHotEncoder', [name], `${part}.levels`, attributes, 'ai.onnx.ml')
  const shape = graph.init(`${part}.shape`, int64([-1, kept.length]))
  return [graph.node('Reshape', [levels, shape], part)]
}

/** Where a straight line has no end. */
const far = 1e30

function addCalibration(graph: Graph, calibration: ScoreCalibration, score: string): string {
  if (calibration.kind === 'none') return score
  if (calibration.kind === 'platt') {
    const sloped = graph.node('Mul', [score, graph.init('~slope', scalar(calibration.slope))], '~sloped')
    return graph.node('Add', [sloped, graph.init('~offset', scalar(calibration.offset))], '~logit')
  }
  const { scores, logits } = calibration
  const last = scores.length - 1
  // A line each: below the first point, between points, above the last. Each adds what of it the score has passed.
  const from = [scores[0]!, ...scores]
  const width = (i: number): number => scores[i + 1]! - scores[i]!
  const inner = scores.slice(1).map((_, i) => (logits[i + 1]! - logits[i]!) / width(i))
  const beyond = graph.node('Sub', [score, graph.init('~from', rowOf(from))], '~beyond')
  const least = graph.init('~least', rowOf([-far, ...scores.map(() => 0)]))
  const most = graph.init('~most', rowOf([0, ...inner.map((_, i) => width(i)), far]))
  const passed = graph.node('Min', [graph.node('Max', [beyond, least], '~begun'), most], '~passed')
  const slopes = graph.init('~slopes', tensor(Float32Array.from([1, ...inner, 1]), [last + 2, 1]))
  return graph.node('Gemm', [passed, slopes, graph.init('~first', rowOf([logits[0]!]))], '~logit')
}
