import mammoth from 'mammoth'
import { InputError } from '../../errors.ts'
import { oneLine } from '../../text/canonical.ts'
import type { Document, HiddenText } from '../document.ts'
import { closePackage, openPackage } from './docx-package.ts'
import { keepVisibleRuns, readStyles } from './docx-visible.ts'
import { htmlOutline } from './html-blocks.ts'
import { elementsOf, parseHtml } from './html-tree.ts'
import { keepVisible } from './html-visible.ts'
import { textOf } from './html-words.ts'
import { documentOf, metadataOf, nameOf } from './outline.ts'
import type { SourceFile } from './source.ts'

/** Parts that hold text; headers and footers stand on every page and are none of the document's. */
const textual = /(^|\/)(document\w*|footnotes|endnotes)\.xml$/

const options = {
  styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"],
  // Pictures are not read.
  convertImage: mammoth.images.imgElement(async () => ({ src: '' })),
}

/**
 * Reads a Word file (.docx): one document. The title is the first paragraph of style Title or Heading 1, else the file's
 * name; hidden, white and struck-out text, deletions and comments are no text.
 * @throws {InputError}
 */
export async function readDocx(bytes: Uint8Array, file: SourceFile): Promise<Document[]> {
  const parts = await openPackage(bytes, file.path)
  const metadata = metadataOf(file, {})
  const { html, hidden } = await convert(parts, file.path)
  const root = parseHtml(html, file.path)
  keepVisible(root, file.path)
  const first = [...elementsOf(root)].find(({ name }) => name === 'h1')
  const title = oneLine(metadata.title ?? '') || (first && oneLine(textOf(first))) || nameOf(file.path)
  const outline = htmlOutline(root, title)
  // Lines of the page in between are nothing that anybody could look up.
  const blocks = outline.blocks.map(({ line: _, ...block }) => block)
  return [documentOf(file, metadata, title, { blocks, toString: outline.toString }, hidden)]
}

async function convert(parts: Map<string, string>, file: string): Promise<{ html: string; hidden: HiddenText[] }> {
  try {
    const styles = readStyles([...parts].find(([name]) => /(^|\/)styles\.xml$/.test(name))?.[1])
    const hidden: HiddenText[] = []
    for (const [name, xml] of parts) {
      if (!textual.test(name)) continue
      const kept = keepVisibleRuns(xml, styles)
      parts.set(name, kept.xml)
      hidden.push(...kept.hidden)
    }
    const { value } = await mammoth.convertToHtml({ buffer: await closePackage(parts) }, options)
    return { html: value, hidden }
  } catch (cause) {
    throw new InputError({ file }, 'cannot be read as a Word file; is it damaged?', { cause })
  }
}
