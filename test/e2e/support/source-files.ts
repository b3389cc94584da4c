import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseCsv } from 'csv-parse/sync'
import { parse as parseYaml } from 'yaml'
import { repository } from '../../support/demo.ts'

/** A document as its author wrote it. */
export interface Source {
  readonly title: string
  /** First day in force, ISO 8601. */
  readonly from?: string
  /** First day no longer in force, ISO 8601. */
  readonly until?: string
  /** Its words: without Markdown's marks, as {@link flat} leaves them. */
  readonly text: string
}

interface Row {
  readonly id: string
  readonly title?: string
  readonly question?: string
  readonly answer?: string
  readonly text?: string
  readonly from?: string
  readonly until?: string
}

/**
 * Read a cited document from the files that the bank's staff edit, and from nothing else: neither the store nor the
 * product's own readers have a say here.
 * @param doc `policies/cards.md`, or `faqs/faq.en.jsonl#row` for a row.
 */
export function sourceOf(doc: string): Source {
  const [path = '', id] = doc.split('#')
  const file = readFileSync(join(repository, 'corpora', path), 'utf8')
  if (id === undefined) return pageOf(file)
  const row = rowsOf(path, file).find((one) => one.id === id)
  if (!row) throw new RangeError(`${path} has no row ${id}`)
  const { title = row.question ?? '', from, until } = row
  return {
    title,
    text: flat(`${row.question ?? ''} ${row.answer ?? ''} ${row.text ?? ''}`),
    ...(from && { from }),
    ...(until && { until }),
  }
}

/** Words on one line, as they are compared here: between cells the file has bars or tabs, the screen dots or dashes. */
export const flat = (text: string): string => text.replace(/[\s·—]+/g, ' ').trim()

// Both formats are the corpora's own; a row of another shape fails in `sourceOf` as one without text.
const rowsOf = (path: string, file: string): Row[] =>
  path.endsWith('.csv')
    ? (parseCsv(file, { columns: true }) as Row[])
    : file
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Row)

function pageOf(file: string): Source {
  const [, head = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(file) ?? []
  // Front matter of the corpora: `yaml` leaves dates as the strings they are.
  const { title, from, until } = parseYaml(head) as { title: string; from?: string; until?: string }
  const plain = body
    .replace(/^\s*(#+|[-*]|\d+\.)\s+/gm, '') // headings and items
    .replace(/^\|[-:| ]+\|$/gm, '')
    .replace(/[*`]/g, '') // emphasis, code
    .replace(/\|/g, ' ') // cells
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
  return { title, text: flat(plain), ...(from && { from }), ...(until && { until }) }
}
