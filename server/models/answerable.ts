import { InferenceSession, Tensor } from 'onnxruntime-node'
import { ModelError, messageOf } from '../errors.ts'
import { createGraph } from '../onnx/graph.ts'
import { tensor } from '../onnx/tensor.ts'
import { stackRows } from './algorithms/features.ts'
import type { Interaction } from './algorithms/interaction.ts'
import { type Calibration, headModel, writeHead } from './head-graph.ts'
import { modelFile } from './head-session.ts'
import type { TextManifest } from './manifest.ts'
import {
  defaultToleratedError,
  figuresAt,
  readVerdicts,
  thresholdFor,
  type Verdict,
  writeVerdicts,
} from './reliability.ts'
import type { Artifact, Metrics } from './service.ts'
import { type LinearModel, logitsOf, trainBinary } from './training.ts'
import { readTextVersion } from './version-folder.ts'

export const answerableService = 'answerable'
/** Raised when features (retrieval scores are some), graph or training change. */
export const answerableRecipe = 9

const spanFile = 'span.onnx'
const interactionFile = 'interaction.onnx'
/** What the calibrated probabilities turned out to be worth; thresholds follow from it. */
const verdictsFile = 'verdicts.json'
const noCalibration = { slope: 1, offset: 0 }
/** Below this share of the usual answer threshold a message has no topic. */
const topicShare = 0.4

/** Scores spans, and says how probable it is that the best one answers the question. */
export interface AnswerableHead {
  readonly manifest: TextManifest
  /** What the thresholds follow from. */
  readonly toleratedError: number
  /** Below `answer` nothing is quoted; below `topic` a message has no topic at all. Probabilities, 0 to 1. */
  readonly thresholds: { readonly answer: number; readonly topic: number }
  /** Where the answers to a question lie, from its unit vector: see {@link Interaction}. @throws {ModelError} */
  direction(question: Float32Array): Promise<Float32Array>
  /** Probability per row that the span holds the answer. @throws {ModelError} */
  span(rows: readonly Float32Array[]): Promise<readonly number[]>
  /** Probability per row that the chosen span answers the question. @throws {ModelError} */
  answer(rows: readonly Float32Array[]): Promise<readonly number[]>
  close(): Promise<void>
}

/** Fit one of the two scorers: logistic regression on standardised features. @throws {RangeError} if all labels are the same. */
export function fitScorer(rows: readonly Float32Array[], labels: readonly number[], l2: number): Promise<LinearModel> {
  return trainBinary(stackRows(rows), labels, { l2, standardise: true })
}

/** Probabilities of a fitted scorer, not calibrated. */
export async function scoresOf(model: LinearModel, rows: readonly Float32Array[]): Promise<number[]> {
  if (rows.length === 0) return []
  return Array.from(await logitsOf(model, stackRows(rows)), (logit) => 1 / (1 + Math.exp(-logit)))
}

/**
 * Make probabilities mean what they say on other questions than those of the training: a line through their logits.
 * Source: Platt, Probabilistic outputs for support vector machines (1999).
 */
export async function calibrate(verdicts: readonly Verdict[]): Promise<Calibration> {
  const logits = verdicts.map(({ probability }) => Float32Array.of(logitOf(probability)))
  const labels = verdicts.map(({ right }) => (right ? 1 : 0))
  const { weights, bias } = await trainBinary(stackRows(logits), labels, { l2: 0 })
  return { slope: weights[0]!, offset: bias[0]! }
}

export const calibrated = ({ slope, offset }: Calibration, probability: number): number =>
  1 / (1 + Math.exp(-slope * logitOf(probability) - offset))

/** Bounded, as no probability is 0 or 1 for sure. */
function logitOf(probability: number): number {
  const bounded = Math.min(1 - 1e-6, Math.max(1e-6, probability))
  return Math.log(bounded / (1 - bounded))
}

/** The interaction and the two scorers as a version. */
export function packAnswerable(
  interaction: Interaction,
  span: LinearModel,
  answer: LinearModel,
  { calibration, verdicts }: { readonly calibration: Calibration; readonly verdicts: readonly Verdict[] },
): Artifact {
  const threshold = thresholdFor(verdicts, defaultToleratedError)
  return {
    files: new Map([
      [modelFile, writeHead(answer, calibration)],
      [spanFile, writeHead(span, noCalibration)],
      [interactionFile, writeInteraction(interaction)],
      [verdictsFile, writeVerdicts(verdicts)],
    ]),
    labels: ['unanswered', 'answered'],
    temperature: 1,
    thresholds: {},
    metrics: figuresAt(verdicts, threshold),
  }
}

function writeInteraction({ dimension, rank, left, right }: Interaction): Uint8Array {
  const graph = createGraph('interaction')
  const question = graph.input('question', 'float32', [1, dimension])
  const middle = graph.node('MatMul', [question, graph.init('left', tensor(left, [dimension, rank]))], 'middle')
  const factor = graph.init('right', tensor(right, [dimension, rank]))
  graph.output(graph.node('Gemm', [middle, factor], 'direction', { transB: 1 }), 'float32', [1, dimension])
  return graph.finish(headModel)
}

/**
 * Check and load a version folder.
 * @param toleratedError share of answers that may be wrong, 0 to 1; the threshold follows from it.
 * @throws {ModelError} naming the file and the command that makes a new version.
 */
export async function loadAnswerable(dir: string, toleratedError: number): Promise<AnswerableHead> {
  const { manifest, files, verdicts } = await readAnswerable(dir)
  const open = async (name: string): Promise<InferenceSession> => {
    const model = files.get(name)
    if (!model) throw new ModelError(`${dir} holds no ${name}: ${again}`)
    return InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 }).catch(
      (cause: unknown) => {
        throw new ModelError(`${dir}/${name} cannot be loaded (${messageOf(cause)}): ${again}`, { cause })
      },
    )
  }
  const [answerSession, spanSession, interaction] = [
    await open(modelFile),
    await open(spanFile),
    await open(interactionFile),
  ]
  return {
    manifest,
    toleratedError,
    thresholds: {
      answer: thresholdFor(verdicts, toleratedError),
      // What a message is about does not hang on how sure an answer has to be.
      topic: topicShare * Math.min(1, thresholdFor(verdicts, defaultToleratedError)),
    },
    direction: (question) =>
      run(interaction, { question: new Tensor('float32', question, [1, question.length]) }, 'direction'),
    span: (rows) => score(spanSession, rows),
    answer: (rows) => score(answerSession, rows),
    close: async () => {
      await Promise.all([answerSession, spanSession, interaction].map((session) => session.release()))
    },
  }
}

/** What answers of a version are worth when so many may be wrong: see {@link figuresAt}. @throws {ModelError} */
export async function answerableFigures(dir: string, toleratedError: number): Promise<Metrics> {
  const { verdicts } = await readAnswerable(dir)
  return figuresAt(verdicts, thresholdFor(verdicts, toleratedError))
}

const again = `make a new version with: bursar train ${answerableService}`

async function readAnswerable(dir: string) {
  const { manifest, files } = await readTextVersion(dir, answerableService)
  const verdicts = files.get(verdictsFile)
  if (manifest.recipe !== answerableRecipe || !verdicts) {
    throw new ModelError(`${dir} was made by another release: ${again}`)
  }
  return { manifest, files, verdicts: readVerdicts(verdicts, `${dir}/${verdictsFile}`) }
}

async function score(session: InferenceSession, rows: readonly Float32Array[]): Promise<readonly number[]> {
  if (rows.length === 0) return []
  const { dense, columns } = stackRows(rows)
  const features = new Tensor('float32', dense, [rows.length, columns])
  return Array.from(await run(session, { features }, 'probabilities'))
}

async function run(session: InferenceSession, feeds: Record<string, Tensor>, output: string): Promise<Float32Array> {
  try {
    // The graphs declare their outputs as float32.
    return (await session.run(feeds, [output]))[output]!.data as Float32Array
  } catch (cause) {
    throw new ModelError(`model ${answerableService} failed: ${messageOf(cause)}`, { cause })
  }
}
