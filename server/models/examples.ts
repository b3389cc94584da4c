import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { InputError } from '../errors.ts'
import type { DataFile, Example } from './service.ts'
import { type NumberedRow, type Row, readRows } from './table-rows.ts'

/** Which columns of a file mean what. */
export interface ExampleOptions {
  /** Default `text`. */
  readonly textColumn?: string
  /** Default: the first of `label`, `intent`, `category` that the file has. */
  readonly labelColumn?: string
  /** Column with a list of labels, which may be empty; in tables as JSON. Takes the place of `labelColumn`. */
  readonly labelsColumn?: string
  /** Column that says which model a row belongs to. */
  readonly groupColumn?: string
  /** Every row has a list: of this column if no other is named and it is there, else of its one label, which may say that it has none. */
  readonly several?: { readonly column: string; readonly none: string }
  /** Label of every row; no column is read for it. */
  readonly labelValue?: string
}

export interface ExampleFile {
  readonly examples: readonly Example[]
  /** Name without folders, checksum and rows: what a manifest keeps. */
  readonly source: DataFile
}

const labelColumns = ['label', 'intent', 'category'] as const
/** More would make a model of gigabytes; real catalogues have hundreds. */
const mostLabels = 10_000

/**
 * Read labelled texts from a file, see {@link readRows}.
 * @throws {InputError} naming file, line and column: what readRows refuses, a missing column, an empty text or label, a list of
 * labels that is none, more labels than a model can have.
 */
export async function readExamples(file: string, options: ExampleOptions = {}): Promise<ExampleFile> {
  const { rows, bytes } = await readRows(file)
  const text = textReader(file, options)
  const label = labelReader(file, rows[0]!, options)
  const { groupColumn } = options
  const examples = rows.map((row) => ({
    text: text(row),
    ...label(row),
    ...(groupColumn !== undefined && { group: cell(file, row, groupColumn) }),
  }))
  assertFew(file, examples)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { examples, source: { file: basename(file), sha256, rows: examples.length } }
}

/** Reads the text of a row. It throws {@link InputError} where there is none. */
export function textReader(file: string, { textColumn = 'text' }: ExampleOptions): (row: NumberedRow) => string {
  return (row) => cell(file, row, textColumn)
}

/** One checksum over several files, whatever their order and folders. */
export function checksumOf(sources: readonly DataFile[]): string {
  const lines = sources.map(({ file, sha256 }) => `${sha256}  ${file}\n`).sort()
  return createHash('sha256').update(lines.join('')).digest('hex')
}

type Labels = Pick<Example, 'label' | 'labels'>

function labelReader(file: string, first: NumberedRow, options: ExampleOptions): (row: NumberedRow) => Labels {
  const { labelValue, several } = options
  if (labelValue !== undefined) return () => listed({ label: labelValue }, several)
  const labelsColumn = options.labelsColumn ?? usualList(first, options)
  if (labelsColumn !== undefined) return (row) => severalLabels(file, row, labelsColumn)
  const column = options.labelColumn ?? labelColumns.find((name) => Object.hasOwn(first.row, name))
  if (column === undefined)
    throw new InputError({ file, line: first.line }, `has none of the columns ${labelColumns.join(', ')}`)
  return (row) => listed({ label: cell(file, row, column) }, several)
}

/** The column of lists that need not be named. */
const usualList = ({ row }: NumberedRow, { several, labelColumn }: ExampleOptions): string | undefined =>
  several && labelColumn === undefined && Object.hasOwn(row, several.column) ? several.column : undefined

/** One label as a list, where every row has one. */
const listed = ({ label }: Labels, several: ExampleOptions['several']): Labels =>
  several ? { label, labels: label === several.none ? [] : [label] } : { label }

function severalLabels(file: string, { row, line }: NumberedRow, column: string): Labels {
  const value = cellOf(row, column)
  const list = typeof value === 'string' ? listIn(value) : value
  if (value === undefined) throw new InputError({ file, line, column }, 'is missing')
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string'))
    throw new InputError({ file, line, column }, 'is not a list of labels')
  if (list.some((one) => one.trim() === '')) throw new InputError({ file, line, column }, 'has an empty label')
  return { label: list.join(' '), labels: [...new Set(list)] }
}

/** A list within a cell of a table. */
function listIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const cellOf = (row: Row, column: string): unknown => (Object.hasOwn(row, column) ? row[column] : undefined)

function cell(file: string, { row, line }: NumberedRow, column: string): string {
  const value = cellOf(row, column)
  if (value === undefined) throw new InputError({ file, line, column }, 'is missing')
  if (typeof value !== 'string') throw new InputError({ file, line, column }, 'is not text')
  if (value.trim() === '') throw new InputError({ file, line, column }, 'is empty')
  return value
}

function assertFew(file: string, examples: readonly Example[]): void {
  const labels = new Set(examples.flatMap(({ label, labels: several = [label] }) => several))
  if (labels.size > mostLabels) throw new InputError({ file }, `has ${labels.size} labels, more than ${mostLabels}`)
}
