import { extname } from 'node:path'
import { InputError, messageOf } from '../errors.ts'
import type { Judgements } from '../evaluation/retrieval-metrics.ts'
import { jsonLines } from '../ingestion/formats/json-line.ts'
import { decode } from '../ingestion/formats/source.ts'
import { readTable } from '../ingestion/formats/table.ts'
import { readBounded } from '../ingestion/read-file.ts'

export interface QueryRow {
  readonly id: string
  readonly text: string
}
export interface CorpusRow extends QueryRow {
  readonly title?: string
}

/** A row as its file has it. */
export interface Row {
  readonly fields: Readonly<Record<string, unknown>>
  readonly line: number
}

/** Column of the title unless another one is named; this one may be absent. */
export const usualTitle = 'title'
/** Longest title, in characters; a document's has to be a name. */
const titleChars = 500

/**
 * Documents of an evaluation corpus; rows without text are left out, as there is nothing in them to find.
 * @throws {InputError} as {@link readQueryRows}, and if no row has the title's column.
 */
export async function readCorpusRows(file: string, titleColumn: string): Promise<CorpusRow[]> {
  const rows = await readRows(file)
  if (titleColumn !== usualTitle && !rows.some(({ fields }) => Object.hasOwn(fields, titleColumn)))
    throw new InputError({ file, line: rows[0]!.line, column: titleColumn }, 'no row has this column')
  const idOf = uniqueIds(file)
  const found = rows.flatMap((row) => {
    const [id, text, title] = [idOf(row), cell(file, row, 'text'), titleOf(file, row, titleColumn)]
    return text.trim() === '' ? [] : [{ id, text, ...(title !== '' && { title }) }]
  })
  if (found.length === 0) throw new InputError({ file, column: 'text' }, 'no row has text')
  return found
}

/**
 * Queries of an evaluation set.
 * @throws {InputError} naming file, line and column: no such file, no rows, a missing column, a cell that is not text, bad
 * UTF-8, an id that is empty or was there before.
 */
export async function readQueryRows(file: string): Promise<QueryRow[]> {
  const idOf = uniqueIds(file)
  return (await readRows(file)).map((row) => ({ id: idOf(row), text: cell(file, row, 'text') }))
}

/** Relevance per query and document. @throws {InputError} as {@link readQueryRows}, and if nothing is relevant. */
export async function readQrels(file: string): Promise<Judgements> {
  const judged = new Map<string, Map<string, number>>()
  let relevant = 0
  for (const row of await readRows(file)) {
    const [query, doc] = [filled(file, row, 'query_id'), filled(file, row, 'doc_id')]
    const relevance = Number(filled(file, row, 'relevance'))
    if (!Number.isFinite(relevance))
      throw new InputError({ file, line: row.line, column: 'relevance' }, 'is not a number')
    judged.set(query, (judged.get(query) ?? new Map()).set(doc, relevance))
    if (relevance > 0) relevant++
  }
  if (relevant === 0) throw new InputError({ file, column: 'relevance' }, 'no row is above 0: there is nothing to find')
  return judged
}

/** A prediction: how sure it was, 0 to 1, and whether it was right. */
export interface JudgedRow {
  readonly confidence: number
  readonly right: boolean
}

/** Predictions with their outcome. @throws {InputError} as {@link readQueryRows}, and for a confidence outside 0 to 1. */
export async function readJudged(file: string): Promise<JudgedRow[]> {
  return (await readRows(file)).map((row) => {
    const confidence = Number(filled(file, row, 'confidence'))
    if (!(confidence >= 0 && confidence <= 1))
      throw new InputError({ file, line: row.line, column: 'confidence' }, 'has to be a number from 0 to 1')
    return { confidence, right: truth(file, row, 'right') }
  })
}

/** Labels of answers, by the answer's id. @throws {InputError} as {@link readQueryRows}, and for too long ones; an id may come twice. */
export async function readLabels(file: string): Promise<{ readonly id: string; readonly label: string }[]> {
  const short = (row: Row, column: string, most: number): string => {
    const text = filled(file, row, column)
    if (text.length <= most) return text
    throw new InputError({ file, line: row.line, column }, `has ${text.length} characters, more than ${most}`)
  }
  return (await readRows(file)).map((row) => ({ id: short(row, 'id', 100), label: short(row, 'label', 200) }))
}

/** Files of tables hold the words, those of objects the values. */
function truth(file: string, { fields, line }: Row, column: string): boolean {
  const value = Object.hasOwn(fields, column) ? fields[column] : undefined
  if (value === true || value === 'true' || value === 1 || value === '1') return true
  if (value === false || value === 'false' || value === 0 || value === '0') return false
  throw new InputError({ file, line, column }, value === undefined ? 'is missing' : 'has to be true or false')
}

/**
 * Lines of a run file are separated by spaces, so its ids must have none.
 * @throws {InputError} naming the file and the first id that has.
 */
export function assertRunIds(file: string, rows: readonly QueryRow[]): void {
  const bad = rows.find(({ id }) => /\s/.test(id))
  if (bad) throw new InputError({ file, column: 'id' }, `"${bad.id}" has white space, which a run file cannot hold`)
}

/** All rows of a file. @throws {InputError} naming file and line: no such file, no rows, bad UTF-8, a bad row. */
export async function readRows(file: string): Promise<Row[]> {
  const bytes = await readBounded(file).catch((cause: unknown) => {
    if (cause instanceof InputError) throw cause
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  const text = decode(bytes, file)
  switch (extname(file).toLowerCase()) {
    case '.jsonl':
      return jsonLines(text, file).map(({ value, line }) => ({ fields: value, line }))
    case '.csv':
      return tableRows(file, text, ',')
    case '.tsv':
      return tableRows(file, text, '\t')
    default:
      throw new InputError({ file }, 'has to end in .jsonl, .csv or .tsv')
  }
}

function tableRows(file: string, text: string, delimiter: string): Row[] {
  const { columns, rows } = readTable(text, file, delimiter)
  return rows.map(({ cells, line }) => ({
    fields: Object.fromEntries(columns.map((column, i) => [column, cells[i]])),
    line,
  }))
}

/** Reads ids, and remembers where each was. */
function uniqueIds(file: string): (row: Row) => string {
  const lineOf = new Map<string, number>()
  return (row) => {
    const id = filled(file, row, 'id')
    const before = lineOf.get(id)
    if (before !== undefined)
      throw new InputError({ file, line: row.line, column: 'id' }, `"${id}" is already used in line ${before}`)
    lineOf.set(id, row.line)
    return id
  }
}

function titleOf(file: string, row: Row, column: string): string {
  const isThere = row.fields[column] !== undefined && row.fields[column] !== null
  // Cut between characters: half of a surrogate pair is no text.
  return isThere ? [...cell(file, row, column).trim()].slice(0, titleChars).join('') : ''
}

function filled(file: string, row: Row, column: string): string {
  const text = cell(file, row, column)
  if (text.trim() === '') throw new InputError({ file, line: row.line, column }, 'is empty')
  return text
}

/** A cell as text. @throws {InputError} naming file, line and column if it is missing or no text. */
export function cell(file: string, { fields, line }: Row, column: string): string {
  const value = Object.hasOwn(fields, column) ? fields[column] : undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new InputError({ file, line, column }, value === undefined ? 'is missing' : 'is not text')
}
