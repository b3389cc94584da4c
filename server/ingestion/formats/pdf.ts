import { InputError } from '../../errors.ts'
import { oneLine } from '../../text/canonical.ts'
import type { Document } from '../document.ts'
import { documentOf, metadataOf, nameOf } from './outline.ts'
import { pdfOutline } from './pdf-blocks.ts'
import { readPages } from './pdf-file.ts'
import { linesOf } from './pdf-lines.ts'
import type { SourceFile } from './source.ts'

/**
 * Reads a PDF: one document, each unit with its page. What runs along the edges of pages is left out, and so is what nobody
 * sees. The title is its sidecar's, else the file's name: what PDFs state as their title is mostly another file's name.
 * @throws {InputError}
 */
export async function readPdf(bytes: Uint8Array, file: SourceFile): Promise<Document[]> {
  const metadata = metadataOf(file, {})
  const pages = await readPages(bytes, file.path)
  const hidden = pages.flatMap(({ page, hidden: found }) => found.map((how) => ({ page, how })))
  if (pages.every(({ pieces }) => pieces.length === 0)) {
    const why = hidden.length > 0 ? 'only text that nobody sees, as scanned pages have' : 'no text; is it scanned?'
    throw new InputError({ file: file.path }, `holds ${why}`)
  }
  const title = oneLine(metadata.title ?? nameOf(file.path))
  return [documentOf(file, metadata, title, pdfOutline(linesOf(pages), title), hidden.slice(0, 100))]
}
