import type { List, ListItem, Nodes, Root, RootContent, Table } from 'mdast'
import { InputError } from '../../errors.ts'
import type { BlockKind } from '../../storage/types.ts'
import { htmlText } from './html-text.ts'
import { lineText, plainText } from './markdown-inline.ts'
import {
  createOutline,
  lineSentences,
  type Outline,
  rowsBelow,
  type Units,
  wholePieces,
  withoutBlankLines,
  wrappedSentences,
} from './outline.ts'
import { maxDepth } from './source.ts'

/** The canonical text of a Markdown tree and its blocks, in reading order. @throws {InputError} if it nests too deep. */
export function collectBlocks(root: Root, title: string, path: string): Outline {
  const outline = createOutline(title)
  const add = (kind: BlockKind, node: Nodes, lines: readonly string[], unitsOf: Units) =>
    outline.add(kind, lines, unitsOf, { line: lineOf(node) })
  const visit = (node: RootContent, depth: number): void => {
    if (depth > maxDepth) throw tooDeep(node, path)
    if (node.type === 'heading') outline.heading(node.depth, lineText(node))
    else if (node.type === 'list') add('list', node, itemLines(node, path, depth), wholePieces)
    else if (node.type === 'table') add('table', node, tableLines(node), rowsBelow(hasHeader(node) ? 1 : 0))
    else if (node.type === 'paragraph') add('paragraph', node, [withoutBlankLines(plainText(node))], wrappedSentences)
    else if (node.type === 'code') add('paragraph', node, [withoutBlankLines(node.value)], lineSentences)
    else if (node.type === 'html') add('paragraph', node, [withoutBlankLines(htmlText(node.value))], lineSentences)
    else if (node.type === 'blockquote' || node.type === 'footnoteDefinition')
      for (const child of node.children) visit(child, depth + 1)
  }
  for (const node of root.children) visit(node, 0)
  return outline
}

const lineOf = (node: Nodes): number => node.position?.start.line ?? 1
const tooDeep = (node: Nodes, path: string) =>
  new InputError({ file: path, line: lineOf(node) }, `nests deeper than ${maxDepth} levels`)

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

/** Markdown has no table without a header; writers leave its cells empty. One row alone is a row, not a header. */
const hasHeader = ({ children: [header, ...rows] }: Table): boolean =>
  rows.length > 0 && header !== undefined && lineText(header) !== ''
