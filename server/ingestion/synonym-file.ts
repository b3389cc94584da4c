import { readFile, stat } from 'node:fs/promises'
import { InputError, messageOf } from '../errors.ts'
import { parseSynonyms } from '../text/synonym-list.ts'
import type { Synonym } from '../text/synonyms.ts'
import { decode } from './formats/source.ts'

/** The file name that marks a collection's synonyms, in the root of its folder; they are data of the search and no document. */
export const synonymsName = 'synonyms.txt'
/** Largest file, in bytes. */
const maxBytes = 262_144

/** The synonyms of a file; none of one that says nothing. @throws {InputError} naming the file, and the line if there is one. */
export async function readSynonyms(path: string): Promise<Synonym[]> {
  const unreadable = (cause: unknown): never => {
    throw new InputError({ file: path }, `cannot be read (${messageOf(cause)})`, { cause })
  }
  const { size } = await stat(path).catch(unreadable)
  if (size > maxBytes) throw new InputError({ file: path }, `has ${size} bytes; at most ${maxBytes} are read`)
  const bytes = await readFile(path).catch(unreadable)
  return bytes.every((byte) => byte <= 0x20) ? [] : parseSynonyms(decode(bytes, path), path)
}
