import { basename } from 'node:path'
import { catalogueName } from './catalogue.ts'
import { readCsv, readTsv } from './csv.ts'
import { readJsonl } from './jsonl.ts'
import { readMarkdown } from './markdown.ts'
import { readText } from './plain-text.ts'
import type { Reader } from './source.ts'

// Parsers of these formats are large, and are loaded for the first file that needs them.
const readHtml: Reader = async (bytes, file) => (await import('./html.ts')).readHtml(bytes, file)

const readDocx: Reader = async (bytes, file) => (await import('./docx.ts')).readDocx(bytes, file)

const readPdf: Reader = async (bytes, file) => (await import('./pdf.ts')).readPdf(bytes, file)

/** Reader by file extension, small letters. A new format is one file and one line here. */
export const readers: Readonly<Record<string, Reader>> = {
  '.md': readMarkdown,
  '.markdown': readMarkdown,
  '.csv': readCsv,
  '.tsv': readTsv,
  '.jsonl': readJsonl,
  '.txt': readText,
  '.html': readHtml,
  '.htm': readHtml,
  '.docx': readDocx,
  '.pdf': readPdf,
}

/** The reader of a file, by its extension; undefined if no format is known. The product catalogue is not a document. */
export function readerOf(path: string): Reader | undefined {
  const name = basename(path).toLowerCase()
  const dot = name.lastIndexOf('.')
  return name === catalogueName || dot < 1 ? undefined : readers[name.slice(dot)]
}

/** Where a row file's defaults are looked for. */
export const sidecarOf = (path: string): string => `${path}.yaml`
