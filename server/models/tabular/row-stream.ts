import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { CsvError, parse } from 'csv-parse'
import { InputError, messageOf } from '../../errors.ts'
import { csvReason } from '../../text/csv-reasons.ts'
import type { DataFile } from '../service.ts'
import { assertFile } from '../table-rows.ts'

/** Values by column; a cell of a table is text, a field of an object any value. A column that is not there is undefined. */
export interface StreamedRow {
  /** Where the row ends, from 1. */
  readonly line: number
  readonly fields: ReadonlyMap<string, unknown>
}

export interface RowStream {
  /** Rows in their order, some hundred at a time; to be read once. @throws {InputError} naming file and line. */
  readonly batches: AsyncIterable<readonly StreamedRow[]>
  /** Name, checksum and rows, when all was read. */
  source(): DataFile
}

/** Longest line or quoted cell, in characters. */
const maxLine = 1_000_000
/** Bytes read at a time. */
const blockBytes = 1 << 18

/**
 * Rows of a .jsonl, .csv or .tsv file (UTF-8, with or without a byte order mark; CSV and TSV with a header), in memory that
 * does not grow with the file.
 */
export function streamRows(file: string): RowStream {
  const hash = createHash('sha256')
  let rows = 0
  async function* batches() {
    const parser = parserOf(file)
    for await (const { text, line } of textBlocks(file, hash)) {
      const found = await parser.read(text, line)
      rows += found.length
      if (found.length > 0) yield found
    }
    const rest = await parser.end()
    rows += rest.length
    if (rest.length > 0) yield rest
    if (rows === 0) throw new InputError({ file }, 'has no rows')
  }
  return { batches: batches(), source: () => ({ file: basename(file), sha256: hash.copy().digest('hex'), rows }) }
}

interface Block {
  /** Whole lines. */
  readonly text: string
  /** Number of the first. */
  readonly line: number
}

async function* textBlocks(file: string, hash: Hash): AsyncGenerator<Block> {
  let [rest, line] = [Buffer.alloc(0), 1]
  const decoded = (bytes: Buffer): Block => {
    const block = { text: decode(file, bytes, line), line }
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) line++
    return block
  }
  await assertFile(file)
  const stream = createReadStream(file, { highWaterMark: blockBytes })
  try {
    for await (const chunk of stream) {
      // A stream without an encoding gives buffers.
      const bytes = Buffer.concat([rest, chunk as Buffer])
      hash.update(chunk as Buffer)
      const end = bytes.lastIndexOf(0x0a) + 1
      rest = bytes.subarray(end)
      if (rest.length > 4 * maxLine) throw new InputError({ file, line }, `is longer than ${maxLine} characters`)
      if (end > 0) yield decoded(bytes.subarray(0, end))
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  }
  if (rest.length > 0) yield decoded(rest)
}

/** @param line of the first byte. */
function decode(file: string, bytes: Buffer, line: number): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: line > 1 })
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    let [at, from] = [line, 0]
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      if (!isText(bytes.subarray(from, end))) break
      at++
      from = end + 1
    }
    throw new InputError({ file, line: at }, 'is not UTF-8', { cause })
  }
}

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

interface RowParser {
  read(text: string, line: number): Promise<StreamedRow[]>
  /** What came after the last line end. */
  end(): Promise<StreamedRow[]>
}

function parserOf(file: string): RowParser {
  if (/\.jsonl$/i.test(file)) return objectParser(file)
  if (/\.csv$/i.test(file)) return tableParser(file, ',')
  if (/\.tsv$/i.test(file)) return tableParser(file, '\t')
  throw new InputError({ file }, 'has to end in .jsonl, .csv or .tsv')
}

function objectParser(file: string): RowParser {
  const rowOf = (text: string, line: number): StreamedRow => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      throw new InputError({ file, line }, 'is not JSON', { cause })
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new InputError({ file, line }, 'is not a JSON object')
    return { line, fields: new Map(Object.entries(value)) }
  }
  return {
    read: async (text, first) =>
      text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [rowOf(line, first + i)])),
    end: async () => [],
  }
}

function tableParser(file: string, delimiter: string): RowParser {
  let header: readonly string[] | undefined
  let [found, last]: [StreamedRow[], number] = [[], 0]
  const onRecord = (cells: readonly string[], { lines: line }: { lines: number }): null => {
    last = line
    if (!header) header = namesIn(file, cells)
    else found.push({ line, fields: new Map(header.map((name, i) => [name, cells[i]])) })
    return null
  }
  const parser = parse({ delimiter, skip_empty_lines: true, max_record_size: maxLine, on_record: onRecord })
  parser.on('error', () => undefined) // told to whoever wrote
  const told = (act: (done: (cause?: unknown) => void) => void): Promise<StreamedRow[]> =>
    new Promise((resolve, reject) =>
      act((cause) => {
        if (cause) return reject(cause instanceof CsvError ? faultOf(file, last + 1, cause) : cause)
        const rows = found
        found = []
        resolve(rows)
      }),
    )
  return {
    read: (text) => told((done) => void parser.write(text, done)),
    // The parser reads what is left in its own time: its end is told by an event, or by an error.
    end: () => told((done) => void parser.once('end', done).once('error', done).resume().end()),
  }
}

function namesIn(file: string, cells: readonly string[]): string[] {
  const names = cells.map((cell) => cell.trim())
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw new InputError({ file, line: 1, column: twice }, 'the header names this column twice')
  return names
}

const faultOf = (file: string, line: number, cause: CsvError): InputError =>
  new InputError({ file, line }, csvReason(cause.code, maxLine) ?? messageOf(cause), { cause })
