import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BursarError, messageOf, StorageError } from '../errors.ts'
import { termsVersion } from '../text/terms.ts'
import { createFileWriter } from './file-writer.ts'
import { createFilterBuilder } from './filters.ts'
import { createHnswIndex, hnswParameters } from './hnsw-index.ts'
import { createKeywordBuilder, defaultKeywordParameters } from './keyword-builder.ts'
import type { KeywordParameters } from './keyword-file.ts'
import { fileNames, type Manifest, snapshotFormat, writeManifest } from './manifest.ts'
import { createPassageWriter } from './passage-file.ts'
import { countsOf } from './passage-words.ts'
import { tuneRecall } from './recall.ts'
import type { Removal } from './removal.ts'
import { removeLeftover, sealOf, syncPath } from './sealed-file.ts'
import { openSnapshot } from './snapshot.ts'
import type { PassageRecord } from './types.ts'
import { openVectorFile } from './vector-file.ts'
import { checkId, checkUnitVector } from './vector-index.ts'

export interface SnapshotPassage {
  readonly record: PassageRecord
  /** Unit vector of heading and text. */
  readonly vector: Float32Array
  /** One vector per unit of the record, row-major units × dimension. */
  readonly unitVectors: Float32Array
}

export interface SnapshotOptions {
  readonly generation: number
  readonly encoderId: string
  readonly dimension: number
  readonly keywords?: KeywordParameters
  /** Up to so many passages the vectors are scanned, above a graph is built. */
  readonly exactLimit?: number
  /** Unit vectors of real questions, which the graph's recall is measured with besides sampled passages. */
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
    const { removed } = options
    if (removed) writeSynced(join(temporary, fileNames.removed), Buffer.from(JSON.stringify(removed)))
    const hnsw =
      count > (options.exactLimit ?? defaultExactLimit) ? await writeGraph(temporary, count, options) : undefined
    const manifest = manifestOf(temporary, count, collections, hnsw, options)
    writeManifest(temporary, manifest)
    syncPath(temporary)
    openSnapshot(temporary, options).close()
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

/** Everything but the graph, in one pass. */
async function writeRows(
  dir: string,
  passages: AsyncIterable<SnapshotPassage> | Iterable<SnapshotPassage>,
  { dimension, keywords = defaultKeywordParameters }: SnapshotOptions,
): Promise<{ count: number; collections: string[] }> {
  const vectors = createFileWriter(join(dir, fileNames.vectors))
  const records = createFileWriter(join(dir, fileNames.passages))
  const [writer, filters, index] = [
    createPassageWriter(records, dimension),
    createFilterBuilder(),
    createKeywordBuilder(keywords),
  ]
  const words = new Map<string, number>()
  let [count, last] = [0, -1]
  try {
    for await (const { record, vector, unitVectors } of passages) {
      checkId(record.id)
      if (record.id <= last) throw new RangeError(`passage ${record.id} came after ${last}: ids have to ascend`)
      checkUnitVector(vector, dimension)
      vectors.append(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
      writer.add(record, unitVectors)
      filters.add(record)
      const counts = countsOf(record)
      index.add(counts.terms, counts.headingTerms)
      for (const word of counts.words) words.set(word, (words.get(word) ?? 0) + 1)
      last = record.id
      count++
    }
    for (const file of [writer, vectors, records]) file.finish()
  } finally {
    vectors.abandon()
    records.abandon()
  }
  const { bytes, collections } = filters.build()
  writeSynced(join(dir, fileNames.filters), bytes)
  writeSynced(join(dir, fileNames.keywords), index.build())
  writeSynced(join(dir, fileNames.words), Buffer.from(JSON.stringify([...words])))
  return { count, collections }
}

function writeSynced(path: string, bytes: Uint8Array): void {
  writeFileSync(path, bytes, { flag: 'wx' })
  syncPath(path)
}

async function writeGraph(
  dir: string,
  count: number,
  options: SnapshotOptions,
): Promise<NonNullable<Manifest['hnsw']>> {
  const { encoderId, dimension, questions, onProgress } = options
  const file = openVectorFile(join(dir, fileNames.vectors), dimension)
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
    await index.save(join(dir, fileNames.graph))
    const { m, efConstruction } = hnswParameters
    return { m, efConstruction, ef, recallAt10, recall: [...recall] }
  } finally {
    file.close()
  }
}

function manifestOf(
  dir: string,
  count: number,
  collections: string[],
  hnsw: Manifest['hnsw'],
  { generation, encoderId, dimension, keywords = defaultKeywordParameters, removed }: SnapshotOptions,
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
    files: {
      [fileNames.vectors]: seal('vectors'),
      ...(hnsw && { [fileNames.graph]: seal('graph') }),
      [fileNames.keywords]: seal('keywords'),
      [fileNames.passages]: seal('passages'),
      [fileNames.filters]: seal('filters'),
      [fileNames.words]: seal('words'),
      ...(removed && { [fileNames.removed]: seal('removed') }),
    },
  }
}
