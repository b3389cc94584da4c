import type { TextColumns } from '../engine/tasks.ts'
import { UsageError } from '../errors.ts'
import { type Options, textOf } from './command.ts'

const textColumn = ['--text-column <name>', 'column of the text; default: text'] as const
const oosLabel = ['--oos-label <label>', 'label of rows that have none; default: oos'] as const
const labels = ['--labels <a,b>', 'labels to choose from; default: all'] as const
const labelColumns = [
  ['--label-column <name>', 'column of the label; default: the first of label, intent, category'],
  ['--labels-column <name>', 'column with a list of labels, for rows that may have several'],
] as const

/** Options of the commands that read labelled texts, for each what it can use. */
export const columnOptions = {
  train: [textColumn, ...labelColumns, oosLabel],
  review: [textColumn, labelColumns[0], oosLabel],
  predict: [textColumn, labels, oosLabel],
  compare: [textColumn, ...labelColumns, oosLabel, labels],
  eval: [
    textColumn,
    ...labelColumns,
    oosLabel,
    ['--group-column <name>', 'column that says which model a row belongs to: one is trained per group'],
    labels,
    ['--label-value <label>', 'every row of the test has this label'],
  ],
} as const

/** @throws {UsageError} on an empty name, or two ways to tell a label. */
export function columnsOf(given: Options): TextColumns {
  const named = (name: string): string | undefined => {
    const value = textOf(given, name)
    if (value?.trim() === '') throw new UsageError(`--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} is empty`)
    return value
  }
  const names = ['textColumn', 'labelColumn', 'labelsColumn', 'groupColumn', 'labelValue', 'oosLabel'] as const
  const columns = Object.fromEntries(names.flatMap((name) => (named(name) === undefined ? [] : [[name, named(name)]])))
  const ways = (['labelColumn', 'labelsColumn', 'labelValue'] as const).filter((name) => name in columns)
  if (ways.length > 1)
    throw new UsageError('only one of --label-column, --labels-column and --label-value can be given')
  const only = named('labels')
    ?.split(',')
    .map((label) => label.trim())
  if (only?.includes('')) throw new UsageError('--labels holds an empty label')
  return { ...columns, ...(only && { only }) }
}
