import { InputError } from '../errors.ts'
import type { TextRows } from './algorithms/text-head.ts'
import type { Example, TrainRequest } from './service.ts'

/** What examples are called in errors: by now the file they came from is no longer known. */
const place = (row: number, column?: string) => ({
  file: 'training examples',
  line: row + 1,
  ...(column !== undefined && { column }),
})

/**
 * Check examples and vectors before anything is learnt from them.
 * @throws {InputError} on no example, an empty label, or one text under two labels.
 * @throws {RangeError} unless there is one vector an example, all as long and finite.
 */
export function checkRequest({ examples, vectors }: TrainRequest): void {
  if (examples.length === 0) throw new InputError({ file: 'training examples' }, 'there are none')
  if (examples.length !== vectors.length) {
    throw new RangeError(`${vectors.length} vectors for ${examples.length} examples`)
  }
  const dimension = vectors[0]!.length
  vectors.forEach((vector, row) => {
    checkVector(vector, dimension, `of example ${row + 1}`)
  })
  const labelOf = new Map<string, { label: string; row: number }>()
  examples.forEach(({ text, label }, row) => {
    if (label === '') throw new InputError(place(row, 'label'), 'is empty')
    const known = labelOf.get(keyOf(text))
    if (known && known.label !== label) {
      throw new InputError(
        place(row, 'label'),
        `'${label}', but the same text is '${known.label}' in line ${known.row + 1}`,
      )
    }
    labelOf.set(keyOf(text), { label, row })
  })
}

/** @throws {RangeError} if the vector has another length or holds a number that is not finite. */
export function checkVector(vector: Float32Array, dimension: number, whose: string): void {
  if (vector.length !== dimension)
    throw new RangeError(`the vector ${whose} has ${vector.length} dimensions, not ${dimension}`)
  if (!vector.every(Number.isFinite)) throw new RangeError(`the vector ${whose} holds a number that is not finite`)
}

/**
 * The labels to learn, sorted. @param extra labels that are not classes.
 * @throws {InputError} on fewer than two, or one with a single example (it could not be held out).
 */
export function labelsOf(examples: readonly Example[]): string[] {
  const counts = new Map<string, number>()
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1)
  const labels = [...counts.keys()].sort()
  if (labels.length < 2) {
    throw new InputError(
      { file: 'training examples' },
      `at least two labels are needed, there is ${labels[0] ?? 'none'}`,
    )
  }
  const lonely = labels.find((label) => counts.get(label)! < 2)
  if (lonely !== undefined)
    throw new InputError({ file: 'training examples' }, `label '${lonely}' needs two examples or more`)
  return labels
}

const keyOf = (text: string): string => text.trim().toLowerCase()

/**
 * The examples that are `wanted`, their labels as numbers.
 * @param places number of each label; a label that is missing there becomes −1.
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
    labels: chosen.map((i) => places.get(examples[i]!.label) ?? -1),
  }
}
