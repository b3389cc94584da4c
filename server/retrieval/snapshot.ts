import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CorruptError, messageOf } from '../errors.ts'
import type { SynonymLists } from '../storage/synonyms.ts'
import type { Vocabulary } from '../text/spelling.ts'
import type { Synonym } from '../text/synonyms.ts'
import { type ChineseDocuments, openChineseDocuments } from './chinese-documents.ts'
import { createGraphSearch, createScan, type DenseSearch } from './dense-search.ts'
import { type Filters, openFilters } from './filters.ts'
import { loadHnswIndex } from './hnsw-index.ts'
import { type KeywordIndex, openKeywordIndex } from './keyword-index.ts'
import { fileNames, type Manifest, readManifest, spaceFiles } from './manifest.ts'
import { openPassageFile, type PassageFile } from './passage-file.ts'
import type { Removal } from './removal.ts'
import { verifySeal } from './sealed-file.ts'
import type { Space } from './types.ts'
import { openVectorFile } from './vector-file.ts'

/** Passages in ascending order of id, called rows. */
export interface Segment {
  readonly filters: Filters
  readonly keywords: KeywordIndex
  readonly vectors: DenseSearch
  /** Of the second encoder, if one was asked for. */
  readonly second: DenseSearch | undefined
  readonly passages: PassageFile
  readonly chinese: ChineseDocuments
}

/** Passages that are searched together. */
export interface View {
  /** Passages. */
  readonly size: number
  /** No passage is in two of them. Their keywords are weighed alike. */
  readonly segments: readonly [Segment, ...Segment[]]
  /** Words of all passages, for correcting misspelt questions. */
  readonly words: Vocabulary
  readonly synonyms: SynonymLists
  close(): void
}

/** One immutable generation of the index, or a delta over one. */
export interface Snapshot extends Segment, View {
  readonly manifest: Manifest
  /** Of a delta: what it takes out of the snapshot below. */
  readonly removed?: Removal
}

/**
 * Open a snapshot folder. Sizes and checksums of all files are verified first, native code last.
 * @throws {CorruptError} if a file is missing, truncated or altered, naming it.
 * @param ids of the encoder, and of the second one if its index is to be opened too.
 * @throws {ModelError} if the vectors are of other encoders.
 */
export function openSnapshot(
  dir: string,
  { encoderId, secondId }: { readonly encoderId: string; readonly secondId?: string | undefined },
): Snapshot {
  const manifest = readManifest(dir, encoderId, secondId)
  checkShape(dir, manifest)
  for (const [name, seal] of Object.entries(manifest.files)) if (seal) verifySeal(join(dir, name), seal)
  const path = (name: keyof typeof fileNames): string => join(dir, fileNames[name])
  const keywords = openKeywordIndex(readBytes(path('keywords')), path('keywords'))
  if (keywords.size !== manifest.count) throw mismatch(path('keywords'), manifest)
  const filters = openFilters(readBytes(path('filters')), manifest.count, manifest.collections, path('filters'))
  const chinese = openChineseDocuments(
    readBytes(path('documents')),
    readBytes(path('documentRows')),
    manifest.count,
    path('documents'),
  )
  const passages = openPassageFile(path('passages'), manifest.count, dimensionsOf(manifest))
  const words: Vocabulary = new Map(parse<[string, number][]>(path('words')))
  const synonyms: SynonymLists = new Map(parse<[string, Synonym[]][]>(path('synonyms')))
  const removed = manifest.files[fileNames.removed] && parse<Removal>(path('removed'))
  const opened: { close(): void }[] = [passages]
  const close = (): void => {
    for (const part of opened) part.close()
  }
  const open = (space: Space): DenseSearch => {
    const vectors = openVectors(dir, manifest, space)
    opened.push(vectors)
    return vectors
  }
  let vectors: DenseSearch
  let second: DenseSearch | undefined
  try {
    vectors = open('first')
    second = secondId === undefined ? undefined : open('second')
  } catch (reason) {
    close()
    throw reason
  }

  const segment = { filters, keywords, vectors, second, passages, chinese }
  const view = { size: manifest.count, segments: [segment] as const, words, synonyms, close }
  return { ...segment, ...view, manifest, ...(removed && { removed }) }
}

/** A snapshot's passage ids, without opening the rest of it. @throws as {@link openSnapshot} */
export function readRowIds(
  dir: string,
  { encoderId }: { encoderId: string },
): { manifest: Manifest; ids: Uint32Array } {
  const manifest = readManifest(dir, encoderId)
  const path = join(dir, fileNames.filters)
  verifySeal(path, manifest.files[fileNames.filters])
  const { ids } = openFilters(readBytes(path), manifest.count, manifest.collections, path)
  return { manifest, ids }
}

const mismatch = (path: string, { count }: Manifest) =>
  new CorruptError(`${path} does not hold ${count} passages: rebuild the index`)

const dimensionsOf = ({ dimension, second }: Manifest): number[] =>
  second ? [dimension, second.dimension] : [dimension]

/** Each encoder's index, as the manifest has it. */
export const indexesOf = (manifest: Manifest): [Space, NonNullable<Manifest['second']>][] =>
  manifest.second
    ? [
        ['first', manifest],
        ['second', manifest.second],
      ]
    : [['first', manifest]]

/** What the checksums cannot tell: that the parts of a well-formed manifest agree with each other. */
function checkShape(dir: string, manifest: Manifest): void {
  const { count, files } = manifest
  for (const [space, { dimension, hnsw }] of indexesOf(manifest)) {
    const [vectors, graph] = [fileNames[spaceFiles[space].vectors], fileNames[spaceFiles[space].graph]]
    if (files[vectors]?.bytes !== count * dimension * 4) throw mismatch(join(dir, vectors), manifest)
    if ((hnsw === undefined) !== (files[graph] === undefined)) throw mismatch(join(dir, graph), manifest)
  }
}

function openVectors(dir: string, manifest: Manifest, space: Space): DenseSearch {
  const index = space === 'first' ? manifest : manifest.second
  if (!index) throw mismatch(join(dir, fileNames.secondVectors), manifest) // who asks for it has read that it is there
  const { encoderId, dimension, hnsw } = index
  const { count, files } = manifest
  const path = join(dir, fileNames[spaceFiles[space].vectors])
  const name = fileNames[spaceFiles[space].graph]
  const graph = files[name]
  if (!hnsw || !graph) return createScan(openVectorFile(path, dimension), count, dimension)
  const seal = { kind: 'hnsw', encoderId, dimension, count, ef: hnsw.ef, ...graph } as const
  return createGraphSearch(
    loadHnswIndex(join(dir, name), seal, { encoderId, dimension }),
    openVectorFile(path, dimension),
    encoderId,
  )
}

/** A file's bytes in a buffer of their own, as typed arrays need their offset aligned. */
function readBytes(path: string): Uint8Array {
  try {
    const bytes = readFileSync(path)
    return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes)
  } catch (cause) {
    throw new CorruptError(`${path} cannot be read (${messageOf(cause)}): rebuild the index`, { cause })
  }
}

/** A sealed file's JSON: the checksum is right, so it is what the writer of this very format wrote. */
function parse<T>(path: string): T {
  try {
    return JSON.parse(new TextDecoder().decode(readBytes(path))) as T
  } catch (cause) {
    throw new CorruptError(`${path} is damaged (${messageOf(cause)}): rebuild the index`, { cause })
  }
}
