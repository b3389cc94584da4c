import { type Encoder, loadEncoder } from '../embedding/encoder.ts'
import { InputError, ModelError, UsageError } from '../errors.ts'
import type { ExampleOptions } from '../models/examples.ts'
import { intentService } from '../models/intent.ts'
import { encoderIdOf } from '../models/manifest.ts'
import { nameOf } from '../models/preparation.ts'
import { rightsService } from '../models/rights.ts'
import { sentimentService } from '../models/sentiment.ts'
import { sequenceService } from '../models/sequence/sequence.ts'
import type { Example } from '../models/service.ts'
import type { TextColumns, Way } from './tasks.ts'

/** Heads that are trained on labelled texts, by name. */
export const textServices = {
  intent: intentService,
  sentiment: sentimentService,
  rights: rightsService,
  sequence: sequenceService,
}
export type TextService = keyof typeof textServices
export const isTextService = (name: string): name is TextService => Object.hasOwn(textServices, name)

/** @throws {UsageError} naming the services that there are, or the ways that a service can be trained in. */
export function textServiceOf(name: string, way: Way = {}): (typeof textServices)[TextService] {
  if (!isTextService(name))
    throw new UsageError(`${name} does not label texts: ${Object.keys(textServices).join(', ')}`)
  const { methods } = textServices[name]
  if (methods.length === 0 && (way.method !== undefined || way.options !== undefined))
    throw new UsageError(`${name} is trained in one way: leave out --method and --option`)
  if (way.method !== undefined && !methods.includes(way.method))
    throw new UsageError(`--method of ${name} is one of ${methods.join(', ')}, not '${way.method}'`)
  return textServices[name]
}

/** Where a service's vectors come from. Services that read words get empty ones, and no encoder is loaded for them. */
export interface VectorSource extends Pick<Encoder, 'encode' | 'dimension' | 'close'> {
  /** Undefined without an encoder. */
  readonly id?: string
}

/** @throws {ModelError} if an encoder is needed and cannot be loaded. */
export async function openVectors({ embeds }: { readonly embeds: boolean }, dir: string): Promise<VectorSource> {
  if (embeds) return loadEncoder(dir)
  const nothing = new Float32Array()
  return { dimension: 0, encode: async () => nothing, close: async () => undefined }
}

/** Load a version. @throws {ModelError} if that fails, or it was trained with another encoder than `vectors` are from. */
export async function loadVersion(name: string, version: string, vectors: VectorSource) {
  const reader = await textServiceOf(name).load(version)
  if (encoderIdOf(reader.manifest) === vectors.id) return reader
  throw new ModelError(`${version} was trained with another encoder: bursar train ${name}`)
}

/** How the rows of a service are read: the columns that were named, and what else it needs. */
export function readingOptions(
  { several }: Pick<(typeof textServices)[TextService], 'several'>,
  { oosLabel, only: _, ...columns }: TextColumns = {},
): ExampleOptions {
  return { ...columns, ...(several && { several: { ...several, ...(oosLabel !== undefined && { none: oosLabel }) } }) }
}

/** Unit vectors of texts, in their order. @param onShare told of the share that is done, 0 to 1. */
export async function embedTexts(
  encoder: Pick<Encoder, 'encode'>,
  texts: readonly { readonly text: string }[],
  onShare: (share: number) => void,
): Promise<{ readonly vectors: readonly Float32Array[]; readonly ms: number }> {
  const begun = performance.now()
  const vectors: Float32Array[] = []
  for (const [i, { text }] of texts.entries()) {
    onShare(i / texts.length)
    vectors.push(await encoder.encode(text, 'query'))
  }
  return { vectors, ms: performance.now() - begun }
}

/** The vectors of the names of the labels that are to be learnt. */
export async function embedNames(
  encoder: Pick<Encoder, 'encode'>,
  examples: readonly Example[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const labels = new Set(examples.flatMap(({ label, labels: several = [label] }) => several))
  const names = new Map<string, Float32Array>()
  for (const label of labels) names.set(label, await encoder.encode(nameOf(label), 'query'))
  return names
}

/** @throws {InputError} naming the first label to choose from that the model does not know. */
export function assertLabels(only: readonly string[] | undefined, known: readonly string[]): void {
  const absent = only?.find((label) => !known.includes(label))
  if (absent !== undefined) throw new InputError({ file: '--labels' }, `the model knows no label '${absent}'`)
}
