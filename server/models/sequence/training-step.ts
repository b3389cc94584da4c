import { InferenceSession, Tensor } from 'onnxruntime-node'
import { createGraph } from '../../onnx/graph.ts'
import { headModel } from '../head-graph.ts'
import { sessionOptions } from '../head-session.ts'
import { addLogits, parameterShapes, type Shape } from './architecture.ts'
import { createTape } from './tape.ts'
import { crossEntropy } from './tape-operators.ts'

/** What one batch is handed in as; all row-major. A batch that is not full has rows of weight 0. */
export interface Batch {
  /** [length · rows, embedding], place by place. */
  readonly words: Float32Array
  /** [rows, units]; see `keep` of addLogits. */
  readonly keep: Float32Array
  /** [rows, outputs], 0 or 1. */
  readonly targets: Float32Array
  /** [rows], summing to 1. */
  readonly weights: Float32Array
}

export interface Slopes {
  readonly loss: number
  /** As `words`. */
  readonly words: Float32Array
  readonly parameters: ReadonlyMap<string, Float32Array>
}

/** The loss of a batch and its gradients. */
export interface TrainingStep {
  run(batch: Batch, parameters: ReadonlyMap<string, Float32Array>): Promise<Slopes>
  close(): Promise<void>
}

/** Write the training graph of a classifier for batches of `rows` texts and open it. */
export async function openTrainingStep(shape: Shape, rows: number): Promise<TrainingStep> {
  const { length, embedding, units, outputs } = shape
  const { file, gradients } = writeTrainingGraph(shape, rows)
  const session = await InferenceSession.create(file, sessionOptions) // one thread: the same sums in the same order
  const feed = (values: Float32Array, ...dims: number[]) => new Tensor('float32', values, dims)
  const names = [...parameterShapes(shape)]
  return {
    async run({ words, keep, targets, weights }, parameters) {
      const results = await session.run({
        words: feed(words, length * rows, embedding),
        keep: feed(keep, rows, units),
        targets: feed(targets, rows, outputs),
        weights: feed(weights, rows, 1),
        ...Object.fromEntries(names.map(([name, dims]) => [name, feed(parameters.get(name)!, ...dims)])),
      })
      const values = (name: string) => results[name]!.data as Float32Array // as the graph declares
      return {
        loss: values('loss')[0]!,
        words: values(gradients[0]!),
        parameters: new Map(names.map(([name], i) => [name, values(gradients[i + 1]!)])),
      }
    },
    close: () => session.release(),
  }
}

function writeTrainingGraph(shape: Shape, rows: number) {
  const { length, embedding, units, outputs } = shape
  const graph = createGraph('training')
  const tape = createTape(graph)
  const words = tape.input('words', length * rows, embedding)
  const parameters = new Map(
    [...parameterShapes(shape)].map(([name, dims]) => [name, tape.parameter(name, ...dims)] as const),
  )
  const logits = addLogits(tape, shape, parameters, words, tape.input('keep', rows, units))
  const loss = crossEntropy(tape, logits, tape.input('targets', rows, outputs), tape.input('weights', rows, 1))
  graph.output(graph.node('Identity', [loss], 'loss'), 'float32', [])
  const learnt = [words, ...parameters.values()]
  const gradients = tape.gradients(learnt)
  gradients.forEach((name, i) => {
    graph.output(name, 'float32', [learnt[i]!.rows, learnt[i]!.columns])
  })
  return { file: graph.finish(headModel), gradients }
}
