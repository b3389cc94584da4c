import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { InputError, messageOf, UsageError } from '../errors.ts'

/** A file to ingest, and the id its document will have. */
export interface FoundFile {
  readonly path: string
  /** `collection/relative/path`. */
  readonly id: string
  readonly collection: string
}

/**
 * The files under `paths` that a reader exists for, in the order of their ids. A folder is a collection named after itself, a
 * single file belongs to the collection of the folder it lies in; `collection` names another one. A folder that holds nothing
 * is a collection, too.
 * @throws {InputError} if a path does not exist, a file given by name has no reader, or two files would be one document.
 * @throws {UsageError} if a collection cannot have its name.
 */
export async function findFiles(
  paths: readonly string[],
  extensions: readonly string[],
  collection?: string,
): Promise<{ files: FoundFile[]; collections: string[] }> {
  const found = new Map<string, FoundFile>()
  const collections = new Set<string>()
  for (const given of paths) {
    const path = resolve(given)
    const kind = await stat(path).catch((cause: unknown) => {
      throw new InputError({ file: given }, `cannot be read (${messageOf(cause)})`, { cause })
    })
    // A pipe or a device has no end.
    if (!kind.isFile() && !kind.isDirectory()) throw new InputError({ file: given }, 'is neither a file nor a folder')
    const base = kind.isDirectory() ? path : dirname(path)
    const name = collectionName(collection ?? basename(base), collection === undefined)
    collections.add(name)
    if (kind.isFile() && !extensions.includes(extname(path).toLowerCase())) {
      throw new InputError({ file: given }, `no reader for this kind of file; there are ${extensions.join(', ')}`)
    }
    for (const file of kind.isDirectory() ? await filesUnder(path, extensions) : [path]) {
      const id = `${name}/${relative(base, file).split(sep).join('/')}`.normalize('NFC')
      const other = found.get(id)
      // Two folders of one name: the second file would silently take the first one's place.
      if (other && other.path !== file) throw new InputError({ file }, `has the same id as ${other.path}: ${id}`)
      found.set(id, { path: file, id, collection: name })
    }
  }
  return { files: [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), collections: [...collections] }
}

/** Hidden files and folders are left alone: they are the editor's and the system's. */
async function filesUnder(dir: string, extensions: readonly string[]): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  const lists = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.'))
      .map(async (entry) => {
        const path = join(dir, entry.name)
        if (entry.isDirectory()) return filesUnder(path, extensions)
        return entry.isFile() && extensions.includes(extname(entry.name).toLowerCase()) ? [path] : []
      }),
  )
  return lists.flat()
}

/** Longest name of a collection, in characters. */
const maxCollection = 100

/** A collection is the first part of its documents' ids, which `/` and `#` divide. @throws {UsageError} */
function collectionName(given: string, ofFolder: boolean): string {
  const name = given.normalize('NFC')
  const isGood = /^[^\p{C}\p{Zl}\p{Zp}/\\#]+$/u.test(name) && name === name.trim() && name !== '.' && name !== '..'
  if (isGood && [...name].length <= maxCollection) return name
  const what = ofFolder ? 'the folder cannot give its name to a collection; use --collection' : '--collection'
  throw new UsageError(
    `${what}: "${escaped(name.slice(0, maxCollection))}" has to be 1 to ${maxCollection} characters without slashes, #, control characters and spaces around it, and not . or ..`,
  )
}

/** For messages of one line. */
const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
