import { InputError } from '../errors.ts'
import { withIntervals } from '../evaluation/bootstrap.ts'
import { listFigures, listsRight, type Outcome } from '../evaluation/label-figures.ts'
import { readExamples } from '../models/examples.ts'
import { outcomeOf } from '../models/judgement.ts'
import { goldOf } from '../models/preparation.ts'
import type { Example, Judge, Metrics } from '../models/service.ts'
import { isTableService } from './table-services.ts'
import { evaluateTable } from './table-tasks.ts'
import type { EvaluateDone, EvaluatedFigures, EvaluateTask, OnProgress, TextColumns } from './tasks.ts'
import {
  assertLabels,
  embedNames,
  embedTexts,
  loadVersion,
  openVectors,
  readingOptions,
  textServiceOf,
  type VectorSource,
} from './text-services.ts'

/** A group's name where there are none. */
const everything = ''

/**
 * Score a service on a labelled file: by a version, or by models that are trained for it, one a group.
 * @throws {InputError} naming file, line and column; a test whose labels the model does not know at all.
 */
export async function evaluate(task: EvaluateTask, onProgress: OnProgress): Promise<EvaluateDone> {
  if (isTableService(task.service)) return evaluateTable(task.service, task, onProgress)
  const service = textServiceOf(task.service, 'way' in task.model ? task.model.way : undefined)
  const test = grouped((await readExamples(task.test, readingOptions(service, task.columns))).examples)
  const encoder = await openVectors(service, task.encoder)
  const models = await openModels(task, encoder, onProgress)
  const oosLabel = task.columns?.oosLabel ?? service.oosLabel
  const outcomes = new Map<string, readonly Outcome[]>()
  let ms = 0
  for (const [group, examples] of test) {
    const model = models.get(group) ?? models.get(everything)
    if (!model) throw new InputError({ file: task.test }, `has a group '${group}' that no training row has`)
    const gold = examples.map((example) => goldOf(example, oosLabel))
    assertKnown(task, model, gold.flat())
    const judged = await judgeAll({ model, encoder, only: task.columns?.only }, examples, gold, onProgress)
    outcomes.set(group, judged.outcomes)
    ms += judged.ms
  }
  for (const model of models.values()) await model.close()
  await encoder.close()
  return report(task, outcomes, ms)
}

function report(task: EvaluateTask, outcomes: ReadonlyMap<string, readonly Outcome[]>, ms: number): EvaluateDone {
  const service = textServiceOf(task.service)
  const { figures } = measureOf(service, task.columns)
  const figuresOf = (items: readonly Outcome[]): EvaluatedFigures => ({ n: items.length, ...figures(items) })
  const all = [...outcomes.values()].flat()
  const groups = [...outcomes].filter(([group]) => group !== everything)
  return {
    figures: figuresOf(all),
    ...(service.kindFigures && { kinds: ofKinds(all, service.kindFigures) }),
    ...(groups.length > 0 && { groups: Object.fromEntries(groups.map(([group, items]) => [group, figuresOf(items)])) }),
    perItemMs: ms / all.length,
  }
}

/** How a service's rows are scored: as lists where a column holds several labels, unless the service knows such rows itself. */
export function measureOf(service: ReturnType<typeof textServiceOf>, columns: TextColumns | undefined) {
  const isList = columns?.labelsColumn !== undefined && !service.several
  const figures = isList ? listFigures : service.figures
  return {
    figures: (outcomes: readonly Outcome[]): EvaluatedFigures => measured(withIntervals(outcomes, figures)),
    right: isList ? listsRight : service.right,
    /** A row may have several labels, or none. */
    areSeveral: isList || service.several !== undefined,
  }
}

/** What could be measured: without a text that invokes anything there is no recall. */
const measured = (figures: EvaluatedFigures): EvaluatedFigures =>
  Object.fromEntries(Object.entries(figures).filter(([name]) => !Number.isNaN(figures[name.replace(/_ci$/, '')])))

/** The figures of each label by itself, of those that stand in the file. */
function ofKinds(
  outcomes: readonly Outcome[],
  figures: (outcomes: readonly Outcome[], label: string) => Metrics,
): Record<string, EvaluatedFigures> {
  const kinds = [...new Set(outcomes.flatMap(({ gold }) => gold))].sort()
  return Object.fromEntries(
    kinds.map((kind) => [kind, measured(withIntervals(outcomes, (sample) => figures(sample, kind)))]),
  )
}

function grouped(examples: readonly Example[]): Map<string, readonly Example[]> {
  const groups = new Map<string, Example[]>()
  for (const example of examples) {
    const { group = everything } = example
    const members = groups.get(group)
    if (members) members.push(example)
    else groups.set(group, [example])
  }
  return groups
}

async function openModels(
  { service: name, model, columns = {} }: EvaluateTask,
  encoder: VectorSource,
  onProgress: OnProgress,
): Promise<ReadonlyMap<string, Judge>> {
  const service = textServiceOf(name)
  if ('version' in model) return new Map([[everything, await loadVersion(name, model.version, encoder)]])
  // One label for every row is said of the test.
  const { labelValue: _, oosLabel } = columns
  const { labelValue: __, ...own } = readingOptions(service, columns)
  const files = await Promise.all(model.train.map((file) => readExamples(file, own)))
  const models = new Map<string, Judge>()
  for (const [group, examples] of grouped(files.flatMap((file) => file.examples))) {
    const { vectors } = await embedTexts(encoder, examples, (share) => onProgress(share / 2, 'reading examples'))
    const artifact = await service.train({
      ...{ examples, vectors, names: await embedNames(encoder, examples), seed: model.seed },
      ...(oosLabel !== undefined && { oosLabel }),
      ...model.way,
      onProgress: (share) => onProgress(0.5 + share / 2, `training ${name} ${group}`.trim()),
    })
    models.set(group, await service.open(artifact, encoder.dimension))
  }
  return models
}

/** A label that was never learnt is missed, and that is a figure; if none was learnt, it is the wrong file or column. */
export function assertKnown(
  { test, columns, service }: Pick<EvaluateTask, 'test' | 'columns' | 'service'>,
  { labels }: Judge,
  gold: readonly string[],
): void {
  const known = new Set(labels)
  assertLabels(columns?.only, labels)
  if (gold.length > 0 && !gold.some((label) => known.has(label)))
    throw new InputError({ file: test }, `has no label that the ${service} model knows, such as '${labels[0]}'`)
}

interface Judging {
  readonly model: Judge
  readonly encoder: VectorSource
  readonly only: readonly string[] | undefined
}

async function judgeAll(
  { model, encoder, only }: Judging,
  examples: readonly Example[],
  gold: readonly (readonly string[])[],
  onProgress: OnProgress,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly ms: number }> {
  const allowed = only && new Set(only)
  const outcomes: Outcome[] = []
  const begun = performance.now()
  for (const [i, { text }] of examples.entries()) {
    onProgress(i / examples.length, 'judging texts')
    const judgement = await model.judge(text, await encoder.encode(text, 'query'), allowed)
    outcomes.push(outcomeOf(gold[i]!, judgement, model.labels))
  }
  return { outcomes, ms: performance.now() - begun }
}
