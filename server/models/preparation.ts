import { InputError } from '../errors.ts'
import type { TextRows } from './algorithms/text-head.ts'
import type { Example, TrainRequest } from './service.ts'

/** What examples are called in errors: by now the file they came from is no longer known. */
const file = 'training examples'

/**
 * Check examples and vectors before anything is learnt from them.
 * @throws {InputError} on no example.
 * @throws {RangeError} unless there is one vector an example, all as long and finite.
 */
export function checkRequest({ examples, vectors }: TrainRequest): void {
  if (examples.length === 0) throw new InputError({ file }, 'there are none')
  if (examples.length !== vectors.length) {
    throw new RangeError(`${vectors.length} vectors for ${examples.length} examples`)
  }
  const dimension = vectors[0]!.length
  vectors.forEach((vector, row) => {
    const whose = `the vector of example ${row + 1}`
    if (vector.length !== dimension) throw new RangeError(`${whose} has ${vector.length} dimensions, not ${dimension}`)
    if (!vector.every(Number.isFinite)) throw new RangeError(`${whose} holds a number that is not finite`)
  })
}

/** Labels of an example: its list, or its one label unless that says that it has none. */
export function goldOf({ label, labels }: Example, oosLabel: string | undefined): readonly string[] {
  return labels ?? (label === oosLabel ? [] : [label])
}

/**
 * The labels to learn, sorted.
 * @param oosLabel marks rows that have no label; it is none itself.
 * @throws {InputError} on fewer than two, or when no row is left to tell them apart by.
 */
export function labelsOf(examples: readonly Example[], oosLabel?: string): string[] {
  const known = new Set<string>()
  for (const example of examples) {
    if (example.split !== 'test') for (const label of goldOf(example, oosLabel)) known.add(label)
  }
  if (known.size < 2) throw new InputError({ file }, `at least two labels are needed, not ${known.size}`)
  return [...known].sort()
}

/** A label in words: "Refund_not_showing_up" is "refund not showing up". */
export function nameOf(label: string): string {
  const words = label.replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ').replace(/[\p{P}\p{S}\s]+/gu, ' ')
  return words.trim().toLowerCase()
}

/** The labels' names as rows; undefined unless all are known. */
export function nameRows(labels: readonly string[], { names, examples }: TrainRequest): TextRows | undefined {
  const vectors = labels.flatMap((label) => names?.get(label) ?? [])
  if (vectors.length < labels.length) return undefined
  const several = examples.some((example) => example.labels)
  return {
    ...(several && { lists: labels.map((_, place) => [place]) }),
    ...{ texts: labels.map(nameOf), vectors, labels: labels.map((_, place) => place) },
  }
}

/** What a file of examples holds besides rows: the same text more than once, and with different labels. */
export function repeatsIn(examples: readonly Example[]): {
  readonly duplicates: number
  readonly labelConflicts: number
} {
  const known = new Map<string, string>()
  let [duplicates, labelConflicts] = [0, 0]
  for (const { text, label } of examples) {
    const key = text.trim().toLowerCase()
    const same = known.get(key)
    if (same === undefined) known.set(key, label)
    else if (same === label) duplicates++
    else labelConflicts++
  }
  return { duplicates, labelConflicts }
}

/**
 * The examples that are `wanted`, their labels as numbers.
 * @param places number of each label; a row that has none of them gets the number behind the last.
 */
export function rowsWhere(
  { examples, vectors }: TrainRequest,
  places: ReadonlyMap<string, number>,
  wanted: (example: Example) => boolean,
): TextRows {
  const chosen = examples.flatMap((example, i) => (wanted(example) ? [i] : []))
  const lists = chosen.flatMap((i) => (examples[i]!.labels ? [placesOf(examples[i]!.labels ?? [], places)] : []))
  return {
    texts: chosen.map((i) => examples[i]!.text),
    vectors: chosen.map((i) => vectors[i]!),
    labels: chosen.map((i) => places.get(examples[i]!.label) ?? places.size),
    ...(lists.length > 0 && { lists }),
  }
}

const placesOf = (labels: readonly string[], places: ReadonlyMap<string, number>): number[] =>
  labels.flatMap((label) => places.get(label) ?? [])

/** Place of the highest value of a row, the first of equals. */
export function bestOf(row: ArrayLike<number>): number {
  let best = 0
  for (let k = 1; k < row.length; k++) if (row[k]! > row[best]!) best = k
  return best
}

/** Label → probability. */
export function namedScores(labels: readonly string[], probabilities: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(labels.map((label, place) => [label, probabilities[place]!]))
}
