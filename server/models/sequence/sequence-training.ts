import { InputError } from '../../errors.ts'
import { fitTemperature, logLoss } from '../../evaluation/calibration.ts'
import { type Outcome, sequenceFigures } from '../../evaluation/label-figures.ts'
import { stratifiedFolds } from '../algorithms/folds.ts'
import { modelFile } from '../head-session.ts'
import { judgementOf, outcomeOf } from '../judgement.ts'
import { labelsOf } from '../preparation.ts'
import type { Artifact, Example, TrainRequest } from '../service.ts'
import type { Shape } from './architecture.ts'
import { type FitOptions, fitSequences, type Sequences, type Weights } from './fit.ts'
import { type SequenceOptions, sequenceOptions } from './sequence-options.ts'
import { openSequence } from './sequence-session.ts'
import { type SequenceModel, writeSequenceModel } from './serving-graph.ts'
import { fitWords, sequenceOf, wordsOf } from './words.ts'

/** One part of ten chooses the epoch and the temperature; another gives the figures, unless there are test rows. */
const parts = 10

/**
 * Train a sequence classifier; the epoch with the least loss on held-out rows is kept, and its temperature is fitted to them.
 * @throws {InputError} on lists of labels, one label only, too few rows, an unknown option.
 */
export async function trainSequence({ examples, seed, onProgress, method, options }: TrainRequest): Promise<Artifact> {
  const chosen = sequenceOptions(method, options)
  if (examples.some(({ labels }) => labels))
    throw new InputError({ file: '--labels-column' }, 'is not for sequence: one label a text')
  const labels = labelsOf(examples)
  const { train, validation, test } = divided(examples, labels, seed)
  const words = fitWords(
    train.map(({ text }) => wordsOf(text)),
    chosen.words,
  )
  const rows = sequencesOf(train, labels, words, chosen)
  const held = createValidation(validation, labels)
  let best: Kept | undefined
  let idle = 0
  await fitSequences(rows, fitOptionsOf(chosen, labels.length, words.length, seed), async (epoch, loss, weights) => {
    const model = { shape: shapeOf(chosen, labels.length), fitting: chosen, words, temperature: 1, ...weights }
    const found = await held.judge(model)
    idle = best && found.loss >= best.loss ? idle + 1 : 0
    if (idle === 0) best = { ...found, epoch, trainLoss: loss, model: { ...model, ...copyOf(weights) } }
    onProgress?.(epoch / chosen.epochs)
    return idle >= chosen.patience ? 'enough' : 'go on'
  })
  return artifactOf(best!, labels, test)
}

/** The state of an epoch, and what it is worth. */
interface Kept {
  readonly model: SequenceModel
  /** On the rows that chose it. */
  readonly loss: number
  readonly temperature: number
  readonly epoch: number
  readonly trainLoss: number
}

async function artifactOf(
  { model, ...kept }: Kept,
  labels: readonly string[],
  test: readonly Example[],
): Promise<Artifact> {
  const { temperature } = kept
  const file = writeSequenceModel({ ...model, temperature }, labels)
  const session = await openSequence(file, 'a new model')
  const outcomes: Outcome[] = []
  for (const { text, label } of test) {
    const judgement = judgementOf((await session.run(text)).probabilities, 0, { labels, thresholds: {} })
    outcomes.push(outcomeOf([label], judgement, labels))
  }
  await session.close()
  const { epoch, trainLoss, loss } = kept
  return {
    task: 'sequence-classification',
    files: new Map([[modelFile, file]]),
    labels,
    temperature,
    thresholds: {},
    metrics: { n: test.length, ...sequenceFigures(outcomes), epoch, trainLoss, heldOutLoss: loss },
  }
}

/** Deal the rows out, every label evenly. */
function divided(examples: readonly Example[], labels: readonly string[], seed: number) {
  const learnt = examples.filter(({ split }) => split !== 'test')
  const given = examples.filter(({ split }) => split === 'test')
  if (learnt.length < 2 * parts)
    throw new InputError(
      { file: 'training examples' },
      `${learnt.length} are too few: ${2 * parts} at least, as some are held out`,
    )
  const folds = stratifiedFolds(
    learnt.map(({ label }) => labels.indexOf(label)),
    parts,
    seed,
  )
  const fold = (wanted: (fold: number) => boolean) => learnt.filter((_, row) => wanted(folds[row]!))
  const validation = fold((one) => one === 0)
  const test = given.length > 0 ? given : fold((one) => one === 1)
  const train = fold((one) => one > (given.length > 0 ? 0 : 1))
  return { train, validation, test }
}

function sequencesOf(
  rows: readonly Example[],
  labels: readonly string[],
  words: readonly string[],
  fitting: SequenceOptions,
): Sequences {
  const ids = new Map(words.map((word, i) => [word, i + 1]))
  return {
    ids: rows.map(({ text }) => sequenceOf(wordsOf(text), ids, fitting)),
    labels: rows.map(({ label }) => labels.indexOf(label)),
  }
}

const shapeOf = (
  { kind, length, embedding, units, window }: ReturnType<typeof sequenceOptions>,
  labels: number,
): Shape => ({
  ...{ kind, length, embedding, units, window },
  outputs: labels === 2 ? 1 : labels,
})

function fitOptionsOf(
  chosen: ReturnType<typeof sequenceOptions>,
  labels: number,
  words: number,
  seed: number,
): FitOptions {
  const { epochs, batch, rate, dropout, clip, balanced } = chosen
  return {
    shape: shapeOf(chosen, labels),
    words,
    epochs,
    batch,
    rate,
    dropout,
    clip,
    balanced: balanced === 'yes',
    seed,
  }
}

/** Measures a model on held-out rows, by the very graph that is served. */
function createValidation(rows: readonly Example[], labels: readonly string[]) {
  const gold = rows.map(({ label }) => labels.indexOf(label))
  return {
    async judge(model: SequenceModel): Promise<{ readonly loss: number; readonly temperature: number }> {
      const session = await openSequence(writeSequenceModel(model, labels), 'a model in training')
      const logits: Float32Array[] = []
      for (const { text } of rows) {
        const { logits: said } = await session.run(text)
        logits.push(said.length === 1 ? Float32Array.of(0, said[0]!) : said)
      }
      await session.close()
      return { loss: logLoss(logits, gold), temperature: fitTemperature(logits, gold) }
    },
  }
}

const copyOf = ({ table, parameters }: Weights): Weights => ({
  table: table.slice(),
  parameters: new Map([...parameters].map(([name, values]) => [name, values.slice()])),
})
