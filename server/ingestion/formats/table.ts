import { CsvError, parse } from 'csv-parse/sync'
import { InputError } from '../../errors.ts'
import { csvReason } from '../../text/csv-reasons.ts'
import { maxLine } from './source.ts'

/** One row below the header; it has as many cells as there are columns. */
export interface TableRow {
  readonly cells: readonly string[]
  /** Where the row begins, from 1. */
  readonly line: number
}

export interface Table {
  /** Without space around, no two alike. */
  readonly columns: readonly string[]
  /** Not empty. */
  readonly rows: readonly TableRow[]
}

/**
 * Read RFC 4180 with a header row. Blank lines are skipped.
 * @param text decoded, not blank. @param delimiter a comma or a tab.
 * @throws {InputError} naming file and line, if it is not CSV, the header names a column twice, or there are no rows.
 */
export function readTable(text: string, file: string, delimiter: string): Table {
  const [header, ...rows] = split(text, file, delimiter)
  const columns = header!.cells.map((column) => column.trim())
  const seen = new Set<string>()
  const twice = columns.find((column) => seen.size === seen.add(column).size)
  if (twice !== undefined) throw new InputError({ file, line: 1, column: twice }, 'the header names this column twice')
  if (rows.length === 0) throw new InputError({ file }, 'has a header but no rows')
  return { columns, rows }
}

function split(text: string, file: string, delimiter: string): TableRow[] {
  const rows: TableRow[] = []
  let end = 0
  const onRecord = (cells: string[], info: { lines: number }) => {
    end = info.lines
    // The parser counts the line where a row ends; a quoted cell may have begun it some lines above.
    const breaks = cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0)
    rows.push({ cells, line: end - breaks })
    return null
  }
  try {
    parse(text, { delimiter, skip_empty_lines: true, max_record_size: maxLine, on_record: onRecord })
  } catch (cause) {
    throw cause instanceof CsvError ? faultOf(cause, file, end + 1) : cause
  }
  return rows
}

/** @param line where the faulty row begins: after the last good one. */
function faultOf(cause: CsvError, file: string, line: number): InputError {
  return new InputError({ file, line }, csvReason(cause.code, maxLine) ?? `is not CSV (${cause.code})`, { cause })
}
