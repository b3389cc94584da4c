import { scalar } from '../../onnx/tensor.ts'
import { binFeatures } from '../algorithms/binning.ts'
import { type BoostingOptions, fitBoosting } from '../algorithms/boosting.ts'
import { type Ensemble, ensembleScores } from '../algorithms/ensemble.ts'
import { fitForest } from '../algorithms/forest.ts'
import type { Candidate, FitRequest, FittedModel, LearningRows, TableTask } from './method.ts'
import type { TableOptions } from './options.ts'
import type { Preparation, Prepared } from './preparation.ts'
import { pickNumbers, splitOff } from './rows.ts'
import { addEnsemble } from './tree-graph.ts'

/** Share of rows that boosting is stopped by; then it learns from all, with as many trees. */
const watchedShare = 0.2
/** Trees without gain before it stops. */
const patience = 40

/** Many trees make up for coarse cuts, and small nodes are searched faster. */
const forestBins = 64

/** A single tree, or a forest of them; leaves hold shares or means. */
export function forestMethod(method: 'tree' | 'forest', options: Partial<TableOptions>): Candidate {
  const isForest = method === 'forest'
  const { trees = 200, leaf = isForest ? 10 : 50, depth = isForest ? 24 : 8, l2 = 1, monotone = [] } = options
  const count = isForest ? trees : 1
  return {
    name: isForest ? `forest trees=${trees} leaf=${leaf}` : `tree depth=${depth} leaf=${leaf}`,
    method,
    async fit({ preparation, prepared, targets, weights }, { task, seed, onShare }) {
      const ensemble = fitForest(binFeatures(prepared.plain, forestBins), targets, weights, seed, {
        ...{ trees: count, minLeaf: leaf, l2, maxDepth: depth, bootstrap: isForest },
        tried: isForest ? triedShare(task, prepared.plain.length) : 1,
        ...constraints(preparation, prepared, monotone),
        onTree: (done) => onShare(done / count),
      })
      return task === 'tabular-regression' ? valueModel(ensemble) : shareModel(ensemble)
    },
  }
}

/** The root of the features for classes, a third for numbers (Breiman 2001). */
const triedShare = (task: TableTask, features: number): number =>
  task === 'tabular-classification' ? 1 / Math.sqrt(features) : 1 / 3

/** Gradient boosting; the number of trees is found on rows that are held out. */
export function boostingMethod(options: Partial<TableOptions>): Candidate {
  const { trees = 1_000, leaves = 16, depth = 8, rate = 0.05, l2 = 5, leaf = 3, monotone = [] } = options
  return {
    name: `boosting leaves=${leaves} depth=${depth} rate=${rate}`,
    method: 'boosting',
    async fit(rows, request) {
      const { preparation, prepared } = rows
      const settings: BoostingOptions = {
        loss: request.task === 'tabular-regression' ? 'squared' : 'logistic',
        ...{ trees, rate, maxLeaves: leaves, maxDepth: depth, minHessian: leaf, l2, patience },
        ...{ rowShare: 0.7, featureShare: 0.7, ...constraints(preparation, prepared, monotone) },
      }
      return valueModel(boosted(rows, request, settings))
    },
  }
}

function boosted(
  { prepared, targets, weights }: LearningRows,
  request: FitRequest,
  settings: BoostingOptions,
): Ensemble {
  const { task, seed, onShare } = request
  const { kept, off } = splitOff(targets, task, watchedShare, seed)
  const part = (rows: Uint32Array) => ({
    columns: prepared.plain.map((values) => Float32Array.from(rows, (row) => values[row]!)),
    targets: pickNumbers(targets, rows),
    weights: weights && pickNumbers(weights, rows),
  })
  const known = part(kept)
  const onTree = (from: number) => (done: number) => onShare(from + done / settings.trees / 2)
  const rows = { ...known, binned: binFeatures(known.columns) }
  const { trees } = fitBoosting(rows, seed, { ...settings, onTree: onTree(0) }, part(off))
  const all = { columns: prepared.plain, targets, weights, binned: binFeatures(prepared.plain) }
  return fitBoosting(all, seed, { ...settings, trees: trees.length, onTree: onTree(0.5) })
}

/** Signs by feature; what is missing or a level is free. */
function constraints({ columns }: Preparation, { names }: Prepared, wanted: readonly string[]) {
  if (wanted.length === 0) return {}
  const signs = new Map(wanted.map((text) => [text.slice(0, -2), text.endsWith('+') ? 1 : -1]))
  // Numbers come first, under the names of their columns.
  const numbers = columns.filter(({ kind }) => kind === 'number').length
  return { monotone: Int8Array.from(names, (name, i) => (i < numbers ? (signs.get(name) ?? 0) : 0)) }
}

function valueModel(ensemble: Ensemble): FittedModel {
  return {
    scores: ({ plain, rows }) => ensembleScores(ensemble, plain, rows),
    write: (graph, features, name) => addEnsemble(graph, ensemble, features.plain(), name),
  }
}

/** Shares so near to 0 or 1 are nothing that a forest could know. */
const edge = 1e-4

/** A mean of shares as a logit, so that it can be averaged and calibrated like the others. */
function shareModel(ensemble: Ensemble): FittedModel {
  return {
    scores: ({ plain, rows }) =>
      ensembleScores(ensemble, plain, rows).map((value) => {
        const share = Math.min(1 - edge, Math.max(edge, value))
        return Math.log(share / (1 - share))
      }),
    write(graph, features, name) {
      const share = addEnsemble(graph, ensemble, features.plain(), `${name}.share`)
      const [low, high] = [graph.init(`${name}.low`, scalar(edge)), graph.init(`${name}.high`, scalar(1 - edge))]
      const inside = graph.node('Clip', [share, low, high], `${name}.inside`)
      const rest = graph.node('Sub', [graph.init(`${name}.one`, scalar(1)), inside], `${name}.rest`)
      return graph.node('Log', [graph.node('Div', [inside, rest], `${name}.odds`)], name)
    },
  }
}
