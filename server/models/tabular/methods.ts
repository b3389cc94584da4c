import type { Graph } from '../../onnx/graph.ts'
import { tensor } from '../../onnx/tensor.ts'
import type { Features } from '../algorithms/features.ts'
import type { Layer } from '../algorithms/network.ts'
import { fitPerceptron, perceptronScores, type Samples } from '../algorithms/perceptron.ts'
import { fitRidge } from '../algorithms/ridge.ts'
import { trainBinary } from '../training.ts'
import type { Candidate, FittedModel, LearningRows } from './method.ts'
import type { TableOptions } from './options.ts'
import type { Prepared } from './preparation.ts'
import { splitOff } from './rows.ts'

/** Rows × features, row-major. */
export function rowMajor({ rows, scaled }: Prepared): Features {
  const columns = scaled()
  const dense = new Float32Array(rows * columns.length)
  columns.forEach((values, j) => {
    for (let row = 0; row < rows; row++) dense[row * columns.length + j] = values[row]!
  })
  return { rows, columns: columns.length, dense }
}

/** Logistic regression, or a linear one for numbers, on scaled features. */
export function linearMethod(method: 'logistic' | 'linear', { l2 = 1e-4 }: Partial<TableOptions>): Candidate {
  return {
    name: `${method} l2=${l2}`,
    method,
    async fit({ prepared, targets, weights }, { task }) {
      const features = rowMajor(prepared)
      if (task === 'tabular-regression') {
        const { bias, ...line } = await fitRidge(features, targets, l2)
        return denseModel([
          { ...line, inputs: line.columns, outputs: 1, bias: Float32Array.of(bias), activation: 'linear' },
        ])
      }
      // The weights of rows are those of their classes.
      const classWeights = weights && [0, 1].map((one) => weights[targets.indexOf(one)] ?? 1)
      const options = { l2, maxIterations: 200, ...(classWeights && { classWeights }) }
      const { weights: line, bias, columns } = await trainBinary(features, targets, options)
      return denseModel([{ inputs: columns, outputs: 1, weights: line, bias, activation: 'linear' }])
    },
  }
}

/** Share of rows that a network is watched on, from so many rows on: it keeps its best epoch. */
const [watchedShare, leastWatched] = [0.1, 1_000]

/** A multilayer perceptron on scaled features. */
export function networkMethod(options: Partial<TableOptions>): Candidate {
  const { hidden = [64], activation = 'relu', epochs = 10, batch = 32, rate = 2e-3 } = options
  const { schedule = 'cosine', dropout = 0, l2 = 1e-5, loss = 'logistic' } = options
  const said = [`${hidden.join('-')} ${activation}`, ...(dropout > 0 ? [`dropout=${dropout}`] : []), `l2=${l2}`]
  return {
    name: `mlp ${said.join(' ')}`,
    method: 'mlp',
    async fit(rows, { task, seed, onShare }) {
      const settings = {
        ...{ hidden, activation, epochs, batch, rate, schedule, dropout, l2 },
        loss: task === 'tabular-regression' ? ('squared' as const) : loss,
        onEpoch: (epoch: number) => onShare(epoch / epochs),
      }
      const all = samplesOf(rows)
      if (rows.prepared.rows < leastWatched) return denseModel(fitPerceptron(all, seed, settings))
      const { kept, off } = splitOff(rows.targets, task, watchedShare, seed)
      return denseModel(fitPerceptron(pick(all, kept), seed, settings, pick(all, off)))
    },
  }
}

function samplesOf({ prepared, targets, weights }: LearningRows): Samples {
  const { dense, columns } = rowMajor(prepared)
  return { values: dense, columns, targets, weights }
}

function pick({ values, columns, targets, weights }: Samples, rows: Uint32Array): Samples {
  const picked = new Float32Array(rows.length * columns)
  for (const [i, row] of rows.entries()) picked.set(values.subarray(row * columns, (row + 1) * columns), i * columns)
  return {
    ...{ values: picked, columns, targets: Float64Array.from(rows, (row) => targets[row]!) },
    weights: weights && Float64Array.from(rows, (row) => weights[row]!),
  }
}

function denseModel(layers: readonly Layer[]): FittedModel {
  return {
    scores: (rows) => {
      const { dense, columns } = rowMajor(rows)
      return perceptronScores(layers, { values: dense, columns })
    },
    write: (graph, features, name) =>
      layers.reduce((from, layer, i) => addLayer(graph, layer, from, `${name}.${i}`), features.scaled()),
  }
}

const operators = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' } as const

function addLayer(
  graph: Graph,
  { inputs, outputs, weights, bias, activation }: Layer,
  from: string,
  name: string,
): string {
  const w = graph.init(`${name}.weights`, tensor(weights, [inputs, outputs]))
  const sum = graph.node('Gemm', [from, w, graph.init(`${name}.bias`, tensor(bias, [1, outputs]))], `${name}.sum`)
  return activation === 'linear' ? sum : graph.node(operators[activation], [sum], `${name}.values`)
}

/** The mean of models' scores. */
export function averageOf(models: readonly FittedModel[]): FittedModel {
  return {
    scores: (rows) => {
      const all = models.map((model) => model.scores(rows))
      return Float64Array.from(
        { length: rows.rows },
        (_, row) => all.reduce((sum, one) => sum + one[row]!, 0) / all.length,
      )
    },
    write(graph, features, name) {
      const scores = models.map((model, i) => model.write(graph, features, `${name}.${i}`))
      return graph.node('Mean', scores, `${name}.mean`)
    },
  }
}

/** Candidates whose scores are averaged. */
export function blendOf(candidates: readonly Candidate[]): Candidate {
  return {
    name: `mean of ${candidates.map(({ name }) => name).join(' and ')}`,
    method: 'blend',
    async fit(rows, request) {
      const models: FittedModel[] = []
      for (const [i, candidate] of candidates.entries()) {
        const onShare = (share: number): void => request.onShare((i + share) / candidates.length)
        models.push(await candidate.fit(rows, { ...request, onShare }))
      }
      return averageOf(models)
    },
  }
}
