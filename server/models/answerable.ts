import { InferenceSession, Tensor } from 'onnxruntime-node'
import { ModelError, messageOf } from '../errors.ts'
import { createGraph } from '../onnx/graph.ts'
import { tensor } from '../onnx/tensor.ts'
import { stackRows } from './algorithms/features.ts'
import type { Interaction } from './algorithms/interaction.ts'
import { headModel, writeHead } from './head-graph.ts'
import { modelFile } from './head-session.ts'
import type { Manifest } from './manifest.ts'
import type { Artifact, Metrics } from './service.ts'
import { type LinearModel, logitsOf, trainBinary } from './training.ts'
import { readVersion } from './version-folder.ts'

export const answerableService = 'answerable'
/** Raised when features (retrieval scores are some), graph or training change. */
export const answerableRecipe = 6

const spanFile = 'span.onnx'
const interactionFile = 'interaction.onnx'
const noCalibration = { slope: 1, offset: 0 }

/** Scores spans, and says how probable it is that the best one answers the question. */
export interface AnswerableHead {
  readonly manifest: Manifest
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

/** Probabilities of a fitted scorer. */
export async function scoresOf(model: LinearModel, rows: readonly Float32Array[]): Promise<number[]> {
  if (rows.length === 0) return []
  return Array.from(await logitsOf(model, stackRows(rows)), (logit) => 1 / (1 + Math.exp(-logit)))
}

/** The interaction and the two scorers as a version. */
export function packAnswerable(
  interaction: Interaction,
  span: LinearModel,
  answer: LinearModel,
  facts: { readonly thresholds: Metrics; readonly metrics: Metrics },
): Artifact {
  return {
    files: new Map([
      [modelFile, writeHead(answer, noCalibration)],
      [spanFile, writeHead(span, noCalibration)],
      [interactionFile, writeInteraction(interaction)],
    ]),
    labels: ['unanswered', 'answered'],
    temperature: 1,
    ...facts,
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

/** Check and load a version folder. @throws {ModelError} naming the file and the command that makes a new version. */
export async function loadAnswerable(dir: string): Promise<AnswerableHead> {
  const { manifest, files } = await readVersion(dir, answerableService)
  const again = `make a new version with: bursar train ${answerableService}`
  const { answer, topic } = manifest.thresholds
  if (manifest.recipe !== answerableRecipe || answer === undefined || topic === undefined) {
    throw new ModelError(`${dir} was made by another release: ${again}`)
  }
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
    thresholds: { answer, topic },
    direction: (question) =>
      run(interaction, { question: new Tensor('float32', question, [1, question.length]) }, 'direction'),
    span: (rows) => score(spanSession, rows),
    answer: (rows) => score(answerSession, rows),
    close: async () => {
      await Promise.all([answerSession, spanSession, interaction].map((session) => session.release()))
    },
  }
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
