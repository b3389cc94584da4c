import { oneLine } from '../../text/canonical.ts'
import { type Element, isTag, lineOf } from './html-tree.ts'
import { textOf } from './html-words.ts'
import { type Outline, rowsBelow } from './outline.ts'

/** Columns and rows that one cell may cover; what is more is a mistake. */
const maxSpan = 40
const maxHeaders = 3
const sections = new Set(['thead', 'tbody', 'tfoot'])

interface Row {
  readonly cells: readonly string[]
  /** Whether it stands in the table's head, or consists of headings. */
  readonly heads: boolean
  /** Whether its first cell is a heading. */
  readonly named: boolean
}

/** One line a row, cells joined by a tab. A cell that goes over several rows is a cell of each, so that each can be quoted alone. */
export function addTable(outline: Outline, table: Element): void {
  const caption = table.children.filter(isTag).find(({ name }) => name === 'caption')
  if (caption) outline.add('paragraph', [oneLine(textOf(caption))], rowsBelow(0), { line: lineOf(caption) })
  const rows = rowsOf(table).filter(({ cells }) => cells.some(Boolean))
  const lines = rows.map(({ cells }) => cells.join('\t'))
  outline.add('table', lines, rowsBelow(headersOf(rows)), { line: lineOf(table) })
}

function rowsOf(table: Element): Row[] {
  const children = table.children.filter(isTag)
  const elements = children.flatMap((child) =>
    child.name === 'tr' ? [child] : sections.has(child.name) ? child.children.filter(isTag) : [],
  )
  /** Per column, the cell from above that goes on, and for how many rows. */
  let below: { text: string; rows: number }[] = []
  return elements.map((row) => {
    const cells: string[] = []
    const next: typeof below = []
    const put = (text: string, rows: number): void => {
      if (rows > 0) next[cells.length] = { text, rows }
      cells.push(text)
    }
    const carry = (): void => {
      for (let above = below[cells.length]; above; above = below[cells.length]) put(above.text, above.rows - 1)
    }
    const parts = row.children.filter(isTag).filter(({ name }) => name === 'td' || name === 'th')
    for (const cell of parts) {
      carry()
      const text = oneLine(textOf(cell))
      for (let i = 0; i < spanOf(cell, 'colspan'); i++) put(i === 0 ? text : '', spanOf(cell, 'rowspan') - 1)
    }
    carry()
    below = next
    const heads = row.parent !== null && isTag(row.parent) && row.parent.name === 'thead'
    return { cells, heads: heads || parts.every(({ name }) => name === 'th'), named: parts[0]?.name === 'th' }
  })
}

const spanOf = ({ attribs }: Element, name: 'colspan' | 'rowspan'): number =>
  Math.min(Math.max(Math.trunc(Number(attribs[name] ?? 1)) || 1, 1), maxSpan)

/**
 * How many rows at the top are the table's header. Where nothing says so, it is a first row without digits over rows that
 * have some.
 */
function headersOf(rows: readonly Row[]): number {
  const marked = rows.findIndex(({ heads }) => !heads)
  if (marked !== 0) return marked < 0 ? 0 : Math.min(marked, maxHeaders)
  return !rows[0]?.named && looksHeaded(rows.map(({ cells }) => cells)) ? 1 : 0
}

/** Whether the first of a table's rows is likely to name its columns. */
export function looksHeaded([first, ...rows]: readonly (readonly string[])[]): boolean {
  const names = first?.filter(Boolean) ?? []
  const hasDigit = (cell: string): boolean => /\p{Nd}/u.test(cell)
  return names.length > 1 && !names.some(hasDigit) && rows.some((cells) => cells.some(hasDigit))
}
