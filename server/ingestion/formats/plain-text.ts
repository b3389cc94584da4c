import { normalise, oneLine } from '../../text/canonical.ts'
import type { Document } from '../document.ts'
import { assertNoStrayMetadata } from './front-matter.ts'
import {
  createOutline,
  documentOf,
  lineSentences,
  metadataOf,
  nameOf,
  type Outline,
  rowsBelow,
  wholePieces,
  wrappedSentences,
} from './outline.ts'
import { decode, type SourceFile } from './source.ts'

/** Lines between two that are blank. */
interface Stretch {
  readonly lines: readonly string[]
  /** Of the first, from 1. */
  readonly line: number
}

/** Lines that a program wrapped are about this long, UTF-16 units; what people break earlier is a line of its own. */
const wrappedAt = 50
const maxHeading = 80
const underline = /^\s*(={3,}|-{3,})\s*$/
/** How an item of a list begins, where nothing but its sign says so. */
export const bullet = /^\s*(?:[-*•·–‣▪]|\(?(?:\d{1,3}|[a-z])[.)])\s+(?=\S)/
const asked = /^\s*(?:Q|Question|问|問)\s*\d{0,3}\s*[.:：]\s*(?=\S)/i
const answered = /^\s*(?:A|Answer|答)\s*\d{0,3}\s*[.:：]\s*(?=\S)/i

/**
 * Reads plain text: paragraphs between blank lines. Lines that begin with a bullet or number are a list, lines with tabs a
 * table, `Q:` and `A:` a question and its answer; a line in capitals, or underlined with `===` or `---`, is a heading.
 * @throws {InputError}
 */
export function readText(bytes: Uint8Array, file: SourceFile): Document[] {
  const source = normalise(decode(bytes, file.path))
  assertNoStrayMetadata(source, file.path, 'fields, which for a text file stand in a sidecar')
  const metadata = metadataOf(file, {})
  const title = oneLine(metadata.title ?? nameOf(file.path))
  const outline = createOutline(title)
  for (const stretch of stretchesOf(source)) addStretch(outline, stretch)
  return [documentOf(file, metadata, title, outline)]
}

function stretchesOf(source: string): Stretch[] {
  const found: Stretch[] = []
  let open: string[] = []
  ;[...source.split('\n'), ''].forEach((content, i) => {
    if (content.trim() !== '') open.push(content)
    else if (open.length > 0) {
      found.push({ lines: open, line: i + 1 - open.length })
      open = []
    }
  })
  return found
}

function addStretch(outline: Outline, stretch: Stretch): void {
  let at = 0
  for (; at < stretch.lines.length; at += 2) {
    const [heading = '', under = ''] = stretch.lines.slice(at, at + 2)
    if (!underline.test(under) || heading.trim().length > maxHeading) break
    outline.heading(under.includes('=') ? 1 : 2, oneLine(heading))
  }
  if (at < stretch.lines.length) addContent(outline, { lines: stretch.lines.slice(at), line: stretch.line + at })
}

function addContent(outline: Outline, { lines, line }: Stretch): void {
  const [first = ''] = lines
  if (lines.length === 1 && isShouted(first.trim())) outline.heading(2, oneLine(first))
  else if (asked.test(first) && lines.some((content) => answered.test(content))) addQuestions(outline, { lines, line })
  else if (lines.length > 1 && lines.every((content) => /\S\t+\S/.test(content)))
    outline.add('table', lines.map(cells), rowsBelow(1), { line })
  else addProse(outline, { lines, line })
}

const cells = (line: string): string => line.split('\t').map(oneLine).join('\t')

const isShouted = (text: string): boolean =>
  text.length <= maxHeading && /\p{Lu}{2}/u.test(text) && !/[\p{Ll}.!?]/u.test(text)

/** Paragraph, then list, then paragraph: wherever bullets begin, and where a line stands further out than an item's text. */
function addProse(outline: Outline, { lines, line }: Stretch): void {
  let items: string[] = []
  let prose: string[] = []
  const flush = (next: number): void => {
    if (prose.length > 0) {
      const wrapped = prose.slice(0, -1).every((content) => content.trim().length >= wrappedAt)
      const text = prose.map((content) => content.trim()).join('\n')
      outline.add('paragraph', [text], wrapped ? wrappedSentences : lineSentences, { line: next - prose.length })
    }
    prose = []
  }
  const flushItems = (at: number): void => {
    if (items.length > 0) outline.add('list', items, wholePieces, { line: at })
    items = []
  }
  let listLine = line
  lines.forEach((content, i) => {
    if (bullet.test(content)) {
      flush(line + i)
      if (items.length === 0) listLine = line + i
      items.push(oneLine(content.replace(bullet, '')))
    } else if (items.length > 0 && /^\s/.test(content)) items.push(`${items.pop()} ${oneLine(content)}`)
    else {
      flushItems(listLine)
      prose.push(content)
    }
  })
  flush(line + lines.length)
  flushItems(listLine)
}

/** `Q:` lines up to `A:`, and the lines behind it up to the next `Q:`. */
function addQuestions(outline: Outline, { lines, line }: Stretch): void {
  let [question, answer, at]: [string[], string[], number] = [[], [], line]
  const flush = (): void => {
    if (answer.length > 0) outline.qa(oneLine(question.join(' ')), [answer.join('\n')], wrappedSentences, { line: at })
    else if (question.length > 0) addProse(outline, { lines: question, line: at })
    question = []
    answer = []
  }
  lines.forEach((content, i) => {
    if (asked.test(content)) {
      flush()
      at = line + i
      question.push(content.replace(asked, ''))
    } else if (answered.test(content)) answer.push(content.replace(answered, '').trim())
    else if (answer.length > 0) answer.push(content.trim())
    else question.push(content.trim())
  })
  flush()
}
