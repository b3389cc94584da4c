import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parse } from 'csv-parse/sync'
import { InputError, messageOf } from '../errors.ts'
import type { DataFile, Example } from './service.ts'

export interface ExampleOptions {
  /** Default `text`. */
  readonly textColumn?: string
  /** Default: the first of `label`, `intent`, `category` that the file has. */
  readonly labelColumn?: string
}

export interface ExampleFile {
  readonly examples: readonly Example[]
  /** Name without folders, checksum and rows: what a manifest keeps. */
  readonly source: DataFile
}

type Row = Readonly<Record<string, unknown>>
interface NumberedRow {
  readonly row: Row
  readonly line: number
}

const labelColumns = ['label', 'intent', 'category'] as const

/**
 * Read labelled texts from a .jsonl, .csv or .tsv file (UTF-8, with or without a byte order mark; CSV and TSV with a header).
 * @throws {InputError} naming file, line and column: no such file, no rows, a missing column, an empty text or label, bad UTF-8.
 */
export async function readExamples(file: string, options: ExampleOptions = {}): Promise<ExampleFile> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  const rows = rowsOf(file, decode(file, bytes))
  const first = rows[0]
  if (!first) throw new InputError({ file }, 'has no rows')
  const text = options.textColumn ?? 'text'
  const label = options.labelColumn ?? labelColumns.find((name) => name in first.row)
  if (label === undefined) {
    throw new InputError({ file, line: first.line }, `has none of the columns ${labelColumns.join(', ')}`)
  }
  const examples = rows.map(({ row, line }) => ({
    text: cell(file, line, row, text),
    label: cell(file, line, row, label),
  }))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { examples, source: { file: basename(file), sha256, rows: examples.length } }
}

/** One checksum over several files, whatever their order and folders. */
export function checksumOf(sources: readonly DataFile[]): string {
  const lines = sources.map(({ file, sha256 }) => `${sha256}  ${file}\n`).sort()
  return createHash('sha256').update(lines.join('')).digest('hex')
}

function cell(file: string, line: number, row: Row, column: string): string {
  const value = row[column]
  if (value === undefined) throw new InputError({ file, line, column }, 'is missing')
  if (typeof value !== 'string') throw new InputError({ file, line, column }, 'is not text')
  if (value.trim() === '') throw new InputError({ file, line, column }, 'is empty')
  return value
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
