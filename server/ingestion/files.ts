import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { InputError, messageOf, UsageError } from '../errors.ts'
import { isOwned, sidecarFaults } from './sidecars.ts'
import { synonymsName } from './synonym-file.ts'

/** A file to ingest, and the id its document will have. */
export interface FoundFile {
  readonly path: string
  /** `collection/relative/path`. */
  readonly id: string
  readonly collection: string
}

/** A file that is not read, and why. */
export interface Refusal {
  /** As the id that its document would have, control characters escaped. */
  readonly file: string
  readonly reason: string
}

export interface Found {
  /** In the order of their ids. */
  readonly files: readonly FoundFile[]
  readonly collections: readonly string[]
  /** Path of the synonyms by collection, where a folder holds some. */
  readonly synonyms: ReadonlyMap<string, string>
  /** Files that somebody has to look at: they are, or may decide about, documents. */
  readonly rejected: readonly Refusal[]
  /** Files of other kinds. */
  readonly skipped: readonly Refusal[]
}

/**
 * The files under `paths`. A folder is a collection named after itself, a single file belongs to the collection of the folder
 * it lies in; `collection` names another one. A folder that holds nothing is a collection, too.
 * @throws {InputError} if a path does not exist, a file given by name has no reader, or two files would be one document.
 * @throws {UsageError} if a collection cannot have its name.
 */
export async function findFiles(
  paths: readonly string[],
  extensions: readonly string[],
  collection?: string,
): Promise<Found> {
  const files = new Map<string, FoundFile>()
  const refused = { rejected: new Map<string, string>(), skipped: new Map<string, string>() }
  const [collections, synonyms] = [new Set<string>(), new Map<string, string>()]
  for (const given of paths) {
    const { base, looks } = await lookAt(given, extensions)
    const name = collectionName(collection ?? basename(base), collection === undefined)
    collections.add(name)
    for (const { path, verdict, reason } of looks) {
      const id = `${name}/${relative(base, path).split(sep).join('/')}`.normalize('NFC')
      if (verdict !== 'read') {
        refused[verdict].set(escaped(id), `${escaped(path)}: ${reason}`)
        continue
      }
      const isSynonyms = relative(base, path) === synonymsName
      const other = isSynonyms ? synonyms.get(name) : files.get(id)?.path
      // Two folders of one name: the second file would silently take the first one's place.
      if (other && other !== path) throw new InputError({ file: path }, `has the same id as ${other}: ${id}`)
      if (isSynonyms) synonyms.set(name, path)
      else files.set(id, { path, id, collection: name })
    }
  }
  const sorted = (refusals: ReadonlyMap<string, string>): Refusal[] =>
    [...refusals].map(([file, reason]) => ({ file, reason })).sort((a, b) => (a.file < b.file ? -1 : 1))
  return {
    files: [...files.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    collections: [...collections],
    synonyms,
    rejected: sorted(refused.rejected),
    skipped: sorted(refused.skipped),
  }
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

/** One file below a path that was given. */
interface Look {
  readonly path: string
  readonly verdict: 'read' | 'rejected' | 'skipped'
  readonly reason: string
}

async function lookAt(given: string, extensions: readonly string[]): Promise<{ base: string; looks: Look[] }> {
  const path = resolve(given)
  const kind = await stat(path).catch((cause: unknown) => {
    throw new InputError({ file: given }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  if (kind.isDirectory()) return { base: path, looks: await looksUnder(path, extensions) }
  // A pipe or a device has no end.
  if (!kind.isFile()) throw new InputError({ file: given }, 'is neither a file nor a folder')
  if (!extensions.includes(extname(path).toLowerCase()))
    throw new InputError({ file: given }, `no reader for this kind of file; there are ${extensions.join(', ')}`)
  const names = (await visibleIn(dirname(path)).catch(() => [])).filter((entry) => !entry.isDirectory())
  const faults = sidecarFaults(
    names.map(({ name }) => name),
    isReadOf(extensions),
  )
  const reason = nameFault(basename(path)) ?? faults.get(basename(path))
  return { base: dirname(path), looks: [{ path, verdict: reason ? 'rejected' : 'read', reason: reason ?? '' }] }
}

const isReadOf = (extensions: readonly string[]) => (name: string) => extensions.includes(extname(name).toLowerCase())
/** Hidden files and folders are left alone: they are the editor's and the system's. */
const visibleIn = async (dir: string): Promise<Dirent[]> =>
  (await readdir(dir, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'))

async function looksUnder(dir: string, extensions: readonly string[]): Promise<Look[]> {
  let entries: Dirent[]
  try {
    entries = await visibleIn(dir)
  } catch (cause) {
    return [{ path: dir, verdict: 'rejected', reason: `cannot be read (${messageOf(cause)})` }]
  }
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
  const there = new Set(names)
  const isRead = isReadOf(extensions)
  const faults = sidecarFaults(names, isRead)
  const lists = await Promise.all(
    entries.map(async (entry): Promise<Look[]> => {
      const path = join(dir, entry.name)
      const fault = nameFault(entry.name) ?? faults.get(entry.name)
      if (fault) return [{ path, verdict: 'rejected', reason: fault }]
      if (entry.isDirectory()) return looksUnder(path, extensions)
      const reason = kindFault(entry)
      if (isOwned(entry.name, there)) return reason ? [{ path, verdict: 'rejected', reason }] : []
      if (isRead(entry.name)) return [{ path, verdict: reason ? 'rejected' : 'read', reason: reason ?? '' }]
      return [{ path, verdict: 'skipped', reason: reason ?? 'there is no reader for this kind of file' }]
    }),
  )
  return lists.flat()
}

function kindFault(entry: Dirent): string | undefined {
  if (entry.isFile()) return undefined
  // It may lead out of the folder, or round in it.
  if (entry.isSymbolicLink()) return 'is a symbolic link, which is not followed; put the file itself here'
  return 'is neither a file nor a folder'
}

/** Names are shown in terminals and logs and become ids. */
function nameFault(name: string): string | undefined {
  if (/\p{Bidi_Control}/u.test(name)) return 'its name holds a sign that turns the direction of writing; rename it'
  if (name.includes('\uFFFD')) return 'its name is not UTF-8; rename it'
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) ? 'its name holds a control character; rename it' : undefined
}

const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
