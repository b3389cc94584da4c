import { InputError } from '../../errors.ts'
import type { ColumnSchema } from '../manifest.ts'
import type { DataFile } from '../service.ts'
import { type ColumnReader, createColumnReader, maxLevels, type RawColumn } from './column-reader.ts'
import { type StreamedRow, streamRows } from './row-stream.ts'

/** An input of a model: a value a row. */
export type Column = NumberColumn | CategoryColumn
export interface NumberColumn {
  readonly kind: 'number'
  readonly name: string
  /** NaN where it is missing. */
  readonly values: Float32Array
}
export interface CategoryColumn {
  readonly kind: 'category'
  readonly name: string
  /** Place in `levels`. */
  readonly codes: Uint16Array
  /** '' is a missing value. */
  readonly levels: readonly string[]
}

export interface Table {
  readonly rows: number
  readonly columns: readonly Column[]
}

/** All columns of a file. */
export interface TableFile {
  readonly file: string
  readonly rows: number
  /** Line of each row. */
  readonly lines: Uint32Array
  readonly columns: ReadonlyMap<string, RawColumn>
  readonly source: DataFile
}

/** Most columns: one-hot vectors and ONNX graphs of more are of no use here. */
const maxColumns = 2_000

/**
 * Read a file into typed arrays: four to six bytes a value.
 * @param wanted columns to keep; default all. Others are not looked at.
 * @throws {InputError} naming file, line and column: see {@link streamRows}; a value that is a list or an object.
 */
export async function readTable(file: string, wanted: (name: string) => boolean = () => true): Promise<TableFile> {
  const stream = streamRows(file)
  const reader = createTableReader(file, wanted)
  for await (const batch of stream.batches) reader.read(batch)
  return { ...reader.finish(), source: stream.source() }
}

/**
 * Puts rows into columns, batch by batch.
 * @param wanted the only columns to keep, which are there even if no row has them; or which of those in the rows to keep.
 */
export function createTableReader(file: string, wanted: readonly string[] | ((name: string) => boolean)) {
  const isWanted = typeof wanted === 'function' ? wanted : () => false
  const named = typeof wanted === 'function' ? [] : wanted
  const readers = new Map<string, ColumnReader>(named.map((name) => [name, createColumnReader(file, name, 0)]))
  const lines: number[] = []
  const addColumns = ({ fields }: StreamedRow): void => {
    for (const name of fields.keys()) {
      if (readers.has(name) || !isWanted(name)) continue
      if (name.trim() === '') throw new InputError({ file }, 'has a column without a name')
      if (readers.size === maxColumns) throw new InputError({ file }, `has more than ${maxColumns} columns`)
      readers.set(name, createColumnReader(file, name, lines.length))
    }
  }
  return {
    read(batch: readonly StreamedRow[]): void {
      for (const row of batch) {
        addColumns(row)
        for (const [name, reader] of readers) reader.push(row.fields.get(name), row.line)
        lines.push(row.line)
      }
    },
    finish: () => ({
      file,
      rows: lines.length,
      lines: Uint32Array.from(lines),
      columns: new Map([...readers].map(([name, reader]) => [name, reader.finish()])),
    }),
  }
}

/**
 * The inputs that a training file holds. A column is one of numbers if all that is there is a number.
 * @param categories columns whose numbers are names, such as codes of districts.
 * @throws {InputError} on text among numbers, on more different texts than a category can have, when a name is no column or no
 * input is left.
 */
export function inputsOf(table: TableFile, left: ReadonlySet<string>, categories: ReadonlySet<string>): Table {
  const { file, columns, rows } = table
  for (const name of [...left, ...categories]) {
    if (!columns.has(name)) throw new InputError({ file, column: name }, 'is not there')
  }
  const inputs = [...columns.values()].filter(({ name }) => !left.has(name))
  if (inputs.length === 0) throw new InputError({ file }, 'has no column left to learn from')
  return { rows, columns: inputs.map((raw) => columnOf(file, raw, rows, categories.has(raw.name))) }
}

function columnOf(file: string, raw: RawColumn, rows: number, isCategory: boolean): Column {
  const { name, numbers, codes, levels, texts, missing, firstText } = raw
  const found = rows - missing - texts
  if (!isCategory && texts === 0) return { kind: 'number', name, values: numbers }
  if (!isCategory && found > texts)
    throw new InputError(
      { file, column: name, ...(firstText !== undefined && { line: firstText }) },
      `is not a number, as most of the column is; if these are names: --option category=${name}`,
    )
  if (!codes)
    throw new InputError(
      { file, column: name },
      `has more than ${maxLevels} different texts: leave it out with --ignore ${name}`,
    )
  return { kind: 'category', name, codes, levels }
}

/**
 * The inputs of a model in another file.
 * @throws {InputError} naming the column that is missing, or the line with text where the model takes a number.
 */
export function inputsBySchema(table: Omit<TableFile, 'source'>, schema: readonly ColumnSchema[]): Table {
  const { file, rows } = table
  const columns = schema.map(({ name, kind }): Column => {
    const raw = table.columns.get(name)
    if (!raw) throw new InputError({ file, column: name }, 'is missing')
    const { numbers, codes, levels, firstText } = raw
    if (kind === 'number') {
      if (firstText !== undefined) throw new InputError({ file, line: firstText, column: name }, 'is not a number')
      return { kind, name, values: numbers }
    }
    if (!codes) throw new InputError({ file, column: name }, `has more than ${maxLevels} different texts`)
    return { kind, name, codes, levels }
  })
  return { rows, columns }
}

/**
 * The inputs of a model in some rows of a file.
 * @throws {InputError} as {@link inputsBySchema}.
 */
export function inputsIn(file: string, batch: readonly StreamedRow[], schema: readonly ColumnSchema[]) {
  const reader = createTableReader(
    file,
    schema.map(({ name }) => name),
  )
  reader.read(batch)
  const read = reader.finish()
  return { lines: read.lines, inputs: inputsBySchema(read, schema) }
}

/** Objects may leave out what is missing, but a file whose first rows have no such column is another file. @throws {InputError} */
export function assertColumns(file: string, first: readonly StreamedRow[], schema: readonly ColumnSchema[]): void {
  const absent = schema.find(({ name }) => !first.some(({ fields }) => fields.has(name)))
  if (absent) throw new InputError({ file, column: absent.name }, 'is missing')
}

/** Some rows of a table, in the order given. */
export function pickRows({ columns }: Table, rows: Uint32Array): Table {
  const picked = columns.map((column): Column => {
    if (column.kind === 'number') return { ...column, values: Float32Array.from(rows, (row) => column.values[row]!) }
    return { ...column, codes: Uint16Array.from(rows, (row) => column.codes[row]!) }
  })
  return { rows: rows.length, columns: picked }
}
