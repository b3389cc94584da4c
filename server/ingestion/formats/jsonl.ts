import type { Document } from '../document.ts'
import { jsonLines } from './json-line.ts'
import { createRows } from './rows.ts'
import { decode, type SourceFile } from './source.ts'

/** Reads JSON lines: one object a line, one document each. @throws {InputError} */
export function readJsonl(bytes: Uint8Array, file: SourceFile): Document[] {
  const rows = createRows(file)
  for (const [i, { value, line }] of jsonLines(decode(bytes, file.path), file.path).entries())
    rows.add(value, i + 1, line)
  return rows.documents
}
