import { InputError } from '../../errors.ts'
import type { Document, Metadata } from '../document.ts'

/** The file that a reader reads. */
export interface SourceFile {
  /** For messages, as the person wrote it. */
  readonly path: string
  /** `collection/relative/path`: the id of the document, or what stands before `#row-id`. */
  readonly id: string
  /** From a sidecar or the command line; what the document itself says wins. */
  readonly defaults?: Metadata
}

/** Turns one file into documents, in its order. @throws {InputError} naming file, line and column of the first fault. */
export type Reader = (bytes: Uint8Array, file: SourceFile) => Document[] | Promise<Document[]>

/** Longest line, UTF-16 units. One row of a file holds one answer or article; more than this is a damaged file. */
export const maxLine = 1_048_576
/** Deepest nesting of brackets, quotes or lists. */
export const maxDepth = 100

const lineFeed = 0x0a

/**
 * The text of a file: UTF-8 without byte order mark.
 * @throws {InputError} if nothing in it can be seen, it is not UTF-8, or holds a NUL or a line of
 * more than `longest` units, with the line.
 */
export function decode(bytes: Uint8Array, path: string, longest = maxLine): string {
  const text = decodeWhole(bytes, path)
  if (!/[^\s\p{C}]/u.test(text)) throw new InputError({ file: path }, 'is empty')
  assertText(text, path)
  assertLines(text, path, longest)
  return text
}

function decodeWhole(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new InputError({ file: path, line: firstBadLine(bytes) }, 'is not UTF-8; save the file as UTF-8', { cause })
  }
}

/** UTF-16 and UTF-32 without a byte order mark are UTF-8, too: every second letter of theirs is NUL. */
function assertText(text: string, path: string): void {
  const at = text.indexOf('\0')
  if (at < 0) return
  const line = text.slice(0, at).split('\n').length
  throw new InputError({ file: path, line }, 'holds a NUL, as UTF-16 does; save the file as UTF-8')
}

/** Lines can be cut at LF before decoding, as no other UTF-8 sequence holds that byte. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(lineFeed, start)
    const end = feed === -1 ? bytes.length : feed
    try {
      decoder.decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    start = end + 1
  }
  return line
}

function assertLines(text: string, path: string, longest: number): void {
  let line = 1
  for (let start = 0; start < text.length; line++) {
    const feed = text.indexOf('\n', start)
    const end = feed === -1 ? text.length : feed
    if (end - start > longest)
      throw new InputError({ file: path, line }, `the line has ${end - start} characters; at most ${longest} are read`)
    start = end + 1
  }
}
