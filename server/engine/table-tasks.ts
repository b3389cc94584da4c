import { InputError, ModelError } from '../errors.ts'
import { scoreMeasure, valueMeasure, withCountedIntervals } from '../evaluation/score-metrics.ts'
import type { Origin } from '../models/registry.ts'
import type { TableFacts } from '../models/service.ts'
import { tableOptions } from '../models/tabular/options.ts'
import { sharedRows } from '../models/tabular/report.ts'
import { loadTable, openTable, type TableSession } from '../models/tabular/session.ts'
import { inputsBySchema, readTable, type TableFile } from '../models/tabular/table.ts'
import { truthsOf } from '../models/tabular/targets.ts'
import { type TrainedTable, trainTable } from '../models/tabular/train-table.ts'
import { unusualCounts } from '../models/tabular/unusual.ts'
import { methodOf, settingsOf, type TableServiceName, type TableSettings, tableServices } from './table-services.ts'
import type { EvaluateDone, EvaluateTask, OnProgress, TableDetails, TrainTask } from './tasks.ts'
import { type Schooled, withSchema } from './training-schema.ts'

/** What a training did besides its figures. */
export const detailsOf = ({ chosen, calibration, selection, data, facts, ...made }: Made): TableDetails => ({
  ...{ method: chosen, calibration, data },
  ...(selection && { selection }),
  ...(facts.monotone && { signsKept: facts.monotone }),
  ...(made.signsNotKept.length > 0 && { signsNotKept: made.signsNotKept }),
  ...(made.protectedColumns.length > 0 && { protectedColumns: made.protectedColumns }),
})

/** What was trained, and what a schema has to say of it. */
type Made = TrainedTable & Omit<Schooled, 'options'>

/** Learn a column of one file. @returns the model, and what it was made from. @throws {InputError} {@link UsageError} */
export async function trainOnTable(
  service: TableServiceName,
  { train: files, seed, table, way = {} }: Pick<TrainTask, 'train' | 'seed' | 'table' | 'way'>,
  onProgress: OnProgress,
): Promise<{ readonly trained: Made; readonly origin: Origin; readonly file: TableFile }> {
  const settings = settingsOf(service, table)
  const { task, recipe } = tableServices[service]
  const [path, more] = files
  if (path === undefined || more !== undefined)
    throw new InputError({ file: files.join(',') }, `${service} is trained on one file`)
  onProgress(0, 'reading')
  const file = await readTable(path)
  const { target, ignore, rule } = settings
  const [method, given] = [methodOf(way.method ?? 'select'), tableOptions(way.options ?? {})]
  const { options, ...schooled } =
    service === 'credit'
      ? withSchema(settings, file, method, given)
      : { options: given, signsNotKept: [], protectedColumns: [] }
  const trained = await trainTable({
    ...{ task, file, target, ignore, method, rule, options, seed },
    onProgress: (share, what) => onProgress(share, `${what} ${service}`),
  })
  return { file, trained: { ...trained, ...schooled }, origin: { recipe, seed, data: [file.source] } }
}

/** Score a model of a table on a labelled file: a version, or one that is trained for it. What is scored is the ONNX file. */
export async function evaluateTable(
  service: TableServiceName,
  { model, test, table }: EvaluateTask,
  onProgress: OnProgress,
): Promise<EvaluateDone> {
  const made = 'train' in model ? await trainOnTable(service, { ...model, table }, onProgress) : undefined
  const trained = made?.trained
  const session = trained
    ? await openTable(trained.files, trained.facts, 'the model')
    : await loadVersion(service, model, table)
  const { facts } = session
  const wanted = new Set([facts.target, ...facts.columns.map(({ name }) => name)])
  const file = await readTable(test, (name) => wanted.has(name))
  const scored = await score(session, file)
  await session.close()
  const figures = { n: file.rows, ...scored.figures }
  return {
    ...{ figures, perItemMs: scored.ms / file.rows, unusual: scored.unusual },
    ...(made && { table: detailsOf(made.trained), shared: sharedWith(made.file, file, facts) }),
  }
}

/** Rows of the test that were learnt from as well. */
const sharedWith = (known: TableFile, test: TableFile, { columns }: TableFacts): number | null =>
  sharedRows(inputsBySchema(known, columns), inputsBySchema(test, columns))

async function loadVersion(
  service: TableServiceName,
  model: EvaluateTask['model'],
  table: TableSettings | undefined,
): Promise<TableSession> {
  if (!('version' in model)) throw new ModelError(`there is no version of ${service} to score`)
  const session = await loadTable(model.version, service, tableServices[service].recipe)
  const { target } = session.facts
  if (table === undefined || table.target === target) return session
  throw new ModelError(`${model.version} was trained to tell ${target}, not ${table.target}`)
}

async function score(session: TableSession, file: TableFile) {
  const { facts } = session
  const truth = truthsOf(file, facts.target, labelsOf(facts))
  const inputs = inputsBySchema(file, facts.columns)
  const begun = performance.now()
  const predicted = await session.predict(inputs)
  const ms = performance.now() - begun
  const figures = labelsOf(facts)
    ? withCountedIntervals(scoreMeasure(predicted, truth), file.rows)
    : withCountedIntervals(valueMeasure(predicted, truth), file.rows)
  return { figures, ms, unusual: unusualCounts(inputs, facts.columns) }
}

/** Of the two classes; undefined for numbers. */
export const labelsOf = (facts: TableFacts): readonly [string, string] | undefined =>
  facts.task === 'tabular-classification' ? facts.labels : undefined
