import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CorruptError, ModelError, messageOf } from '../errors.ts'
import { termsVersion } from '../text/terms.ts'
import { syncPath } from './sealed-file.ts'
import type { Space } from './types.ts'

/** Raised whenever a file of the snapshot changes its layout: older snapshots are then rebuilt from the store. */
export const snapshotFormat = 6
export const manifestFile = 'manifest.json'
export const fileNames = {
  vectors: 'vectors.f32',
  graph: 'vectors.hnsw',
  keywords: 'keywords.bin',
  passages: 'passages.bin',
  filters: 'filters.bin',
  words: 'words.json',
  synonyms: 'synonyms.json',
  documents: 'documents.bin',
  documentRows: 'documents.u32',
  secondVectors: 'second.f32',
  secondGraph: 'second.hnsw',
  removed: 'removed.json',
} as const

/** Where the vectors of each encoder lie, and their graph. */
export const spaceFiles = {
  first: { vectors: 'vectors', graph: 'graph' },
  second: { vectors: 'secondVectors', graph: 'secondGraph' },
} as const satisfies Record<Space, object>

const count = z.int().min(0)
const share = z.number().min(0).max(1)
const seal = z.object({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) })
const dimension = z.int().min(1).max(65_536)
const graph = z.object({
  m: z.literal(16),
  efConstruction: count,
  ef: z.int().min(1),
  /** Share of the true ten nearest found, the least of what `recall` holds; measured when written. */
  recallAt10: share,
  /** By share of the passages that a filter leaves: over sampled passages, and over questions if there were any. */
  recall: z.array(z.object({ share, passages: count, sampled: share, questions: share.optional() })),
})
const manifestSchema = z.object({
  format: z.literal(snapshotFormat),
  /** Version of the search terms in `keywords.bin`. */
  terms: z.literal(termsVersion),
  generation: count,
  encoderId: z.string().min(1),
  dimension,
  /** Inner product; all vectors have length 1, so it is the cosine. */
  space: z.literal('ip'),
  /** Passages. */
  count,
  /** Of a delta: how many passages it takes out of the snapshot below. */
  removed: count.optional(),
  /** Names in the order of their numbers in `filters.bin`. */
  collections: z.array(z.string()),
  keywords: z.object({ k1: z.number(), b: z.number(), headingWeight: z.number() }),
  /** Present above {@link exactLimit} passages. */
  hnsw: graph.optional(),
  /** The index of a second encoder over the same passages, if there is one. */
  second: z.object({ encoderId: z.string().min(1), dimension, hnsw: graph.optional() }).optional(),
  files: z.object({
    [fileNames.vectors]: seal,
    [fileNames.graph]: seal.optional(),
    [fileNames.keywords]: seal,
    [fileNames.passages]: seal,
    [fileNames.filters]: seal,
    [fileNames.words]: seal,
    [fileNames.synonyms]: seal,
    [fileNames.documents]: seal,
    [fileNames.documentRows]: seal,
    [fileNames.secondVectors]: seal.optional(),
    [fileNames.secondGraph]: seal.optional(),
    /** Present in a delta: what it takes out of the snapshot that it lies over. */
    [fileNames.removed]: seal.optional(),
  }),
})
export type Manifest = z.infer<typeof manifestSchema>
export type Graph = z.infer<typeof graph>

/** Checksum over the manifest, and by its seals over all files of the snapshot; hexadecimal. */
export const checksumOf = (manifest: Manifest): string =>
  createHash('sha256').update(JSON.stringify(manifest)).digest('hex')

/** The file's text: JSON with a checksum over all other fields in its last one. */
const print = (manifest: Manifest): string =>
  `${JSON.stringify({ ...manifest, sha256: checksumOf(manifest) }, null, 2)}\n`

export function writeManifest(dir: string, manifest: Manifest): void {
  const path = join(dir, manifestFile)
  writeFileSync(path, print(manifestSchema.parse(manifest)), { flag: 'wx' })
  syncPath(path)
}

/**
 * Read and check a snapshot's manifest.
 * @throws {CorruptError} if it is missing, of another format, or not byte for byte what was written.
 * @throws {ModelError} if the vectors are another encoder's, or those of the second encoder that is asked for are not there.
 */
export function readManifest(dir: string, encoderId: string, secondId?: string): Manifest {
  const path = join(dir, manifestFile)
  let text: string
  let parsed: unknown
  try {
    text = readFileSync(path, 'utf8')
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new CorruptError(`${path} cannot be read (${messageOf(cause)}): rebuild the index`, { cause })
  }
  const result = manifestSchema.safeParse(parsed)
  if (!result.success) {
    const field = result.error.issues[0]?.path.join('.') || 'the file'
    throw new CorruptError(`${path} is of another version or damaged (${field}): rebuild the index`)
  }
  if (print(result.data) !== text) throw new CorruptError(`${path} does not match its own checksum: rebuild the index`)
  if (result.data.encoderId !== encoderId) {
    throw new ModelError(
      `${dir} was built with encoder ${result.data.encoderId}, this is ${encoderId}: rebuild the index`,
    )
  }
  if (secondId !== undefined && result.data.second?.encoderId !== secondId) {
    throw new ModelError(`${dir} has no index of the second encoder ${secondId}: rebuild the index`)
  }
  return result.data
}
