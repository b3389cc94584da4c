import type { Encoder } from '../embedding/encoder.ts'
import { InputError, UsageError } from '../errors.ts'
import type { ExampleOptions } from '../models/examples.ts'
import { intentService } from '../models/intent.ts'
import { nameOf } from '../models/preparation.ts'
import { rightsService } from '../models/rights.ts'
import { sentimentService } from '../models/sentiment.ts'
import type { Example } from '../models/service.ts'
import type { TextColumns } from './tasks.ts'

/** Heads that are trained on labelled texts, by name. */
export const textServices = { intent: intentService, sentiment: sentimentService, rights: rightsService }
export type TextService = keyof typeof textServices
export const isTextService = (name: string): name is TextService => Object.hasOwn(textServices, name)

/** @throws {UsageError} naming the services that there are. */
export function textServiceOf(name: string): (typeof textServices)[TextService] {
  if (isTextService(name)) return textServices[name]
  throw new UsageError(`${name} does not label texts: ${Object.keys(textServices).join(', ')}`)
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
  encoder: Encoder,
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
  encoder: Encoder,
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
