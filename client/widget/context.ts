import type { Citation } from '../../server/protocol/events.ts'

/** A stretch of a document's text, marked where it was quoted. */
export interface Stretch {
  readonly text: string
  readonly marked: boolean
}
/** A quotation in its surroundings: the paragraph it stands in, or the table with its quoted rows. */
export type Context =
  | { readonly paragraph: readonly Stretch[] }
  | {
      readonly header: readonly string[]
      readonly rows: readonly { readonly cells: readonly string[]; readonly marked: boolean }[]
    }

/** UTF-16 code units shown on each side of a quotation, rows on each side of a quoted row. */
const reach = 280
const reachRows = 2

/**
 * Show a citation inside its document.
 * @param text the canonical text of the cited version: blocks stand between empty lines, a table's row is one line with
 *   cells joined by tabs.
 * @returns undefined when the spans do not hold the quoted text: then it is another text than the one that was cited.
 */
export function contextOf(text: string, { spans, quote }: Pick<Citation, 'spans' | 'quote'>): Context | undefined {
  if (spans.map(([start, end]) => text.slice(start, end)).join(' · ') !== quote) return undefined
  const first = Math.min(...spans.map(([start]) => start))
  const last = Math.max(...spans.map(([, end]) => end))
  const before = text.lastIndexOf('\n\n', first)
  const from = before < 0 ? 0 : before + 2
  const after = text.indexOf('\n\n', last)
  const block = { from, text: text.slice(from, after < 0 ? text.length : after) }
  return tableOf(block, spans) ?? { paragraph: paragraphOf(block, spans, first, last) }
}

interface Block {
  readonly from: number
  readonly text: string
}

function tableOf(block: Block, spans: Citation['spans']): Context | undefined {
  let at = block.from
  const lines = block.text.split('\n').map((line) => {
    const start = at
    at += line.length + 1
    return { cells: line.split('\t'), marked: spans.some(([from, to]) => from < start + line.length && to > start) }
  })
  const [header, ...rows] = lines
  if (!header || rows.length === 0 || header.cells.length < 2) return undefined
  if (rows.some(({ cells }) => cells.length !== header.cells.length)) return undefined
  const near = rows.filter((_, i) => rows.some(({ marked }, j) => marked && Math.abs(i - j) <= reachRows))
  return { header: header.cells, rows: near.length > 0 ? near : rows.slice(0, reachRows) }
}

function paragraphOf(block: Block, spans: Citation['spans'], first: number, last: number): Stretch[] {
  const end = block.from + block.text.length
  const from = first - block.from > reach ? first - reach : block.from
  const to = end - last > reach ? last + reach : end
  const at = (position: number): number => position - block.from
  const stretches: Stretch[] = []
  let done = from
  const take = (upto: number, marked: boolean): void => {
    if (upto > done) stretches.push({ text: block.text.slice(at(done), at(upto)), marked })
    done = Math.max(done, upto)
  }
  for (const [start, stop] of [...spans].sort((a, b) => a[0] - b[0])) {
    take(start, false)
    take(stop, true)
  }
  take(to, false)
  if (from > block.from) stretches.unshift({ text: '… ', marked: false })
  if (to < end) stretches.push({ text: ' …', marked: false })
  return stretches
}
