import { logitOf } from '../credit/applicant.ts'
import { InputError, ModelError, UsageError } from '../errors.ts'
import { type GroupedRows, groupFairness, leastOfClass, leastRows } from '../evaluation/fairness.ts'
import { countedIn, movedFrom } from '../evaluation/stability.ts'
import { percentileOfSorted } from '../math/statistics.ts'
import type { TableReference } from '../models/manifest.ts'
import { streamRows } from '../models/tabular/row-stream.ts'
import {
  assertColumns,
  type Column,
  inputsBySchema,
  inputsIn,
  readTable,
  type TableFile,
} from '../models/tabular/table.ts'
import { truthsOf } from '../models/tabular/targets.ts'
import { unusualCounts } from '../models/tabular/unusual.ts'
import { openCredit } from './credit.ts'
import type {
  CreditFairnessDone,
  CreditFairnessTask,
  CreditStabilityDone,
  CreditStabilityTask,
} from './credit-tasks.ts'
import type { OnProgress } from './tasks.ts'

/** More groups than a person compares are no groups. */
const mostGroups = 50
const missing = '(missing)'

/**
 * What decisions do to groups. The model need not know the groups' column, and no decision hangs on this report.
 * @throws {InputError} naming file, line and column; {@link UsageError} for a reference that is no group.
 */
export async function reportFairness(task: CreditFairnessTask, onProgress: OnProgress): Promise<CreditFairnessDone> {
  const { session, facts, reference } = await openCredit(task.version)
  try {
    const wanted = new Set([task.group, facts.target, ...facts.columns.map(({ name }) => name)])
    onProgress(0, 'reading')
    const file = await readTable(task.test, (name) => wanted.has(name))
    const grouped = groupsIn(file, task.group, task.cuts)
    const positive = truthsOf(file, facts.target, facts.labels)
    const inputs = inputsBySchema(file, facts.columns)
    const probabilities = await session.predict(inputs)
    const approved = approvedOf(probabilities, reference, task.approve)
    onProgress(0.5, 'comparing groups')
    const report = fairnessOf({ ...grouped, probabilities, positive, approved }, task)
    return { n: file.rows, ...report, unusual: unusualCounts(inputs, facts.columns) }
  } finally {
    await session.close()
  }
}

/** 1 where a row is approved: below the limit at which `share` of the rows that the model was measured on are. */
function approvedOf(probabilities: Float32Array, { scores }: TableReference, share: number): Uint8Array {
  const limit = logitOf(percentileOfSorted(scores, share))
  return Uint8Array.from(probabilities, (probability) => Number(logitOf(probability) < limit))
}

function fairnessOf(rows: GroupedRows, { test, group, reference }: CreditFairnessTask) {
  const place = { file: test, column: group }
  if (rows.groups.length < 2) throw new InputError(place, 'has one group only: there is nothing to compare')
  if (reference !== undefined && !rows.groups.includes(reference))
    throw new UsageError(`--reference: there is no group "${reference}", but ${rows.groups.join(', ')}`)
  const report = groupFairness(rows, reference)
  if (report) return report
  throw new InputError(
    place,
    `has no group of ${leastRows} rows with ${leastOfClass} of either class: --reference names the one to compare with`,
  )
}

/** Groups by name, or by the numbers between cuts; missing values are one of their own. */
function groupsIn(
  { file, columns, lines }: TableFile,
  group: string,
  cuts: readonly number[] | undefined,
): Pick<GroupedRows, 'groups' | 'codes'> {
  const raw = columns.get(group)
  if (!raw) throw new InputError({ file, column: group }, 'is missing')
  if (cuts) {
    if (raw.firstText !== undefined)
      throw new InputError({ file, line: raw.firstText, column: group }, 'is not a number, so --cuts cannot part it')
    return named(raw.numbers, (value) => rangeOf(value, cuts), rangeNames(cuts))
  }
  const { codes, levels } = raw
  if (!codes || levels.length > mostGroups)
    throw new InputError(
      { file, line: lines[0] ?? 1, column: group },
      `has more than ${mostGroups} groups: part its numbers with --cuts`,
    )
  const names = levels.map((level) => (level === '' ? missing : level))
  return named(codes, (code) => names[code]!, [...names].sort())
}

/** Only groups that have rows, in the order of `order`. */
function named(values: ArrayLike<number>, nameOf: (value: number) => string, order: readonly string[]) {
  const names = Array.from(values, nameOf)
  const there = new Set(names)
  const groups = order.filter((name) => there.has(name))
  const places = new Map(groups.map((name, place) => [name, place]))
  return { groups, codes: Uint16Array.from(names, (name) => places.get(name)!) }
}

const rangeNames = (cuts: readonly number[]): string[] => [
  ...[Number.NEGATIVE_INFINITY, ...cuts].map((low) => rangeOf(low, cuts)),
  missing,
]

function rangeOf(value: number, cuts: readonly number[]): string {
  if (Number.isNaN(value)) return missing
  const above = cuts.filter((cut) => value >= cut).length
  if (above === 0) return `below ${cuts[0]}`
  return above === cuts.length ? `${cuts.at(-1)} or more` : `${cuts[above - 1]} to below ${cuts[above]}`
}

/**
 * How far rows and their scores are from the training rows, column by column. The rows need no outcome, and are read in parts.
 * @throws {InputError} naming file, line and column; {@link ModelError} for a version that holds no bins.
 */
export async function reportStability(task: CreditStabilityTask, onProgress: OnProgress): Promise<CreditStabilityDone> {
  const { session, facts, reference } = await openCredit(task.version)
  try {
    const { bins } = reference
    if (!bins)
      throw new ModelError(
        `${task.version} holds no bins to compare with: make a new version with: bursar train credit`,
      )
    const found = [...bins.columns, bins.scores].map(({ counts }) => counts.map(() => 0))
    let [n, approvals] = [0, 0]
    for await (const batch of streamRows(task.input).batches) {
      if (n === 0) assertColumns(task.input, batch, facts.columns)
      const { inputs } = inputsIn(task.input, batch, facts.columns)
      const probabilities = await session.predict(inputs)
      for (const [i, column] of inputs.columns.entries()) add(found[i]!, countedIn(bins.columns[i]!, valuesOf(column)))
      add(found.at(-1)!, countedIn(bins.scores, probabilities))
      n += batch.length
      approvals += approvedOf(probabilities, reference, task.approve).reduce((sum, one) => sum + one, 0)
      onProgress(0, `${n} rows`)
    }
    const features = bins.columns.map((own, i) => ({ name: facts.columns[i]!.name, ...movedFrom(own, found[i]!) }))
    return { n, features, score: movedFrom(bins.scores, found.at(-1)!), approvalRate: approvals / n }
  } finally {
    await session.close()
  }
}

const add = (sums: number[], counts: readonly number[]): void => {
  for (const [i, count] of counts.entries()) sums[i]! += count
}

const valuesOf = (column: Column): Iterable<number | string> =>
  column.kind === 'number' ? column.values : Array.from(column.codes, (code) => column.levels[code]!)
