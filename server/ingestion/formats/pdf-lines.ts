import { oneLine } from '../../text/canonical.ts'
import type { PdfPage, TextPiece } from './pdf-file.ts'

/** What stands between wide gaps of a line. */
export interface Cell {
  readonly text: string
  readonly left: number
  readonly right: number
}

/** A line of a page. */
export interface Line {
  readonly cells: readonly Cell[]
  readonly page: number
  /** Of the baseline, upwards in points. */
  readonly y: number
  readonly size: number
  readonly bold: boolean
}

/** Gap between two pieces, in text sizes: a space is wider than the first, the next column begins behind the second, behind
 * a number the third. */
const wordGap = 0.15
const cellGap = 1.4
const amountGap = 0.6
/** Share of a page's height at its top and bottom where running heads, page numbers and the like stand. */
const margin = 0.1
/** On so many pages a line has to stand to be a running one. */
const minRepeats = 3

export const textOf = ({ cells }: Line): string => cells.map(({ text }) => text).join('\t')

/** The lines of all pages, in the order of reading, without those that run along the edges of pages. */
export function linesOf(pages: readonly PdfPage[]): Line[] {
  const lines = pages.map(({ pieces, page }) => pageLines(pieces, page))
  const edges = lines.map((found, i) => {
    const { bottom, top } = pages[i]!
    const band = (top - bottom) * margin
    return new Set(found.filter(({ y }) => y < bottom + band || y > top - band))
  })
  const repeats = new Map<string, number>()
  for (const edge of edges)
    for (const key of new Set([...edge].map(keyOf))) repeats.set(key, (repeats.get(key) ?? 0) + 1)
  const enough = Math.max(minRepeats, pages.length / 3)
  return lines.flatMap((found, i) =>
    found.filter((line) => !edges[i]!.has(line) || !(isPageNumber(line) || (repeats.get(keyOf(line)) ?? 0) >= enough)),
  )
}

/** Running lines differ in the number of the page. */
const keyOf = (line: Line): string => textOf(line).replace(/\p{Nd}+/gu, '#')
const isPageNumber = (line: Line): boolean =>
  /^(?:page\s*|[-–]\s*)?\d{1,4}(?:\s*(?:of|\/)\s*\d{1,4}|\s*[-–])?$/i.test(textOf(line))

function pageLines(pieces: readonly TextPiece[], page: number): Line[] {
  const rows: TextPiece[][] = []
  for (const piece of pieces) {
    const last = rows.at(-1)
    if (last && isOnLine(last, piece)) last.push(piece)
    else rows.push([piece])
  }
  return rows.flatMap((row) => {
    const cells = cellsOf(row)
    const largest = row.reduce((a, b) => (b.size > a.size ? b : a))
    if (cells.length === 0) return []
    return [{ cells, page, y: largest.y, size: largest.size, bold: row.every(({ bold }) => bold) }]
  })
}

/** Raised and lowered signs are on the line, too. A piece far to the left of the one before begins another, as of a column. */
function isOnLine(row: readonly TextPiece[], piece: TextPiece): boolean {
  const [first, last] = [row[0]!, row.at(-1)!]
  const size = Math.max(first.size, piece.size)
  return Math.abs(first.y - piece.y) < size * 0.4 && piece.x > last.x - size * 20
}

/** From left to right, except where the text itself runs from the right. */
function cellsOf(row: readonly TextPiece[]): Cell[] {
  const fromRight = /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(row.map(({ text }) => text).join(''))
  const sorted = row.flatMap(apart).sort((a, b) => (fromRight ? b.x - a.x : a.x - b.x))
  const cells: { text: string; left: number; right: number }[] = []
  let before: TextPiece | undefined
  for (const piece of sorted) {
    const last = cells.at(-1)
    const gap = before ? (piece.x - (before.x + before.width)) / piece.size : 0
    // A word that is drawn twice, a little apart, is bold.
    if (before && before.text === piece.text && Math.abs(before.x - piece.x) < piece.size * 0.2) continue
    if (last && (fromRight || isSameCell(last.text, piece.text, gap))) {
      last.text += (fromRight || gap > wordGap ? ' ' : '') + piece.text
      last.right = Math.max(last.right, piece.x + piece.width)
    } else cells.push({ text: piece.text, left: piece.x, right: piece.x + piece.width })
    before = piece
  }
  return cells.map((cell) => ({ ...cell, text: oneLine(cell.text) })).filter(({ text }) => text !== '')
}

/** The amount of one column and the sign of the next are often drawn in one go. */
function apart(piece: TextPiece): TextPiece[] {
  const parts = piece.text.split(/(?<=[\p{Nd})%]) +(?=\p{Sc})/u)
  if (parts.length === 1) return [piece]
  let at = 0
  return parts.map((text) => {
    const from = piece.text.indexOf(text, at)
    at = from + text.length
    const unit = piece.width / piece.text.length
    return { ...piece, text, x: piece.x + from * unit, width: text.length * unit }
  })
}

/** @param gap in text sizes. Tables set the sign of a currency far from its amount, and amounts close to each other. */
function isSameCell(before: string, next: string, gap: number): boolean {
  if (/^\p{Sc}\s*\(?$/u.test(before.trim()) || /^[)%]+$/.test(next.trim())) return true
  if (/[\p{Nd})%]\s*$/u.test(before) && /^\s*\p{Sc}/u.test(next)) return false
  const amounts = /[\p{Nd}%)—–]\s*$/u.test(before) && /^\s*[(\p{Nd}—–]/u.test(next)
  return gap < (amounts ? amountGap : cellGap)
}
