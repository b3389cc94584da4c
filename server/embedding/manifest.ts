import { basename, join } from 'node:path'
import { ModelError } from '../errors.ts'
import { readJson, sha256Of } from './files.ts'
import type { PinnedFile, Prefixes } from './model-spec.ts'

/** Name of the encoder's file, and of its manifest, in an encoder's folder. */
export const ENCODER = 'encoder.onnx'
export const MANIFEST = 'encoder.json'

/** What lies in an encoder's folder, written last: without it, or against it, nothing there is used. */
export interface Manifest {
  readonly name: string
  /** See {@link encoderId}. */
  readonly id: string
  /** Of encoder.onnx. */
  readonly sha256: string
  readonly bytes: number
  readonly dim: number
  readonly maxTokens: number
  readonly prefixes: Prefixes
  /** Whether the build used the shipped smoothing vectors or ones calibrated here. */
  readonly smoothing: 'shipped' | 'own'
  /** Where the official weights came from. */
  readonly source: string
  /** The other files that the encoder needs. */
  readonly files: readonly PinnedFile[]
}

/**
 * What two vectors must share to be comparable: the file, the longest input and the prefixes.
 * @param more whatever else the vectors depend on. @returns 64 hex digits.
 */
export function encoderId(file: string, maxTokens: number, { query, passage }: Prefixes, ...more: string[]): string {
  return sha256Of(JSON.stringify([file, maxTokens, query, passage, ...more]))
}

/**
 * Read an encoder folder's manifest.
 * @throws {ModelError} if it is missing, malformed or contradicts itself.
 */
export async function readManifest(dir: string): Promise<Manifest> {
  const path = join(dir, MANIFEST)
  const json = await readJson(path)
  if (!isManifest(json) || json.id !== encoderId(json.sha256, json.maxTokens, json.prefixes)) {
    throw new ModelError(`${path} is damaged; run \`bursar models pull\``)
  }
  return json
}

/** By hand, and not by zod: importing it would cost every engine 60 ms at its start and 14 MB. */
function isManifest(value: unknown): value is Manifest {
  return (
    isObject(value) &&
    [value.name, value.id, value.sha256, value.source, value.smoothing].every((text) => typeof text === 'string') &&
    [value.bytes, value.dim, value.maxTokens].every((number) => Number.isSafeInteger(number)) &&
    isPrefixes(value.prefixes) &&
    Array.isArray(value.files) &&
    value.files.every(isPinnedFile)
  )
}

/** Names are bare: a manifest that somebody altered cannot make us read elsewhere. */
function isPinnedFile(value: unknown): value is PinnedFile {
  return (
    isObject(value) &&
    typeof value.name === 'string' &&
    basename(value.name) === value.name &&
    typeof value.sha256 === 'string' &&
    Number.isSafeInteger(value.bytes)
  )
}

/** Whether a JSON value is a pair of prefixes. */
export function isPrefixes(value: unknown): value is Prefixes {
  return isObject(value) && typeof value.query === 'string' && typeof value.passage === 'string'
}

/** Whether a JSON value is an object, whose fields may then be looked at. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
