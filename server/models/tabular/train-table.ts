import { InputError } from '../../errors.ts'
import { type ChosenCalibration, chooseCalibration } from '../../evaluation/score-calibration.ts'
import { measured, scoreMeasure, valueMeasure } from '../../evaluation/score-metrics.ts'
import { modelFile } from '../head-session.ts'
import type { Metrics, TableArtifact } from '../service.ts'
import { assertMonotone, candidatesOf } from './candidates.ts'
import { fitTable, tableScores } from './fit-table.ts'
import { reservedNames, writeTableModel } from './graph.ts'
import type { Candidate, TableTask } from './method.ts'
import type { MethodName, TableOptions } from './options.ts'
import { completeRows, fitPreparation, prepare, schemaOf } from './preparation.ts'
import { referenceOf } from './reference.ts'
import { type DataReport, reportOf } from './report.ts'
import { pickNumbers, sampleRows } from './rows.ts'
import {
  assertVaried,
  type CandidateScore,
  choose,
  crossValidate,
  foldCount,
  foldsBy,
  type Rule,
  type TableRows,
  type Tried,
  withBlend,
} from './selection.ts'
import { inputsOf, pickRows, type TableFile } from './table.ts'
import { targetsOf } from './targets.ts'

export interface TableRequest {
  readonly task: TableTask
  readonly file: TableFile
  readonly target: string
  readonly ignore: readonly string[]
  readonly method: MethodName
  readonly rule: Rule
  readonly options: TableOptions
  readonly seed: number
  readonly onProgress: (share: number, what: string) => void
}

export interface TrainedTable extends TableArtifact {
  /** The candidate that was trained. */
  readonly chosen: string
  /** How the calibration was made; `none` of numbers. */
  readonly calibration: 'none' | 'platt' | 'isotonic'
  /** What was compared, and on how many rows; nothing where a method was named. */
  readonly selection?: { readonly rows: number; readonly rule: Rule; readonly candidates: readonly CandidateScore[] }
  readonly data: DataReport
}

/** Fewer rows, or rows of a class, cannot be held out five times. */
const [leastRows, leastOfClass] = [50, 10]
/** Candidates are compared on at most so many rows; from more on, calibration holds out one fold instead of five. */
const screenedRows = 20_000

/**
 * Learn a column from the others: choose a candidate, calibrate it on rows it was not fitted to, fit it to all. Deterministic:
 * the same rows, options and seed give the same bytes on one machine.
 * @throws {InputError} naming file, line and column, if the rows cannot be learnt from. @throws {UsageError}
 * @throws {ModelError} if what is trained diverges.
 */
export async function trainTable(request: TableRequest): Promise<TrainedTable> {
  const { task, method, rule, options, seed, onProgress } = request
  const candidates = candidatesOf(method, task, options)
  const { rows, labels, data } = rowsOf(request)
  const progress = (from: number, to: number, what: string) => (share: number) =>
    onProgress(from + share * (to - from), what)
  const selected =
    method === 'select' ? await select(rows, candidates, seed, rule, progress(0, 0.6, 'comparing')) : undefined
  const candidate = selected?.kept.candidate ?? candidates[0]!
  // What was compared on all rows is held out already.
  const known = selected && selected.rows === rows.targets.length ? selected.kept.scores : undefined
  const heldOut = known ?? (await heldOutScores(rows, candidate, seed, progress(0.6, 0.8, 'calibrating')))
  const { calibrated, metrics, probabilities } = judge(rows, heldOut, seed)
  const preparation = fitPreparation(rows.table, rows.policy)
  const prepared = prepare(preparation, rows.table)
  const fitted = await fitTable({ ...rows, preparation, prepared }, candidate, seed, progress(0.8, 1, 'training'))
  tableScores(fitted, prepared) // refuses a model that diverged on all rows, though it did not on parts of them
  const columns = schemaOf(preparation)
  const { monotone } = options // every candidate keeps it, or there would be none
  const shared = { target: request.target, columns, method: candidate.name, ...(monotone.length > 0 && { monotone }) }
  const facts = labels
    ? { task: 'tabular-classification' as const, ...shared, labels: [labels[0], labels[1]] satisfies [string, string] }
    : { task: 'tabular-regression' as const, ...shared }
  const { calibration } = calibrated
  const graph = writeTableModel({
    task,
    preparation,
    ...fitted,
    calibration,
    metadata: { facts: JSON.stringify(facts) },
  })
  return {
    ...{ files: new Map([[modelFile, graph]]), thresholds: {}, metrics, data },
    // Beside the model, not within: it tells of the rows, and no score depends on it.
    facts: 'labels' in facts ? { ...facts, reference: referenceOf(rows.table, rows.targets, probabilities) } : facts,
    ...{ chosen: candidate.name, calibration: calibration.kind },
    ...(selected && { selection: { rows: selected.rows, rule, candidates: selected.scores } }),
  }
}

/** Rows to learn from, checked. @throws {InputError} */
function rowsOf({ task, file, target, ignore, options }: TableRequest) {
  const { targets: all, labels } = targetsOf(file, target, task, options.positive)
  const read = inputsOf(file, new Set([target, ...ignore]), new Set(options.category))
  const odd = read.columns.find(({ name }) => reservedNames.test(name))
  if (odd) throw new InputError({ file: file.file, column: odd.name }, 'has a name that begins as the model’s own')
  assertMonotone(
    file.file,
    options,
    new Set(read.columns.flatMap(({ kind, name }) => (kind === 'number' ? [name] : []))),
  )
  const complete = options.missing === 'drop' ? completeRows(read) : undefined
  const table = complete ? pickRows(read, complete) : read
  const targets = complete ? pickNumbers(all, complete) : all
  assertEnough(file.file, targets, labels)
  const place = { file: file.file, column: target }
  if (!labels) assertVaried(place, targets, 'in every row')
  const data = reportOf(table, targets, read.rows - table.rows, labels)
  const settings = { policy: options.missing, balanced: options.weights === 'balanced' }
  const rows: TableRows = { place, task, table, targets, ...settings }
  return { rows, labels, data }
}

function assertEnough(file: string, targets: Float64Array, labels: readonly string[] | undefined): void {
  if (targets.length < leastRows)
    throw new InputError({ file }, `has ${targets.length} rows to learn from: at least ${leastRows} are needed`)
  labels?.forEach((label, place) => {
    const count = targets.filter((target) => target === place).length
    if (count < leastOfClass)
      throw new InputError({ file }, `has ${count} rows of class '${label}': at least ${leastOfClass} are needed`)
  })
}

async function select(
  rows: TableRows,
  candidates: readonly Candidate[],
  seed: number,
  rule: Rule,
  onShare: (share: number) => void,
): Promise<{ readonly kept: Tried; readonly rows: number; readonly scores: readonly CandidateScore[] }> {
  const which = sampleRows(rows.targets, rows.task, screenedRows, seed)
  const sample = { ...rows, table: pickRows(rows.table, which), targets: pickNumbers(rows.targets, which) }
  const tried = withBlend(sample, await crossValidate(sample, candidates, seed, foldCount, onShare), seed)
  return { kept: choose(tried, rule), rows: which.length, scores: tried.map(({ score }) => score) }
}

async function heldOutScores(
  rows: TableRows,
  candidate: Candidate,
  seed: number,
  onShare: (share: number) => void,
): Promise<Float64Array> {
  const rounds = rows.targets.length > screenedRows ? 1 : foldCount
  const [tried] = await crossValidate(rows, [candidate], seed, rounds, onShare)
  return tried!.scores
}

/** What held-out scores are worth, and how they become probabilities. @param scores NaN where a row was not held out. */
function judge(rows: TableRows, scores: Float64Array, seed: number) {
  const which = Uint32Array.from(scores.keys()).filter((row) => !Number.isNaN(scores[row]))
  const [found, truth] = [pickNumbers(scores, which), pickNumbers(rows.targets, which)]
  const uncalibrated: ChosenCalibration = { calibration: { kind: 'none' }, logits: found }
  if (rows.task === 'tabular-regression') {
    const metrics: Metrics = { n: which.length, ...measured(valueMeasure(found, truth), which.length) }
    return { calibrated: uncalibrated, metrics, probabilities: found }
  }
  // Other parts than those that the model was fitted by: within one of those all rows were read by one model.
  const part = foldsBy({ ...rows, targets: truth }, seed + 1)
  const calibrated = chooseCalibration({ scores: found, positive: truth }, part, foldCount)
  const probabilities = calibrated.logits.map((logit) => 1 / (1 + Math.exp(-logit)))
  const metrics: Metrics = { n: which.length, ...measured(scoreMeasure(probabilities, truth), which.length) }
  return { calibrated, metrics, probabilities }
}
