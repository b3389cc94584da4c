import { InputError } from '../../errors.ts'
import type { Document } from '../document.ts'
import { createRows, isRowColumn } from './rows.ts'
import { decode, type SourceFile } from './source.ts'
import { readTable } from './table.ts'

/** Reads RFC 4180 with a header row: one document a row. @throws {InputError} */
export function readCsv(bytes: Uint8Array, file: SourceFile): Document[] {
  return readSeparated(bytes, file, ',')
}

/** As {@link readCsv}, separated by tabs. */
export function readTsv(bytes: Uint8Array, file: SourceFile): Document[] {
  return readSeparated(bytes, file, '\t')
}

function readSeparated(bytes: Uint8Array, file: SourceFile, delimiter: string): Document[] {
  const { columns, rows } = readTable(decode(bytes, file.path), file.path, delimiter)
  if (!columns.includes('text') && !(columns.includes('question') && columns.includes('answer')))
    throw new InputError({ file: file.path, line: 1 }, 'the header has neither a column text nor question and answer')
  const used = columns.map((column, at) => ({ column, at })).filter(({ column }) => isRowColumn(column))
  const collected = createRows(file)
  rows.forEach(({ cells, line }, i) => {
    collected.add(Object.fromEntries(used.map(({ column, at }) => [column, cells[at]])), i + 1, line)
  })
  return collected.documents
}
