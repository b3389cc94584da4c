import { InferenceSession, Tensor } from 'onnxruntime-node'
import { ModelError, messageOf } from '../errors.ts'
import { createNgrams, vocabularyFrom } from './algorithms/ngrams.ts'
import { denseOf, type TextHeadOptions } from './algorithms/text-head.ts'
import { readTextVersion, type TextVersionFiles } from './version-folder.ts'

/** Files of a text head's version. */
export const modelFile = 'model.onnx'
export const vocabularyFile = 'ngrams.bin'

/** A loaded text head: the model and the terms that it knows. */
export interface HeadSession {
  /**
   * @returns the outputs asked for, flat.
   * @throws {ModelError} if the vector is not one of the encoder's or not finite, or the model fails.
   */
  run<const N extends string>(
    text: string,
    vector: Float32Array,
    outputs: readonly N[],
  ): Promise<Record<N, Float32Array>>
  close(): Promise<void>
}

export interface HeadOptions {
  readonly service: string
  /** Of the encoder's vectors. */
  readonly dimension: number
  /** The same as in training. */
  readonly extra?: TextHeadOptions['extra']
}

/** One thread: the work is too small to share, and threads that spin starve the encoder. */
export const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

/** Check and read a version folder. @throws {ModelError} naming the file and the command that makes a new version. */
export async function readHead(dir: string, service: string, recipe: number): Promise<TextVersionFiles> {
  const version = await readTextVersion(dir, service)
  const again = `make a new version with: bursar train ${service}`
  const made = version.manifest.recipe
  if (made !== recipe) {
    throw new ModelError(`${dir} was made by another release (recipe ${made}, needed ${recipe}): ${again}`)
  }
  if (!version.files.has(modelFile)) throw new ModelError(`${dir} holds no ${modelFile}: ${again}`)
  return version
}

/** Open the files of a version. @param where they are, for errors. @throws {ModelError} naming the command that makes a new version. */
export async function openHead(
  files: ReadonlyMap<string, Uint8Array>,
  where: string,
  { service, dimension, extra }: HeadOptions,
): Promise<HeadSession> {
  const terms = files.get(vocabularyFile)
  const ngrams = terms && createNgrams(vocabularyFrom(terms))
  const model = files.get(modelFile) ?? new Uint8Array()
  const session = await InferenceSession.create(model, sessionOptions).catch((cause: unknown) => {
    const again = `make a new version with: bursar train ${service}`
    throw new ModelError(`${where}/${modelFile} cannot be loaded (${messageOf(cause)}): ${again}`, { cause })
  })
  return {
    close: () => session.release(),
    async run(text, vector, outputs) {
      checkVector(vector, service, dimension)
      const dense = denseOf(text, vector, extra)
      const features = new Tensor('float32', dense, [1, dense.length])
      const results = await session
        .run(ngrams ? { features, ...sparseFeeds(ngrams(text)) } : { features }, [...outputs])
        .catch((cause: unknown) => {
          throw new ModelError(`model ${service} failed: ${messageOf(cause)}`, { cause })
        })
      // The graph declares its outputs as float32; the names are those asked for.
      return Object.fromEntries(outputs.map((name) => [name, results[name]!.data])) as Record<string, Float32Array>
    },
  }
}

/** Term 0 with weight 0 stands for no term: ONNX Runtime has no product over nothing. */
function sparseFeeds({ ids, values }: { readonly ids: Uint32Array; readonly values: Float32Array }) {
  const k = Math.max(1, ids.length)
  const [terms, weights] = [new Int32Array(k), new Float32Array(k)]
  terms.set(ids)
  weights.set(values)
  return { terms: new Tensor('int32', terms, [k]), weights: new Tensor('float32', weights, [1, k]) }
}

function checkVector(vector: Float32Array, service: string, dimension: number): void {
  if (vector.length !== dimension) {
    throw new ModelError(`model ${service} takes ${dimension} dimensions, not ${vector.length}: another encoder`)
  }
  // NaN in gives NaN out, without a word.
  for (let i = 0; i < vector.length; i++) {
    if (!Number.isFinite(vector[i])) throw new ModelError(`model ${service} was given a vector that is not finite`)
  }
}
