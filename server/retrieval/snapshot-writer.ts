import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BursarError, messageOf, StorageError } from '../errors.ts'
import type { SynonymLists } from '../storage/synonyms.ts'
import { termsVersion } from '../text/terms.ts'
import { createChineseDocumentsBuilder } from './chinese-documents.ts'
import { createFileWriter, type FileWriter } from './file-writer.ts'
import { createFilterBuilder } from './filters.ts'
import { createHnswIndex, hnswParameters } from './hnsw-index.ts'
import { createKeywordBuilder, defaultKeywordParameters } from './keyword-builder.ts'
import type { KeywordParameters } from './keyword-file.ts'
import { fileNames, type Graph, type Manifest, snapshotFormat, spaceFiles, writeManifest } from './manifest.ts'
import { createPassageWriter } from './passage-file.ts'
import { countsOf } from './passage-words.ts'
import { tuneRecall } from './recall.ts'
import type { Removal } from './removal.ts'
import { removeLeftover, sealOf, syncPath } from './sealed-file.ts'
import { openSnapshot } from './snapshot.ts'
import type { PassageRecord, Space } from './types.ts'
import { openVectorFile } from './vector-file.ts'
import { checkId, checkUnitVector } from './vector-index.ts'

export interface SnapshotPassage {
  readonly record: PassageRecord
  /** Unit vector of heading and text. */
  readonly vector: Float32Array
  /** One vector per unit of the record, row-major units × dimension. */
  readonly unitVectors: Float32Array
  /** The same by the second encoder; needed if the snapshot has an index of one. */
  readonly second?: { readonly vector: Float32Array; readonly unitVectors: Float32Array }
}

export interface SnapshotOptions {
  readonly generation: number
  readonly encoderId: string
  readonly dimension: number
  /** A second encoder, of which the snapshot gets an index of its own. */
  readonly second?: { readonly encoderId: string; readonly dimension: number }
  readonly keywords?: KeywordParameters
  /** By collection; default none. */
  readonly synonyms?: SynonymLists
  /** Up to so many passages the vectors are scanned, above a graph is built. */
  readonly exactLimit?: number
  /** Unit vectors of real questions by the first encoder, which the graph's recall is measured with besides sampled passages. */
  readonly questions?: readonly Float32Array[]
  /** Makes the snapshot a delta: what it takes out of the snapshot of the same generation that it lies over. */
  readonly removed?: Removal
  /** Called now and then while the graph is built. */
  readonly onProgress?: (done: number, total: number) => void
}

/** A scan of 2,000 × 384 takes as long as a graph search of them (0.2 ms for the 100 nearest), and it is exact. */
export const defaultExactLimit = 2_000
/** Vectors that go into the graph between two looks at the event loop: about 10 ms. */
const graphBatch = 32

/**
 * Write a snapshot from passages in ascending order of id, as a stream: what stays in memory is the keyword index and, above
 * `exactLimit`, the graph. Everything goes to `dir.tmp`, is synced, opened again and checked, and then renamed to `dir`.
 * @throws {RangeError} for ids out of order, bad vectors, dates or audiences.
 * @throws {StorageError} if `dir` exists, or nothing can be written there.
 * @throws {CorruptError} if what was written cannot be opened, or the graph finds less than 0.98 of the true neighbours.
 */
export async function writeSnapshot(
  dir: string,
  passages: AsyncIterable<SnapshotPassage> | Iterable<SnapshotPassage>,
  options: SnapshotOptions,
): Promise<Manifest> {
  if (existsSync(dir)) throw new StorageError(`${dir} exists already: snapshots are never changed, write a new one`)
  const temporary = `${dir}.tmp`
  try {
    rmSync(temporary, { recursive: true, force: true })
    mkdirSync(temporary, { recursive: true, mode: 0o700 }) // texts of agents are in it
    const { count, collections } = await writeRows(temporary, passages, options)
    const { second, removed, synonyms } = options
    writeJson(join(temporary, fileNames.synonyms), [...(synonyms ?? [])])
    if (removed) writeJson(join(temporary, fileNames.removed), removed)
    const graphs = count > (options.exactLimit ?? defaultExactLimit)
    const hnsw = graphs ? await writeGraph(temporary, count, options, 'first') : undefined
    const other =
      graphs && second ? await writeGraph(temporary, count, { ...second, questions: [] }, 'second') : undefined
    const manifest = manifestOf(temporary, { count, collections, hnsw, other }, options)
    writeManifest(temporary, manifest)
    syncPath(temporary)
    openSnapshot(temporary, { ...options, secondId: second?.encoderId }).close()
    renameSync(temporary, dir)
    syncPath(dirname(dir))
    return manifest
  } catch (reason) {
    removeLeftover(temporary)
    if (reason instanceof BursarError || reason instanceof RangeError || !isSystemError(reason)) throw reason
    throw new StorageError(`the index cannot be written to ${dir}: ${messageOf(reason)}`, { cause: reason })
  }
}

const isSystemError = (reason: unknown): boolean => reason instanceof Error && 'syscall' in reason

/** Everything but the graphs, in one pass. */
async function writeRows(
  dir: string,
  passages: AsyncIterable<SnapshotPassage> | Iterable<SnapshotPassage>,
  options: SnapshotOptions,
): Promise<{ count: number; collections: string[] }> {
  const [files, words] = [createRowFiles(dir, options), createWordFiles(dir, options)]
  let [count, last] = [0, -1]
  try {
    for await (const passage of passages) {
      const { id } = passage.record
      checkId(id)
      if (id <= last) throw new RangeError(`passage ${id} came after ${last}: ids have to ascend`)
      files.add(passage)
      words.add(passage.record)
      last = id
      count++
    }
    files.finish()
  } finally {
    files.abandon()
  }
  return { count, collections: words.finish() }
}

/** What is written as it comes: vectors, and passages with the vectors of their units. */
function createRowFiles(dir: string, { dimension, second }: SnapshotOptions) {
  const vectors = createFileWriter(join(dir, fileNames.vectors))
  const others = second && createFileWriter(join(dir, fileNames.secondVectors))
  const records = createFileWriter(join(dir, fileNames.passages))
  const writer = createPassageWriter(records, second ? [dimension, second.dimension] : [dimension])
  return {
    add({ record, vector, unitVectors, second: other }: SnapshotPassage): void {
      appendVector(vectors, vector, dimension)
      if (second && others) appendVector(others, other?.vector ?? new Float32Array(), second.dimension)
      writer.add(record, other ? [unitVectors, other.unitVectors] : [unitVectors])
    },
    finish(): void {
      writer.finish()
      for (const file of [vectors, others, records]) file?.finish()
    },
    abandon(): void {
      for (const file of [vectors, others, records]) file?.abandon()
    },
  }
}

/** What is in memory until the last passage: keywords, filters, vocabulary. */
function createWordFiles(dir: string, { keywords = defaultKeywordParameters }: SnapshotOptions) {
  const [filters, index] = [createFilterBuilder(), createKeywordBuilder(keywords)]
  const documents = createChineseDocumentsBuilder(keywords)
  const words = new Map<string, number>()
  const write = (name: keyof typeof fileNames, bytes: Uint8Array): void =>
    writeSynced(join(dir, fileNames[name]), bytes)
  return {
    add(record: PassageRecord): void {
      filters.add(record)
      const counts = countsOf(record)
      index.add(counts.terms, counts.headingTerms)
      documents.add(record, counts)
      for (const word of counts.words) words.set(word, (words.get(word) ?? 0) + 1)
    },
    /** @returns the collections' names. */
    finish(): string[] {
      const { bytes, collections } = filters.build()
      write('filters', bytes)
      write('keywords', index.build())
      const { index: documentIndex, rows } = documents.build()
      write('documents', documentIndex)
      write('documentRows', rows)
      writeJson(join(dir, fileNames.words), [...words])
      return collections
    },
  }
}

function appendVector(file: FileWriter, vector: Float32Array, dimension: number): void {
  checkUnitVector(vector, dimension)
  file.append(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
}

function writeSynced(path: string, bytes: Uint8Array): void {
  writeFileSync(path, bytes, { flag: 'wx' })
  syncPath(path)
}

const writeJson = (path: string, content: object): void => writeSynced(path, Buffer.from(JSON.stringify(content)))

async function writeGraph(
  dir: string,
  count: number,
  options: Pick<SnapshotOptions, 'encoderId' | 'dimension' | 'questions' | 'onProgress'>,
  space: Space,
): Promise<Graph> {
  const { encoderId, dimension, questions, onProgress } = options
  const { vectors, graph } = spaceFiles[space]
  const file = openVectorFile(join(dir, fileNames[vectors]), dimension)
  try {
    const index = createHnswIndex({ encoderId, dimension, capacity: count })
    const vector = new Float32Array(dimension)
    for (let row = 0; row < count; row++) {
      file.read(row, vector)
      index.add(row, vector)
      if (row % graphBatch !== 0) continue
      onProgress?.(row, count)
      await new Promise(setImmediate)
    }
    onProgress?.(count, count)
    const { ef, recallAt10, recall } = tuneRecall(index, file, questions)
    await index.save(join(dir, fileNames[graph]))
    const { m, efConstruction } = hnswParameters
    return { m, efConstruction, ef, recallAt10, recall: [...recall] }
  } finally {
    file.close()
  }
}

/** What there is to seal. */
interface Written {
  readonly count: number
  readonly collections: string[]
  readonly hnsw: Graph | undefined
  /** The second encoder's. */
  readonly other: Graph | undefined
}

function manifestOf(
  dir: string,
  { count, collections, hnsw, other }: Written,
  { generation, encoderId, dimension, second, keywords = defaultKeywordParameters, removed }: SnapshotOptions,
): Manifest {
  const seal = (name: keyof typeof fileNames) => sealOf(join(dir, fileNames[name]))
  return {
    format: snapshotFormat,
    terms: termsVersion,
    generation,
    encoderId,
    dimension,
    space: 'ip',
    count,
    ...(removed && { removed: removed.ids.length }),
    collections,
    keywords,
    ...(hnsw && { hnsw }),
    ...(second && {
      second: { encoderId: second.encoderId, dimension: second.dimension, ...(other && { hnsw: other }) },
    }),
    files: {
      [fileNames.vectors]: seal('vectors'),
      ...(hnsw && { [fileNames.graph]: seal('graph') }),
      [fileNames.keywords]: seal('keywords'),
      [fileNames.passages]: seal('passages'),
      [fileNames.filters]: seal('filters'),
      [fileNames.words]: seal('words'),
      [fileNames.synonyms]: seal('synonyms'),
      [fileNames.documents]: seal('documents'),
      [fileNames.documentRows]: seal('documentRows'),
      ...(second && { [fileNames.secondVectors]: seal('secondVectors') }),
      ...(other && { [fileNames.secondGraph]: seal('secondGraph') }),
      ...(removed && { [fileNames.removed]: seal('removed') }),
    },
  }
}
