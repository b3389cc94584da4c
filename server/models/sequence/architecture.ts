import type { Parameter, Tape, Value } from './tape.ts'
import {
  add,
  affine,
  joinColumns,
  maxOver,
  multiply,
  relu,
  sigmoid,
  sliceRows,
  splitColumns,
  splitRows,
  tanh,
} from './tape-operators.ts'

/** Kinds of sequence classifiers. */
export type Kind = 'lstm' | 'rnn' | 'cnn'

/** Sizes of a sequence classifier. */
export interface Shape {
  readonly kind: Kind
  /** Words of a text, after padding and truncation. */
  readonly length: number
  /** Of a word's vector. */
  readonly embedding: number
  /** Of the recurrent state; filters of the convolution. */
  readonly units: number
  /** Words that a filter sees at once. */
  readonly window: number
  /** 1: sigmoid, of the second of two labels; more: softmax, one a label. */
  readonly outputs: number
}

/** Shape of every learnt matrix by name; the table of words apart. In the layout of Keras: inputs × outputs, gates i f c o. */
export function parameterShapes({
  kind,
  embedding,
  units,
  window,
  outputs,
}: Shape): ReadonlyMap<string, readonly [number, number]> {
  const gates = kind === 'lstm' ? 4 : 1
  const seen = kind === 'cnn' ? window * embedding : embedding
  return new Map([
    ['kernel', [seen, gates * units]],
    ...(kind === 'cnn' ? [] : [['recurrent', [units, gates * units]] as const]),
    ['bias', [1, gates * units]],
    ['denseKernel', [units, outputs]],
    ['denseBias', [1, outputs]],
  ])
}

/**
 * The logits [rows, outputs] of `rows` texts.
 * @param words vectors [length · rows, embedding]: the first word of every text, then the second of every text, and so on.
 * @param keep of what the layer before the last gives, [rows, units]: 0 for what drops out, else more than 1; none: all stays.
 */
export function addLogits(
  tape: Tape,
  shape: Shape,
  parameters: ReadonlyMap<string, Parameter>,
  words: Value,
  keep?: Value,
): Value {
  const of = (name: string) => parameters.get(name)!
  const read = { lstm: addLstm, rnn: addElman, cnn: addConvolution }[shape.kind](tape, shape, of, words)
  return affine(tape, keep ? multiply(tape, read, keep) : read, of('denseKernel'), of('denseBias'))
}

type Of = (name: string) => Parameter

/** The last state of a long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000). */
function addLstm(tape: Tape, { length, units }: Shape, of: Of, words: Value): Value {
  const seen = splitRows(tape, affine(tape, words, of('kernel'), of('bias')), length)
  let [state, cell]: (Value | undefined)[] = []
  for (const x of seen) {
    const sums = state ? add(tape, x, affine(tape, state, of('recurrent'))) : x
    const [i, f, g, o] = splitColumns(tape, sums, [units, units, units, units])
    const written = multiply(tape, sigmoid(tape, i!), tanh(tape, g!))
    cell = cell ? add(tape, multiply(tape, sigmoid(tape, f!), cell), written) : written
    state = multiply(tape, sigmoid(tape, o!), tanh(tape, cell))
  }
  return state!
}

/** The last state of a simple recurrent layer (Elman 1990). */
function addElman(tape: Tape, { length }: Shape, of: Of, words: Value): Value {
  let state: Value | undefined
  for (const x of splitRows(tape, affine(tape, words, of('kernel'), of('bias')), length)) {
    state = tanh(tape, state ? add(tape, x, affine(tape, state, of('recurrent'))) : x)
  }
  return state!
}

/** The highest response of each filter over a text (Kim, Convolutional Neural Networks for Sentence Classification, 2014). */
function addConvolution(tape: Tape, { length, window }: Shape, of: Of, words: Value): Value {
  const rows = words.rows / length
  const places = length - window + 1
  const seen = Array.from({ length: window }, (_, i) => sliceRows(tape, words, i * rows, (i + places) * rows))
  return maxOver(tape, relu(tape, affine(tape, joinColumns(tape, seen), of('kernel'), of('bias'))), places)
}
