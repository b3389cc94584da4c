import { z } from 'zod'
import { InputError } from '../../errors.ts'
import type { QuoteUnit } from '../../storage/types.ts'
import { createCanonicalText, oneLine, type Piece, paragraphs } from '../../text/canonical.ts'
import { sentenceSpans } from '../../text/sentences.ts'
import {
  assertOrder,
  type Block,
  check,
  type Document,
  type Metadata,
  metadataFields,
  type PlaceOf,
} from '../document.ts'
import type { SourceFile } from './source.ts'
import { assertNoFieldsIn, limitingField, nestedLimit } from './stray-fields.ts'

const text = z.string({ error: 'must be text' })
const idError = { error: 'must be a number or at most 200 characters without control characters' }
const idText = z
  .string()
  .trim()
  .max(200, idError)
  .regex(/^\P{C}+$/u, idError)
const rowSchema = z.object({
  ...metadataFields,
  id: z.union([idText, z.number()], idError).exactOptional(),
  text: text.exactOptional(),
  question: text.exactOptional(),
  answer: text.exactOptional(),
})
type Row = z.infer<typeof rowSchema>

/** Rows of one file; each is a document, and all of them are in memory at once. */
const maxRows = 200_000

/** Collects the rows of one file as documents. */
export interface Rows {
  /**
   * @param number of the row, from 1: its id when it has none.
   * @param line where it begins in the file, from 1.
   * @throws {InputError} if a field is bad, the row has no text, or its id was there before.
   */
  add(values: Readonly<Record<string, unknown>>, number: number, line: number): void
  readonly documents: Document[]
}

/** Rows with `text`, or `question` and `answer`, and the fields of a front matter. Other columns are ignored. */
export function createRows(file: SourceFile): Rows {
  const documents: Document[] = []
  const lineOf = new Map<string, number>()
  return {
    documents,
    add(values, number, line) {
      if (documents.length === maxRows)
        throw new InputError({ file: file.path, line }, `has more than ${maxRows} rows; divide the file`)
      assertNames(values, (column) => placeOf(file, line, column))
      const row = check(rowSchema, present(values), (column) => placeOf(file, line, column))
      const id = String(row.id ?? number).normalize('NFC')
      const before = lineOf.get(id)
      if (before !== undefined)
        throw new InputError(placeOf(file, line, 'id'), `the id "${oneLine(id)}" is already used in line ${before}`)
      lineOf.set(id, line)
      documents.push(documentOf(row, `${file.id}#${id}`, file, line))
    },
  }
}

function placeOf(file: SourceFile, line: number, column: string | undefined) {
  return { file: file.path, line, ...(column === undefined ? {} : { column }) }
}

/** Whether a column says something about a row. A table may have thousands of others, and a cell of theirs costs nothing. */
export const isRowColumn = (column: string): boolean =>
  Object.hasOwn(rowSchema.shape, column) || limitingField(column) !== undefined

/**
 * `Audience` for `audience` is no other column to be ignored: what is for agents would be customers'. Nor is it within another
 * value. @throws {InputError}
 */
function assertNames(values: Readonly<Record<string, unknown>>, placeOf: PlaceOf): void {
  for (const [column, value] of Object.entries(values)) {
    const meant = limitingField(column)
    if (meant && meant !== column) throw new InputError(placeOf(column), `has to be written ${meant}`)
    const nested = nestedLimit(value, column)
    if (nested !== undefined) throw new InputError(placeOf(nested), 'has to stand beside the text of its row')
  }
}

/** Without fields that are null or blank: an empty cell says nothing. */
function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const blank = (value: unknown) => value === null || (typeof value === 'string' && value.trim() === '')
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !blank(value)))
}

function documentOf(row: Row, id: string, file: SourceFile, line: number): Document {
  const { id: _id, text: _text, question: _question, answer: _answer, ...own } = row
  const metadata: Metadata = { ...file.defaults, ...own }
  assertOrder(metadata, (column) => placeOf(file, line, column))
  const { title, audience = 'customer', ...rest } = metadata
  const heading = title === undefined ? [] : [oneLine(title)]
  const content = contentOf(row, heading, line, (column) => placeOf(file, line, column))
  assertNoFieldsIn(content.text, content.blocks, file.path, { audience, ...rest })
  return { ...rest, id, audience, title: heading[0] ?? content.title, text: content.text, blocks: content.blocks }
}

function contentOf(
  { text: body, question, answer }: Row,
  heading: readonly string[],
  line: number,
  placeOf: PlaceOf,
): Content {
  if (body !== undefined) return proseOf(body, heading, line)
  if (question !== undefined && answer !== undefined) return qaOf(question, answer, heading, line)
  if (question === undefined && answer === undefined)
    throw new InputError(placeOf('text'), 'the row has no text: it needs text, or question and answer')
  throw new InputError(placeOf(answer === undefined ? 'answer' : 'question'), 'is missing in this row')
}

interface Content {
  readonly text: string
  readonly blocks: Block[]
  /** For a row without one. */
  readonly title: string
}

function proseOf(body: string, heading: readonly string[], line: number): Content {
  const canonical = createCanonicalText()
  const blocks = paragraphs(body).flatMap((paragraph) =>
    canonical
      .addBlock([paragraph])
      .map(
        (piece): Block => ({ ...spanOf(piece, piece), kind: 'paragraph', heading, units: sentenceUnits(piece), line }),
      ),
  )
  const whole = canonical.toString()
  return { text: whole, blocks, title: opening(whole) }
}

function qaOf(question: string, answer: string, heading: readonly string[], line: number): Content {
  const canonical = createCanonicalText()
  const [asked, answered] = canonical.addBlock([paragraphs(question).join('\n'), paragraphs(answer).join('\n\n')])
  if (!asked || !answered) throw new RangeError('question and answer are not blank')
  const title = oneLine(question)
  const path = heading[0] === title ? heading : [...heading, title]
  const block: Block = { ...spanOf(asked, answered), kind: 'qa', heading: path, units: sentenceUnits(answered), line }
  return { text: canonical.toString(), blocks: [block], title }
}

const spanOf = (first: Piece, last: Piece) => ({ start: first.start, end: last.end })

/** The sentences of a piece as units; an LF ends one, as rows are not wrapped. */
function sentenceUnits(piece: Piece): QuoteUnit[] {
  return sentenceSpans(piece.text).map(([from, to]) => ({ start: piece.start + from, end: piece.start + to }))
}

/** The first words, at most 80 characters: a name for people, where the source gives none. */
function opening(whole: string): string {
  const words = oneLine(whole.slice(0, 400))
  if (words.length <= 80) return words
  const cut = words.lastIndexOf(' ', 79)
  return `${words.slice(0, cut > 40 ? cut : 79)}…`
}
