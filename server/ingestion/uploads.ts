import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { catalogueName } from './formats/catalogue.ts'
import { readers } from './formats/index.ts'
import { synonymsName } from './synonym-file.ts'

/** One document's file as it came over the network. */
export interface Upload {
  /** `collection/relative/path.md`: the id of the document, or what stands before `#row-id`. */
  readonly doc: string
  readonly bytes: Uint8Array
}

/** Longest id, and longest name of a file or folder in it, in bytes of UTF-8; file systems take no longer names. */
const [maxId, maxName] = [1_000, 255]
/** Longest name of a collection, in characters. */
const maxCollection = 100

/** Why a file cannot have this id; undefined if it can. No id leads out of the folder that it is laid out in. */
export function uploadFault(doc: string): string | undefined {
  const names = doc.split('/')
  if (names.length < 2) return 'has to be a collection, a slash and a path, such as policies/fees.md'
  if (Buffer.byteLength(doc) > maxId) return `has to have at most ${maxId} bytes`
  if (doc !== doc.normalize('NFC')) return 'has to be in Unicode normalisation form C'
  if ([...(names[0] ?? '')].length > maxCollection)
    return `has to name a collection of at most ${maxCollection} characters`
  if (!names.every(isName))
    return 'has to consist of names without control characters, \\, # and . or spaces around them'
  if (basename(doc).toLowerCase() === catalogueName) return 'is the name of the product catalogue, which is no document'
  if (names.length === 2 && names[1] === synonymsName)
    return "is the name of a collection's synonyms, which are no document"
  if (!Object.hasOwn(readers, extname(doc).toLowerCase())) return `has to end in ${Object.keys(readers).join(', ')}`
  return undefined
}

const isName = (name: string): boolean =>
  /^[^\p{C}\p{Zl}\p{Zp}\\#\uFFFD]+$/u.test(name) &&
  name === name.trim() &&
  !name.startsWith('.') &&
  Buffer.byteLength(name) <= maxName

/**
 * Lay files out in a folder of its own, as if somebody had put them there by hand.
 * @param uploads ids without a fault. @returns the folders to ingest, one for each collection.
 */
export async function layOut(dir: string, uploads: readonly Upload[]): Promise<string[]> {
  for (const { doc, bytes } of uploads) {
    const path = join(dir, doc)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, bytes, { mode: 0o600, flag: 'wx' })
  }
  return [...new Set(uploads.map(({ doc }) => join(dir, doc.split('/', 1)[0] ?? '')))]
}
