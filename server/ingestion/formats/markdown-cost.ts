import { InputError } from '../../errors.ts'

/**
 * The parser looks for the partner of each bracket and sign of emphasis through all others of its block, so that its time
 * grows with their square. This is the sum of the squares, about two seconds; a paragraph of a book has some twenty of them.
 */
const maxMarks = 60_000_000
/** Its time grows with the square of the footnotes of a file, too. */
const maxFootnotes = 2_000
/** Sum over all items of the square of how deep they stand, about two seconds. */
const maxNesting = 2_000_000

/** Refuse Markdown that takes the parser far longer than its length. @throws {InputError} naming the line at which it is too much. */
export function assertCheap(source: string, path: string): void {
  let [marks, total, footnotes, nesting] = [0, 0, 0, 0]
  source.split('\n').forEach((content, i) => {
    const refuse = (why: string) => new InputError({ file: path, line: i + 1 }, why)
    if (content.trim() === '') marks = 0
    const more = countMarks(content)
    total += (marks + more) ** 2 - marks ** 2
    marks += more
    if (total > maxMarks) throw refuse('too many brackets and signs of emphasis without an empty line between them')
    if (/^ {0,3}\[\^/.test(content) && ++footnotes > maxFootnotes) throw refuse(`more than ${maxFootnotes} footnotes`)
    const indent = /^[ \t]*(?=(?:[-+*]|\d{1,9}[.)])[ \t])/.exec(content)?.[0].length ?? 0
    nesting += (indent / 2) ** 2
    if (nesting > maxNesting) throw refuse('too many items of lists that nest deep')
  })
}

/** Signs that may have a partner; the one that makes a line an item has none. */
function countMarks(line: string): number {
  const start = /^\s*\*\s/.test(line) ? -1 : 0
  return (line.match(/[[\]*_~]+/g)?.length ?? 0) + start
}
