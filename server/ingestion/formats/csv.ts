import { CsvError, parse } from 'csv-parse/sync'
import { InputError } from '../../errors.ts'
import type { Document } from '../document.ts'
import { createRows } from './rows.ts'
import { decode, maxLine, type SourceFile } from './source.ts'

interface Line {
  readonly cells: readonly string[]
  /** Where the row begins, from 1. */
  readonly line: number
}

/** Reads RFC 4180 with a header row: one document a row. @throws {InputError} */
export function readCsv(bytes: Uint8Array, file: SourceFile): Document[] {
  return readSeparated(bytes, file, ',')
}

/** As {@link readCsv}, separated by tabs. */
export function readTsv(bytes: Uint8Array, file: SourceFile): Document[] {
  return readSeparated(bytes, file, '\t')
}

function readSeparated(bytes: Uint8Array, file: SourceFile, delimiter: string): Document[] {
  const [header, ...lines] = split(decode(bytes, file.path), file.path, delimiter)
  const columns = columnsOf(header!.cells, file.path)
  if (lines.length === 0) throw new InputError({ file: file.path }, 'has a header but no rows')
  const rows = createRows(file)
  lines.forEach(({ cells, line }, i) => {
    rows.add(Object.fromEntries(columns.map((column, at) => [column, cells[at]])), i + 1, line)
  })
  return rows.documents
}

function columnsOf(header: readonly string[], file: string): string[] {
  const columns = header.map((column) => column.trim())
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined) throw new InputError({ file, line: 1, column: twice }, 'the header names this column twice')
  if (!columns.includes('text') && !(columns.includes('question') && columns.includes('answer')))
    throw new InputError({ file, line: 1 }, 'the header has neither a column text nor question and answer')
  return columns
}

function split(text: string, file: string, delimiter: string): Line[] {
  const lines: Line[] = []
  let end = 0
  const onRecord = (cells: string[], info: { lines: number }) => {
    end = info.lines
    // The parser counts the line where a row ends; a quoted cell may have begun it some lines above.
    const breaks = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0)
    lines.push({ cells, line: end - breaks })
    return null
  }
  try {
    parse(text, { delimiter, skip_empty_lines: true, max_record_size: maxLine, on_record: onRecord })
  } catch (cause) {
    throw cause instanceof CsvError ? faultOf(cause, file, end + 1) : cause
  }
  return lines
}

const reasons: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quotation mark in this row is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quotation mark; write "" for a mark inside a cell',
  INVALID_OPENING_QUOTE: 'a quotation mark stands inside a cell; put the cell in quotes and write ""',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'the row has more or fewer cells than the header',
  CSV_MAX_RECORD_SIZE: `the row has more than ${maxLine} characters; is a quotation mark missing?`,
}

/** @param line where the faulty row begins: after the last good one. */
function faultOf(cause: CsvError, file: string, line: number): InputError {
  return new InputError({ file, line }, reasons[cause.code] ?? `is not CSV (${cause.code})`, { cause })
}
