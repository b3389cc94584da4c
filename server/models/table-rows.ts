import { readFile, stat } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { InputError, messageOf } from '../errors.ts'

/** Cells by column. */
export type Row = Readonly<Record<string, unknown>>
export interface NumberedRow {
  readonly row: Row
  /** Counts from 1. */
  readonly line: number
}

/**
 * Rows of a .jsonl, .csv or .tsv file (UTF-8, with or without a byte order mark; CSV and TSV with a header).
 * @returns at least one row, and the file's bytes.
 * @throws {InputError} naming file and line: no such file, no rows, not JSON, not a table, bad UTF-8.
 */
export async function readRows(
  file: string,
): Promise<{ readonly rows: readonly NumberedRow[]; readonly bytes: Uint8Array }> {
  await assertFile(file)
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  const rows = rowsOf(file, decode(file, bytes))
  if (rows.length === 0) throw new InputError({ file }, 'has no rows')
  return { rows, bytes }
}

/** Reading a pipe would wait until somebody writes to it, a device could go on for ever. @throws {InputError} What is not there is left to the reader. */
export async function assertFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found && !found.isFile()) throw new InputError({ file }, 'is no file')
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new InputError({ file, line: badLine(bytes) }, 'is not UTF-8', { cause })
  }
}

/** The first line that does not decode. */
function badLine(bytes: Uint8Array): number {
  let start = 0
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start)
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end < 0 ? bytes.length : end))
    } catch {
      return line
    }
    if (end < 0) return line
    start = end + 1
  }
}

function rowsOf(file: string, content: string): NumberedRow[] {
  if (/\.jsonl$/i.test(file)) return jsonRows(file, content)
  if (/\.csv$/i.test(file)) return delimitedRows(file, content, ',')
  if (/\.tsv$/i.test(file)) return delimitedRows(file, content, '\t')
  throw new InputError({ file }, 'has to end in .jsonl, .csv or .tsv')
}

function jsonRows(file: string, content: string): NumberedRow[] {
  return content.split('\n').flatMap((text, i) => {
    if (text.trim() === '') return []
    const line = i + 1
    let row: unknown
    try {
      row = JSON.parse(text)
    } catch (cause) {
      throw new InputError({ file, line }, 'is not JSON', { cause })
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new InputError({ file, line }, 'is not a JSON object')
    }
    // A parsed JSON object: string keys, any values.
    return [{ row: row as Row, line }]
  })
}

interface Parsed {
  readonly record: Row
  readonly info: { readonly lines: number }
}

function delimitedRows(file: string, content: string, delimiter: string): NumberedRow[] {
  try {
    const parsed: unknown = parse(content, { delimiter, columns: true, skip_empty_lines: true, info: true })
    // With `columns` and `info`, csv-parse yields {record, info}; its types know neither option's effect.
    return (parsed as Parsed[]).map(({ record, info }) => ({ row: record, line: info.lines }))
  } catch (cause) {
    throw new InputError({ file, ...lineOf(cause) }, messageOf(cause), { cause })
  }
}

/** csv-parse's errors carry the line they stopped at. */
function lineOf(cause: unknown): { line?: number } {
  const lines = typeof cause === 'object' && cause !== null && 'lines' in cause ? cause.lines : undefined
  return typeof lines === 'number' ? { line: lines } : {}
}
