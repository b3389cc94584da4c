import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CorruptError, messageOf } from '../errors.ts'
import type { Vocabulary } from '../text/spelling.ts'
import { createGraphSearch, createScan, type DenseSearch } from './dense-search.ts'
import { type Filters, openFilters } from './filters.ts'
import { loadHnswIndex } from './hnsw-index.ts'
import { type KeywordIndex, openKeywordIndex } from './keyword-index.ts'
import { fileNames, type Manifest, readManifest } from './manifest.ts'
import { openPassageFile, type PassageFile } from './passage-file.ts'
import type { Removal } from './removal.ts'
import { verifySeal } from './sealed-file.ts'
import { openVectorFile } from './vector-file.ts'

/** Passages in ascending order of id, called rows. */
export interface Segment {
  readonly filters: Filters
  readonly keywords: KeywordIndex
  readonly vectors: DenseSearch
  readonly passages: PassageFile
}

/** Passages that are searched together. */
export interface View {
  /** Passages. */
  readonly size: number
  /** No passage is in two of them. Their keywords are weighed alike. */
  readonly segments: readonly [Segment, ...Segment[]]
  /** Words of all passages, for correcting misspelt questions. */
  readonly words: Vocabulary
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
 * @throws {ModelError} if the vectors are of another encoder than `encoderId`.
 */
export function openSnapshot(dir: string, { encoderId }: { encoderId: string }): Snapshot {
  const manifest = readManifest(dir, encoderId)
  checkShape(dir, manifest)
  for (const [name, seal] of Object.entries(manifest.files)) if (seal) verifySeal(join(dir, name), seal)
  const path = (name: keyof typeof fileNames): string => join(dir, fileNames[name])
  const keywords = openKeywordIndex(readBytes(path('keywords')), path('keywords'))
  if (keywords.size !== manifest.count) throw mismatch(path('keywords'), manifest)
  const filters = openFilters(readBytes(path('filters')), manifest.count, manifest.collections, path('filters'))
  const passages = openPassageFile(path('passages'), manifest.count, manifest.dimension)
  const words = new Map(parse<[string, number][]>(path('words')))
  const removed = manifest.files[fileNames.removed] && parse<Removal>(path('removed'))
  let vectors: DenseSearch
  try {
    vectors = openVectors(dir, manifest)
  } catch (reason) {
    passages.close()
    throw reason
  }

  const segment = { filters, keywords, vectors, passages }
  return {
    ...segment,
    manifest,
    size: manifest.count,
    segments: [segment],
    words,
    ...(removed && { removed }),
    close() {
      passages.close()
      vectors.close()
    },
  }
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

/** What the checksums cannot tell: that the parts of a well-formed manifest agree with each other. */
function checkShape(dir: string, manifest: Manifest): void {
  const { count, dimension, hnsw, files } = manifest
  if (files[fileNames.vectors].bytes !== count * dimension * 4) throw mismatch(join(dir, fileNames.vectors), manifest)
  if ((hnsw === undefined) !== (files[fileNames.graph] === undefined))
    throw mismatch(join(dir, fileNames.graph), manifest)
}

function openVectors(dir: string, { encoderId, dimension, count, hnsw, files }: Manifest): DenseSearch {
  const path = join(dir, fileNames.vectors)
  const graph = files[fileNames.graph]
  if (!hnsw || !graph) return createScan(openVectorFile(path, dimension), count, dimension)
  const seal = { kind: 'hnsw', encoderId, dimension, count, ef: hnsw.ef, ...graph } as const
  const index = loadHnswIndex(join(dir, fileNames.graph), seal, { encoderId, dimension })
  return createGraphSearch(index, openVectorFile(path, dimension), encoderId)
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
