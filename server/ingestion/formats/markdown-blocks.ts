import type { List, ListItem, Nodes, Root, RootContent, Table } from 'mdast'
import { InputError } from '../../errors.ts'
import type { BlockKind, QuoteUnit } from '../../storage/types.ts'
import { createCanonicalText, type Piece } from '../../text/canonical.ts'
import { sentenceSpans } from '../../text/sentences.ts'
import type { Block } from '../document.ts'
import { htmlText } from './html-text.ts'
import { lineText, plainText } from './markdown-inline.ts'
import { maxDepth } from './source.ts'

type Units = (pieces: readonly Piece[]) => QuoteUnit[]

/** The canonical text of a Markdown tree and its blocks, in reading order. @throws {InputError} if it nests too deep. */
export function collectBlocks(root: Root, title: string, path: string): { text: string; blocks: Block[] } {
  const canonical = createCanonicalText()
  const blocks: Block[] = []
  let headings: { depth: number; text: string }[] = []
  const open = (depth: number, text: string) => {
    canonical.addBlock([text])
    headings = headings.filter((heading) => heading.depth < depth)
    // The first-level heading usually repeats the title; said twice it would only water down the passage's vector.
    if (text !== '' && !(depth === 1 && title.toLowerCase().includes(text.toLowerCase())))
      headings.push({ depth, text })
  }
  const add = (kind: BlockKind, node: Nodes, lines: readonly string[], unitsOf: Units) => {
    const pieces = canonical.addBlock(lines)
    const units = unitsOf(pieces)
    if (units.length === 0) return
    const heading = [title, ...headings.map(({ text }) => text)]
    blocks.push({ kind, heading, start: pieces[0]!.start, end: pieces.at(-1)!.end, units, line: lineOf(node) })
  }
  const visit = (node: RootContent, depth: number): void => {
    if (depth > maxDepth) throw tooDeep(node, path)
    if (node.type === 'heading') open(node.depth, lineText(node))
    else if (node.type === 'list') add('list', node, itemLines(node, path, depth), wholePieces)
    else if (node.type === 'table') add('table', node, tableLines(node), hasHeader(node) ? tableUnits : wholePieces)
    else if (node.type === 'paragraph') add('paragraph', node, [withoutBlankLines(plainText(node))], wrappedSentences)
    else if (node.type === 'code') add('paragraph', node, [withoutBlankLines(node.value)], lineSentences)
    else if (node.type === 'html') add('paragraph', node, [withoutBlankLines(htmlText(node.value))], lineSentences)
    else if (node.type === 'blockquote' || node.type === 'footnoteDefinition')
      for (const child of node.children) visit(child, depth + 1)
  }
  for (const node of root.children) visit(node, 0)
  return { text: canonical.toString(), blocks }
}

const lineOf = (node: Nodes): number => node.position?.start.line ?? 1
const tooDeep = (node: Nodes, path: string) =>
  new InputError({ file: path, line: lineOf(node) }, `nests deeper than ${maxDepth} levels`)

/** An empty line in the canonical text separates blocks and can therefore not stand inside one. */
function withoutBlankLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n')
}

/** One line per item: its own paragraphs, then the items of the lists inside it. */
function itemLines(list: List, path: string, depth: number): string[] {
  if (depth > maxDepth) throw tooDeep(list, path)
  return list.children.flatMap((item) => [
    item.children
      .filter((child) => !isNested(child))
      .map(lineText)
      .filter(Boolean)
      .join(' '),
    ...item.children.filter(isNested).flatMap((child) => nestedLines(child, path, depth + 1)),
  ])
}

type Nested = Extract<ListItem['children'][number], { type: 'list' | 'table' | 'blockquote' }>
const isNested = (node: ListItem['children'][number]): node is Nested =>
  node.type === 'list' || node.type === 'table' || node.type === 'blockquote'

function nestedLines(node: Nested, path: string, depth: number): string[] {
  if (depth > maxDepth) throw tooDeep(node, path)
  if (node.type === 'list') return itemLines(node, path, depth)
  if (node.type === 'table') return tableLines(node)
  return node.children.map(lineText)
}

const tableLines = (table: Table): string[] => table.children.map((row) => row.children.map(lineText).join('\t'))

const wholePieces: Units = (pieces) => pieces.map(({ start, end }) => ({ start, end }))

/** Markdown has no table without a header; writers leave its cells empty. One row alone is a row, not a header. */
const hasHeader = ({ children: [header, ...rows] }: Table): boolean =>
  rows.length > 0 && header !== undefined && lineText(header) !== ''

/** Each row below the header, which is quoted with it. */
const tableUnits: Units = ([header, ...rows]) => {
  if (!header) return []
  return rows.map(({ start, end }) => ({ start, end, header: [header.start, header.end] }))
}

const sentencesOf =
  (wrapped: boolean): Units =>
  (pieces) =>
    pieces.flatMap(({ start, text }) =>
      sentenceSpans(text, { wrapped }).map(([from, to]) => ({ start: start + from, end: start + to })),
    )
const wrappedSentences = sentencesOf(true)
const lineSentences = sentencesOf(false)
