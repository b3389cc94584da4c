import { createRandom, shuffled } from '../../math/random.ts'
import { createAdam } from '../algorithms/adam.ts'
import type { Shape } from './architecture.ts'
import { initialParameters, initialTable } from './initial.ts'
import { type Batch, openTrainingStep, type Slopes, type TrainingStep } from './training-step.ts'
import { createWordTable } from './word-table.ts'

/** Texts as numbers. */
export interface Sequences {
  /** Ids of words, all of the shape's length; 0 is padding. */
  readonly ids: readonly Int32Array[]
  /** Class of each. */
  readonly labels: readonly number[]
}

export interface FitOptions {
  readonly shape: Shape
  /** Words that have a vector, without padding. */
  readonly words: number
  readonly epochs: number
  /** Texts of a batch. */
  readonly batch: number
  /** Of Adam. */
  readonly rate: number
  /** Share of what the layer before the last gives that is left out at random, 0 to below 1. */
  readonly dropout: number
  /** Gradients longer than this, over all parameters, are shortened to it; 0: never. Source: Pascanu et al. (2013). */
  readonly clip: number
  /** Rows of rare classes count as much as those of frequent ones. */
  readonly balanced: boolean
  readonly seed: number
}

/** What was learnt. */
export interface Weights {
  /** Vectors of words, [words + 1, embedding]. */
  readonly table: Float32Array
  readonly parameters: ReadonlyMap<string, Float32Array>
}

/**
 * Train by mini-batches with Adam; back-propagation through time is part of the graph (see tape.ts). Deterministic for a seed.
 * @param onEpoch told of the mean loss of the epoch and what is learnt so far, which goes on changing; training ends if it
 * says so.
 */
export async function fitSequences(
  rows: Sequences,
  options: FitOptions,
  onEpoch: (epoch: number, loss: number, weights: Weights) => Promise<'go on' | 'enough'>,
): Promise<void> {
  const { shape, epochs, batch: size, seed } = options
  const random = createRandom(seed)
  const table = initialTable(options.words + 1, shape.embedding, random)
  const parameters = initialParameters(shape, random)
  const step = await openTrainingStep(shape, size)
  const learner = createLearner({ table, parameters }, options)
  const batches = createBatches(rows, options, random)
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const order = shuffled(
        rows.labels.map((_, row) => row),
        random,
      )
      let loss = 0
      for (let from = 0; from < order.length; from += size) {
        const picked = order.slice(from, from + size)
        loss += (await learner.learn(step, batches.of(picked))) * picked.length
      }
      if ((await onEpoch(epoch, loss / order.length, { table, parameters })) === 'enough') return
    }
  } finally {
    await step.close()
  }
}

interface Numbered extends Omit<Batch, 'words'> {
  /** Of the batch's words, place by place. */
  readonly ids: Int32Array
}

function createLearner({ table, parameters }: Weights, { shape, rate, clip }: FitOptions) {
  const words = createWordTable(table, shape.embedding)
  const steps = new Map([...parameters].map(([name, values]) => [name, createAdam(values, 0)] as const))
  let read = new Float32Array()
  return {
    /** One step against the gradient of a batch. @returns its loss. */
    async learn(step: TrainingStep, { ids, ...batch }: Numbered): Promise<number> {
      if (read.length !== ids.length * shape.embedding) read = new Float32Array(ids.length * shape.embedding)
      words.read(ids, read)
      const slopes = await step.run({ ...batch, words: read }, parameters)
      if (clip > 0) shorten(slopes, clip)
      words.step(ids, slopes.words, rate)
      for (const [name, move] of steps) move(slopes.parameters.get(name)!, rate)
      return slopes.loss
    },
  }
}

/** Shorten a gradient to a length. */
function shorten({ words, parameters }: Slopes, longest: number): void {
  const all = [words, ...parameters.values()]
  let squares = 0
  for (const part of all) for (const slope of part) squares += slope * slope
  const factor = longest / Math.sqrt(squares)
  if (factor >= 1) return
  for (const part of all) for (let i = 0; i < part.length; i++) part[i]! *= factor
}

function createBatches({ ids, labels }: Sequences, options: FitOptions, random: () => number) {
  const { shape, batch: size, dropout, balanced } = options
  const { length, units, outputs } = shape
  const classWeights = balanced ? balancedWeights(labels) : undefined
  return {
    of(rows: readonly number[]): Numbered {
      const batch = {
        ids: new Int32Array(length * size),
        keep: Float32Array.from({ length: size * units }, () => (random() < dropout ? 0 : 1 / (1 - dropout))),
        targets: new Float32Array(size * outputs),
        weights: new Float32Array(size),
      }
      const total = rows.reduce((sum, row) => sum + (classWeights?.[labels[row]!] ?? 1), 0)
      rows.forEach((row, i) => {
        const [words, label] = [ids[row]!, labels[row]!]
        for (let place = 0; place < length; place++) batch.ids[place * size + i] = words[place]!
        if (outputs === 1) batch.targets[i] = label
        else batch.targets[i * outputs + label] = 1
        batch.weights[i] = (classWeights?.[label] ?? 1) / total
      })
      return batch
    },
  }
}

/** Weights by which every class counts the same. */
function balancedWeights(labels: readonly number[]): readonly number[] {
  const counts: number[] = []
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1
  return counts.map((count) => labels.length / (counts.length * count))
}
