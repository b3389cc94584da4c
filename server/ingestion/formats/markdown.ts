import type { Root } from 'mdast'
import remarkFrontmatter from 'remark-frontmatter'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { InputError } from '../../errors.ts'
import { normalise, oneLine } from '../../text/canonical.ts'
import { assertOrder, type Document, type Metadata } from '../document.ts'
import { readFrontMatter } from './front-matter.ts'
import { collectBlocks } from './markdown-blocks.ts'
import { lineText } from './markdown-inline.ts'
import { removeStruck } from './markdown-struck.ts'
import { decode, maxDepth, type SourceFile } from './source.ts'

/** Longest line of Markdown, UTF-16 units: the parser's time grows with the square of hostile lines. */
const maxMarkdownLine = 20_000

const processor = unified().use(remarkParse).use(remarkFrontmatter, ['yaml']).use(remarkGfm)

/**
 * Reads CommonMark with GFM tables and YAML front matter: one document. Headings are text but never quotable, struck-out
 * words are no text; the title is the front matter's, else the first first-level heading, else the file's name.
 * @throws {InputError}
 */
export function readMarkdown(bytes: Uint8Array, file: SourceFile): Document[] {
  const source = normalise(decode(bytes, file.path, maxMarkdownLine))
  assertShallow(source, file.path)
  const root = guarded(file.path, () => processor.parse(source))
  guarded(file.path, () => removeStruck(root, source, file.path))
  const metadata: Metadata = { ...file.defaults, ...metadataOf(root, source, file.path) }
  assertOrder(metadata, (column) => ({ file: file.path, ...(column === undefined ? {} : { column }) }))
  const { title: stated, audience = 'customer', ...rest } = metadata
  const title = oneLine(stated ?? firstHeading(root) ?? nameOf(file.path))
  const { text, blocks } = guarded(file.path, () => collectBlocks(root, title, file.path))
  if (blocks.length === 0) throw new InputError({ file: file.path }, 'has no text besides headings')
  return [{ ...rest, id: file.id, audience, title, text, blocks }]
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

function metadataOf(root: Root, source: string, path: string): Metadata {
  const first = root.children[0]
  if (first?.type === 'yaml') return readFrontMatter(first.value, path, 2)
  // Without its closing line a front matter would be read as text, and its dates and audience would be lost.
  if (/^---\n[A-Za-z]+:/.test(source))
    throw new InputError({ file: path, line: 1 }, 'the front matter is not closed by a line ---')
  assertNoStrayMetadata(source, path)
  return {}
}

/** Lines at the top of a file in which a front matter that went wrong is looked for. */
const topLines = 20
const strayField =
  /^\s*["']?(?:audience["']?\s*[:=]\s*["']?(?:agent|customer)\b|(?:from|until)["']?\s*[:=]\s*["']?\d{4}-\d{2}-\d{2})/iu

/**
 * A front matter below an empty line or a comment, or in another syntax, would be read as text: what is for agents would be
 * customers', and what is expired in force.
 */
function assertNoStrayMetadata(source: string, path: string): void {
  const at = source.split('\n', topLines).findIndex((line) => strayField.test(line))
  if (at >= 0)
    throw new InputError(
      { file: path, line: at + 1 },
      'this looks like front matter, which has to begin in line 1 with --- and to end with ---',
    )
}

function firstHeading(root: Root): string | undefined {
  for (const node of root.children) {
    if (node.type === 'heading' && node.depth === 1) return lineText(node) || undefined
  }
  return undefined
}

function nameOf(path: string): string {
  const name = (path.split(/[\\/]/).at(-1) ?? path)
    .replace(/\.[^.]+$/, '')
    .replace(/[-_]+/g, ' ')
    .trim()
  return name === '' ? path : name.charAt(0).toUpperCase() + name.slice(1)
}
