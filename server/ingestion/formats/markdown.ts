import type { Root } from 'mdast'
import remarkFrontmatter from 'remark-frontmatter'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { InputError } from '../../errors.ts'
import { normalise, oneLine } from '../../text/canonical.ts'
import type { Document, Metadata } from '../document.ts'
import { readFrontMatter } from './front-matter.ts'
import { collectBlocks } from './markdown-blocks.ts'
import { assertCheap } from './markdown-cost.ts'
import { applyInPlace } from './markdown-edits.ts'
import { lineText } from './markdown-inline.ts'
import { removeStruck } from './markdown-struck.ts'
import { documentOf, metadataOf, nameOf } from './outline.ts'
import { decode, maxDepth, type SourceFile } from './source.ts'
import { assertNoStrayMetadata } from './stray-fields.ts'

/** Longest line of Markdown, UTF-16 units: the parser's time grows with the square of hostile lines. */
const maxMarkdownLine = 20_000

applyInPlace()
const processor = unified().use(remarkParse).use(remarkFrontmatter, ['yaml']).use(remarkGfm)

/**
 * Reads CommonMark with GFM tables and YAML front matter: one document. Headings are text but never quotable, struck-out
 * words are no text; the title is the front matter's, else the first first-level heading, else the file's name.
 * @throws {InputError}
 */
export function readMarkdown(bytes: Uint8Array, file: SourceFile): Document[] {
  const source = normalise(decode(bytes, file.path, maxMarkdownLine))
  assertShallow(source, file.path)
  assertCheap(source, file.path)
  const root = guarded(file.path, () => processor.parse(source))
  guarded(file.path, () => removeStruck(root, source, file.path))
  const metadata = metadataOf(file, ownFields(root, source, file))
  const title = oneLine(metadata.title ?? firstHeading(root) ?? nameOf(file.path))
  return [
    documentOf(
      file,
      metadata,
      title,
      guarded(file.path, () => collectBlocks(root, title, file.path)),
    ),
  ]
}

/** A tree that is too deep for the stack, or a fault of the parser, is a fault of the file. */
function guarded<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError({ file: path }, 'cannot be read as Markdown; does it nest too deep?', { cause })
  }
}

/** The parser's time grows with the depth of containers on a line: count the marks of quotes and lists that open it. */
function assertShallow(source: string, path: string): void {
  source.split('\n').forEach((line, i) => {
    const marks = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))*/.exec(line)?.[0] ?? ''
    const depth = marks.split(/[>\-+*.)]/).length - 1
    // Each level of a list is at least two columns further in.
    const indented = /^[ \t]*(?=(?:[-+*]|\d{1,9}[.)])[ \t])/.exec(line)?.[0].length ?? 0
    if (Math.max(depth, indented / 2) > maxDepth)
      throw new InputError({ file: path, line: i + 1 }, `nests deeper than ${maxDepth} levels`)
  })
}

function ownFields(root: Root, source: string, { path, defaults }: SourceFile): Metadata {
  const first = root.children[0]
  if (first?.type === 'yaml') return readFrontMatter(first.value, path, 2)
  // Without its closing line a front matter would be read as text, and its dates and audience would be lost.
  if (/^---\n[A-Za-z]+:/.test(source))
    throw new InputError({ file: path, line: 1 }, 'the front matter is not closed by a line ---')
  const what = 'front matter, which has to begin in line 1 with --- and to end with ---'
  assertNoStrayMetadata(source, path, what, defaults)
  return {}
}

function firstHeading(root: Root): string | undefined {
  for (const node of root.children) {
    if (node.type === 'heading' && node.depth === 1) return lineText(node) || undefined
  }
  return undefined
}
