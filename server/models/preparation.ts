import { InputError } from '../errors.ts'
import type { TextRows } from './algorithms/text-head.ts'
import type { Example, Reader, TrainRequest } from './service.ts'

/** What examples are called in errors: by now the file they came from is no longer known. */
const file = 'training examples'

/**
 * Check examples and vectors before anything is learnt from them.
 * @throws {InputError} on no example, an empty label, or one text under two labels.
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
  checkLabels(examples)
}

function checkLabels(examples: readonly Example[]): void {
  const known = new Map<string, { readonly label: string; readonly line: number }>()
  examples.forEach(({ text, label }, row) => {
    const [key, line] = [text.trim().toLowerCase(), row + 1]
    const same = known.get(key)
    if (label === '') throw new InputError({ file, line, column: 'label' }, 'is empty')
    if (same && same.label !== label) {
      const reason = `is '${label}', but the same text is '${same.label}' in line ${same.line}`
      throw new InputError({ file, line, column: 'label' }, reason)
    }
    known.set(key, { label, line })
  })
}

/**
 * The labels to learn, sorted.
 * @param oosLabel marks rows that have no label; it is none itself.
 * @throws {InputError} on fewer than two, one with a single example (it could not be held out), or a test row with another one.
 */
export function labelsOf(examples: readonly Example[], oosLabel?: string): string[] {
  const counts = new Map<string, number>()
  for (const { label, split } of examples) {
    if (split !== 'test' && label !== oosLabel) counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  const labels = [...counts.keys()].sort()
  if (labels.length < 2) {
    throw new InputError({ file }, `at least two labels are needed, not ${labels.length}`)
  }
  const lonely = labels.find((label) => counts.get(label)! < 2)
  if (lonely !== undefined) throw new InputError({ file }, `label '${lonely}' needs two examples or more`)
  const strange = examples.find(({ label }) => label !== oosLabel && !counts.has(label))
  if (strange) throw new InputError({ file }, `label '${strange.label}' occurs in test rows only`)
  return labels
}

/**
 * The examples that are `wanted`, their labels as numbers.
 * @param places number of each label.
 */
export function rowsWhere(
  { examples, vectors }: TrainRequest,
  places: ReadonlyMap<string, number>,
  wanted: (example: Example) => boolean,
): TextRows {
  const chosen = examples.flatMap((example, i) => (wanted(example) ? [i] : []))
  return {
    texts: chosen.map((i) => examples[i]!.text),
    vectors: chosen.map((i) => vectors[i]!),
    // Every label has a place: labelsOf refuses the others.
    labels: chosen.map((i) => places.get(examples[i]!.label)!),
  }
}

/** Place of the highest value of a row, the first of equals. */
export function bestOf(row: ArrayLike<number>): number {
  let best = 0
  for (let k = 1; k < row.length; k++) if (row[k]! > row[best]!) best = k
  return best
}

/** One reading after the other. @throws {RangeError} unless there is one vector an example. */
export async function readAll<R>(
  reader: Reader<R>,
  examples: readonly Example[],
  vectors: readonly Float32Array[],
): Promise<R[]> {
  if (examples.length !== vectors.length) {
    throw new RangeError(`${vectors.length} vectors for ${examples.length} examples`)
  }
  const readings: R[] = []
  for (const [i, { text }] of examples.entries()) readings.push(await reader.read(text, vectors[i]!))
  return readings
}

/** Label → probability. */
export function namedScores(labels: readonly string[], probabilities: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(labels.map((label, place) => [label, probabilities[place]!]))
}
