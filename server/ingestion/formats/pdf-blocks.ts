import type { QuoteUnit } from '../../storage/types.ts'
import { sentenceSpans } from '../../text/sentences.ts'
import { looksHeaded } from './html-table.ts'
import { createOutline, type Outline, rowsBelow, type Units, wholePieces } from './outline.ts'
import { type Cell, type Line, textOf } from './pdf-lines.ts'
import { bullet } from './plain-text.ts'

/** Lines further apart than this many times their size are of two paragraphs. */
const paragraphGap = 1.75
/** A heading's size over that of most text. */
const headingSize = 1.15
const maxHeading = 150
const ended = /[.!?:;。！？：；…]["'”’)\]]*$/u

/** The blocks of a PDF: rows of two and more cells are tables, large and bold lines headings, and so on. */
export function pdfOutline(lines: readonly Line[], title: string): Outline {
  const outline = createOutline(title)
  const body = bodySize(lines)
  const compounds = compoundsOf(lines)
  for (let i = 0; i < lines.length; ) {
    const size = tableAt(lines, i)
    if (size > 0) addTable(outline, lines.slice(i, i + size))
    const level = size > 0 ? 0 : headingLevel(lines[i]!, body)
    if (level > 0) outline.heading(level, textOf(lines[i]!).replaceAll('\t', ' '))
    const taken = size > 0 ? size : level > 0 ? 1 : paragraphAt(lines, i, body)
    if (size === 0 && level === 0) addParagraph(outline, lines.slice(i, i + taken), compounds)
    i += taken
  }
  return outline
}

/** The size in which most letters are set. */
function bodySize(lines: readonly Line[]): number {
  const letters = new Map<number, number>()
  for (const line of lines) {
    const size = Math.round(line.size * 2) / 2
    letters.set(size, (letters.get(size) ?? 0) + textOf(line).length)
  }
  return [...letters].reduce((a, b) => (b[1] > a[1] ? b : a), [1, 0])[0]
}

/** 0 for no heading; bold lines in the size of the text stand below larger ones. */
function headingLevel(line: Line, body: number): number {
  const text = textOf(line)
  if (text.length > maxHeading || line.cells.length > 2 || !/\p{L}{2}/u.test(text)) return 0
  const ratio = line.size / body
  if (ratio >= headingSize) return ratio >= 1.6 ? 1 : ratio >= 1.3 ? 2 : 3
  return line.bold && ratio > 0.9 && !/[.,;:]$|[\p{Sc}%]/u.test(text) ? 4 : 0
}

/** How many lines from `from` on are a table: rows of several cells, and single lines between them. 0 for none. */
function tableAt(lines: readonly Line[], from: number): number {
  const isRow = (line: Line | undefined): boolean =>
    line !== undefined && line.page === lines[from]!.page && line.cells.length > 1 && !bullet.test(`${textOf(line)} `)
  let end = from
  while (
    isRow(lines[end]) ||
    (end > from && lines[end]?.cells.length === 1 && isRow(lines[end + 1]) && isClose(lines, end))
  )
    end++
  const rows = lines.slice(from, end).filter(({ cells }) => cells.length > 1).length
  return rows > 1 ? end - from : 0
}

const isClose = (lines: readonly Line[], at: number): boolean =>
  Math.abs(lines[at - 1]!.y - lines[at]!.y) < lines[at]!.size * 2.2 && textOf(lines[at]!).length < 80

/** Cells that stand below each other are a column, whichever rows have none there. */
function addTable(outline: Outline, lines: readonly Line[]): void {
  const columns = columnsOf(lines)
  const rows = lines.map(({ cells }) => {
    const row: string[] = columns.map(() => '')
    for (const cell of cells) {
      const at = nearest(columns, cell)
      row[at] = row[at] ? `${row[at]} ${cell.text}` : cell.text
    }
    return row
  })
  const page = lines[0]!.page
  const named = rows.findIndex(([first]) => first !== '')
  const headers = named > 0 && named < 4 ? named : looksHeaded(rows) ? 1 : 0
  const units = rowsBelow(headers)
  outline.add(
    'table',
    rows.map((row) => row.join('\t')),
    (pieces) => units(pieces).map((unit) => ({ ...unit, page })),
    { page },
  )
}

type Range = Pick<Cell, 'left' | 'right'>

/** Where columns are: cells of rows with the most cells, joined where they overlap. */
function columnsOf(lines: readonly Line[]): Range[] {
  const most = Math.max(...lines.map(({ cells }) => cells.length))
  const cells = lines.filter((line) => line.cells.length === most).flatMap((line) => line.cells)
  const columns: { left: number; right: number }[] = []
  for (const { left, right } of [...cells].sort((a, b) => a.left - b.left)) {
    const last = columns.at(-1)
    if (last && left < last.right) last.right = Math.max(last.right, right)
    else columns.push({ left, right })
  }
  return columns
}

function nearest(columns: readonly Range[], { left, right }: Range): number {
  const overlap = (column: Range): number => Math.min(column.right, right) - Math.max(column.left, left)
  return columns.reduce((best, column, i) => (overlap(column) > overlap(columns[best]!) ? i : best), 0)
}

/** How many lines from `from` on are one paragraph, or one list. */
function paragraphAt(lines: readonly Line[], from: number, body: number): number {
  let end = from + 1
  for (; end < lines.length; end++) {
    const [above, line] = [lines[end - 1]!, lines[end]!]
    if (tableAt(lines, end) > 0 || headingLevel(line, body) > 0) break
    if (above.page === line.page ? !followsOn(above, line) : !goesOver(above, line)) break
  }
  return end - from
}

function followsOn(above: Line, line: Line): boolean {
  const gap = above.y - line.y
  const size = Math.max(above.size, line.size)
  if (gap < -size || gap > paragraphGap * size || Math.abs(above.size - line.size) > size * 0.15) return false
  const indent = line.cells[0]!.left - above.cells[0]!.left
  return !(indent > size && ended.test(textOf(above)) && !bullet.test(textOf(above)))
}

/** Whether a sentence goes on over the end of the page. */
const goesOver = (above: Line, line: Line): boolean => !ended.test(textOf(above)) && /^\p{Ll}/u.test(textOf(line))

/** Words that are written with a hyphen within a line keep it at the end of one. */
function compoundsOf(lines: readonly Line[]): Set<string> {
  return new Set(
    lines.flatMap(
      (line) =>
        textOf(line)
          .toLowerCase()
          .match(/(?<!\p{L})\p{L}+-\p{L}+/gu) ?? [],
    ),
  )
}

/** Longest end of a text at which a divided word is looked for, UTF-16 units: the text before it grows with every line. */
const maxWord = 200

/** A text that is put together of lines, and from which place on it is of which page. */
interface Flow {
  readonly text: string
  readonly pages: readonly { readonly start: number; readonly page: number }[]
}

function flowOf(lines: readonly Line[], compounds: ReadonlySet<string>): Flow {
  let text = ''
  const pages: { start: number; page: number }[] = []
  for (const line of lines) {
    const next = textOf(line).replaceAll('\t', ' ')
    const end = text.slice(-maxWord)
    const [, head] = /(?<!\p{L})(\p{L}+)[-\u00AD]$/u.exec(end) ?? []
    const [tail] = /^\p{Ll}+/u.exec(next) ?? []
    if (head && tail) text = text.slice(0, compounds.has(`${head}-${tail}`.toLowerCase()) ? undefined : -1)
    else if (text !== '') text += /\p{Script=Han}$/u.test(end) && /^\p{Script=Han}/u.test(next) ? '' : ' '
    if (pages.at(-1)?.page !== line.page) pages.push({ start: text.length, page: line.page })
    text += next
  }
  return { text, pages }
}

function addParagraph(outline: Outline, lines: readonly Line[], compounds: ReadonlySet<string>): void {
  const first = lines.findIndex((line) => bullet.test(`${textOf(line)} `))
  const prose = flowOf(first < 0 ? lines : lines.slice(0, first), compounds)
  const place = { page: lines[0]!.page }
  if (prose.text !== '') outline.add('paragraph', [prose.text], paged([prose], sentenceUnits), place)
  if (first < 0) return
  const items: Line[][] = []
  for (const line of lines.slice(first)) {
    if (bullet.test(`${textOf(line)} `)) items.push([line])
    else items.at(-1)!.push(line)
  }
  const flows = items
    .map((item) => flowOf(item, compounds))
    .filter(({ text }) => text.replace(bullet, '').trim() !== '')
  const texts = flows.map(({ text }) => text.replace(bullet, ''))
  outline.add('list', texts, paged(flows, wholePieces), { page: lines[first]!.page })
}

const sentenceUnits: Units = (pieces) =>
  pieces.flatMap(({ start, text }) =>
    sentenceSpans(text).map(([from, to]) => ({ start: start + from, end: start + to })),
  )

/** Units with the page on which they begin. @param flows one a piece. */
const paged =
  (flows: readonly Flow[], unitsOf: Units): Units =>
  (pieces) =>
    unitsOf(pieces).map((unit): QuoteUnit => {
      const i = pieces.findLastIndex(({ start }) => start <= unit.start)
      const page = flows[i]?.pages.findLast(({ start }) => start <= unit.start - pieces[i]!.start)?.page
      return page === undefined ? unit : { ...unit, page }
    })
