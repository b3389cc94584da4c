import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { parse } from 'csv-parse/sync'
import { InputError, messageOf } from '../errors.ts'
import type { Judgements } from '../evaluation/retrieval-metrics.ts'

export interface CorpusRow {
  readonly id: string
  readonly title?: string
  readonly text: string
}
export interface QueryRow {
  readonly id: string
  readonly text: string
}

interface Row {
  readonly fields: Readonly<Record<string, unknown>>
  readonly line: number
}

/** Documents of an evaluation corpus; rows without text are left out, as there is nothing in them to find. */
export async function readCorpusRows(file: string, titleColumn: string): Promise<CorpusRow[]> {
  const rows = await readRows(file)
  return rows.flatMap((row) => {
    const [id, text, title] = [cell(file, row, 'id'), cell(file, row, 'text'), row.fields[titleColumn]]
    if (text.trim() === '') return []
    return [{ id, text, ...(typeof title === 'string' && title.trim() !== '' && { title: title.slice(0, 500) }) }]
  })
}

/** Queries of an evaluation set. */
export async function readQueryRows(file: string): Promise<QueryRow[]> {
  return (await readRows(file)).map((row) => ({ id: cell(file, row, 'id'), text: cell(file, row, 'text') }))
}

/** Relevance per query and document. */
export async function readQrels(file: string): Promise<Judgements> {
  const judged = new Map<string, Map<string, number>>()
  for (const row of await readRows(file)) {
    const [query, doc, relevance] = [
      cell(file, row, 'query_id'),
      cell(file, row, 'doc_id'),
      Number(cell(file, row, 'relevance')),
    ]
    if (!Number.isFinite(relevance))
      throw new InputError({ file, line: row.line, column: 'relevance' }, 'is not a number')
    judged.set(query, (judged.get(query) ?? new Map()).set(doc, relevance))
  }
  return judged
}

async function readRows(file: string): Promise<Row[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  const rows =
    extname(file) === '.jsonl' ? jsonRows(file, text) : tableRows(file, text, extname(file) === '.tsv' ? '\t' : ',')
  if (rows.length === 0) throw new InputError({ file }, 'has no rows')
  return rows
}

function jsonRows(file: string, text: string): Row[] {
  return text.split('\n').flatMap((line, i): Row[] => {
    if (line.trim() === '') return []
    try {
      const fields: unknown = JSON.parse(line)
      if (typeof fields === 'object' && fields !== null) return [{ fields: { ...fields }, line: i + 1 }]
    } catch (cause) {
      throw new InputError({ file, line: i + 1 }, 'is not JSON', { cause })
    }
    throw new InputError({ file, line: i + 1 }, 'is not an object')
  })
}

function tableRows(file: string, text: string, delimiter: string): Row[] {
  try {
    const quote = delimiter === '\t' ? null : '"'
    const found: { record: Record<string, string>; info: { lines: number } }[] = parse(text, {
      columns: true,
      bom: true,
      delimiter,
      quote,
      info: true,
      skip_empty_lines: true,
    })
    return found.map(({ record, info }) => ({ fields: record, line: info.lines }))
  } catch (cause) {
    throw new InputError({ file }, messageOf(cause), { cause })
  }
}

function cell(file: string, { fields, line }: Row, column: string): string {
  const value = fields[column]
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new InputError({ file, line, column }, value === undefined ? 'is missing' : 'is not text')
}
