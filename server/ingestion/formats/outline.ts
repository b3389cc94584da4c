import { InputError } from '../../errors.ts'
import type { BlockKind, QuoteUnit } from '../../storage/types.ts'
import { createCanonicalText, oneLine, type Piece } from '../../text/canonical.ts'
import { sentenceSpans } from '../../text/sentences.ts'
import { assertOrder, type Block, type Document, type HiddenText, type Metadata, type Place } from '../document.ts'
import type { SourceFile } from './source.ts'
import { assertNoFieldsIn } from './stray-fields.ts'

/** Cuts the pieces of a block, as they stand in the canonical text, into what may be quoted. */
export type Units = (pieces: readonly Piece[]) => QuoteUnit[]

/** A document under construction: text and blocks in reading order, below the headings that are open. */
export interface Outline {
  /** @param depth from 1, as in `h1`; it closes headings of its own depth and below. A heading is text, never quoted. */
  heading(depth: number, text: string): void
  /** Blank lines are left out, and so is a block without anything to quote. */
  add(kind: BlockKind, lines: readonly string[], unitsOf: Units, place: Place): void
  /** A question and its answer, which is what may be quoted. */
  qa(question: string, answer: readonly string[], unitsOf: Units, place: Place): void
  readonly blocks: readonly Block[]
  toString(): string
}

export function createOutline(title: string): Outline {
  const canonical = createCanonicalText()
  const blocks: Block[] = []
  let headings: { depth: number; text: string }[] = []
  const path = () => [title, ...headings.map(({ text }) => text)]
  return {
    blocks,
    heading(depth, text) {
      canonical.addBlock([text])
      headings = headings.filter((heading) => heading.depth < depth)
      // The first-level heading usually repeats the title; said twice it would only water down the passage's vector.
      if (text !== '' && !(depth === 1 && title.toLowerCase().includes(text.toLowerCase())))
        headings.push({ depth, text })
    },
    add(kind, lines, unitsOf, place) {
      const pieces = canonical.addBlock(lines)
      blocks.push(...blockOf(kind, pieces, unitsOf(pieces), path(), place))
    },
    qa(question, answer, unitsOf, place) {
      const pieces = canonical.addBlock([question, ...answer])
      blocks.push(...blockOf('qa', pieces, unitsOf(pieces.slice(1)), [...path(), oneLine(question)], place))
    },
    toString: () => canonical.toString(),
  }
}

/** None where there is nothing to quote. */
function blockOf(
  kind: BlockKind,
  pieces: readonly Piece[],
  units: readonly QuoteUnit[],
  heading: readonly string[],
  place: Place,
): Block[] {
  if (units.length === 0) return []
  return [{ kind, heading, start: pieces[0]!.start, end: pieces.at(-1)!.end, units, ...place }]
}

/** Each piece as a whole: an item, a row. */
export const wholePieces: Units = (pieces) => pieces.map(({ start, end }) => ({ start, end }))

/** Each row below the `headers` first ones, which are quoted with it. */
export const rowsBelow =
  (headers: number): Units =>
  (pieces) => {
    const [first, last] = [pieces[0], pieces[headers - 1]]
    const rows = pieces.slice(headers).map(({ start, end }) => ({ start, end }))
    return first && last ? rows.map((row) => ({ ...row, header: [first.start, last.end] })) : rows
  }

const sentencesOf =
  (wrapped: boolean): Units =>
  (pieces) =>
    pieces.flatMap(({ start, text }) =>
      sentenceSpans(text, { wrapped }).map(([from, to]) => ({ start: start + from, end: start + to })),
    )
/** Sentences that may go over several lines, as a writer or a program wrapped them. */
export const wrappedSentences = sentencesOf(true)
/** Sentences that end with their line. */
export const lineSentences = sentencesOf(false)

/** An empty line in the canonical text separates blocks and can therefore not stand inside one. */
export function withoutBlankLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n')
}

/** What a file says of itself, over what its sidecar and the command line say. @throws {InputError} if dates are in no order. */
export function metadataOf(file: SourceFile, own: Metadata): Metadata {
  const metadata: Metadata = { ...file.defaults, ...own }
  assertOrder(metadata, (column) => ({ file: file.path, ...(column === undefined ? {} : { column }) }))
  return metadata
}

/** @param own what the file says. @throws {InputError} if there is nothing to quote. */
export function documentOf(
  file: SourceFile,
  { title: _stated, audience = 'customer', ...rest }: Metadata,
  title: string,
  outline: Pick<Outline, 'blocks' | 'toString'>,
  hidden: readonly HiddenText[] = [],
): Document {
  const { blocks } = outline
  if (blocks.length === 0) throw new InputError({ file: file.path }, 'has no text besides headings')
  const text = outline.toString()
  assertNoFieldsIn(text, blocks, file.path, { audience, ...rest })
  return { ...rest, id: file.id, audience, title, text, blocks, hidden }
}

/** A title for people, where the file states none: its name. */
export function nameOf(path: string): string {
  const name = (path.split(/[\\/]/).at(-1) ?? path)
    .replace(/\.[^.]+$/, '')
    .replace(/[-_]+/g, ' ')
    .trim()
  return name === '' ? path : name.charAt(0).toUpperCase() + name.slice(1)
}
