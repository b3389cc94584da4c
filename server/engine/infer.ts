import type { Encoder } from '../embedding/encoder.ts'
import { ModelError } from '../errors.ts'
import { dot } from '../math/vectors.ts'
import { labelOf } from '../models/judgement.ts'
import { usualOosLabel } from '../models/oos-label.ts'
import type { Reader } from '../models/service.ts'
import type { InferJob, InferResult, Tensor } from './jobs.ts'

type Head = Pick<Reader<unknown>, 'judge' | 'manifest'>

/** What a generation has of models that can be asked by themselves. */
export interface Models {
  readonly encoder: Pick<Encoder, 'id' | 'dimension' | 'encode'>
  readonly heads: { readonly intent: Head; readonly sentiment: Head } | undefined
}

/** An encoder has no number: the first 48 bits of its id tell it from others. */
export const encoderVersion = (encoderId: string): string => encoderId.slice(0, 12)

/**
 * Run texts through one model, one after the other, as `predict` does.
 * @returns for heads `label`, `confidence` and `scores` [n, classes]; for `embeddings` unit vectors [n, dimension]; for
 * `similarity` the cosine of each text and its other, −1 to 1.
 * @throws {ModelError} if the heads are not there or a model fails.
 */
export async function infer({ encoder, heads }: Models, { model, texts, others = [] }: InferJob): Promise<InferResult> {
  const begun = performance.now()
  const done = (version: string, outputs: InferResult['outputs']): InferResult => ({
    kind: 'infer',
    ...{ version, outputs, computeMs: performance.now() - begun },
  })
  const embed = (all: readonly string[]) => inTurn(all, (text) => encoder.encode(text, 'query'))
  if (model === 'intent' || model === 'sentiment') {
    if (!heads) throw new ModelError(`there is no ${model} head: run bursar train ${model}`)
    return done(String(heads[model].manifest.version), await judgeAll(heads[model], texts, await embed(texts)))
  }
  const vectors = await embed(texts)
  if (model === 'embeddings') return done(encoderVersion(encoder.id), { embedding: stacked(vectors) })
  const otherVectors = await embed(others)
  const cosines = Float32Array.from(vectors, (vector, i) => dot(vector, otherVectors[i]!))
  return done(encoderVersion(encoder.id), { similarity: cosines })
}

async function judgeAll(
  { judge, manifest }: Head,
  texts: readonly string[],
  vectors: readonly Float32Array[],
): Promise<Record<'label' | 'confidence' | 'scores', Tensor>> {
  const several = manifest.thresholds.several !== undefined
  const judgements = await inTurn(texts, (text, i) => judge(text, vectors[i]!))
  return {
    label: judgements.map((judgement) => labelOf(judgement, several, usualOosLabel)),
    confidence: Float32Array.from(judgements, ({ confidence }) => confidence),
    scores: stacked(judgements.map(({ probabilities }) => probabilities)),
  }
}

/** One after the other: the sessions run on one thread, and a batch of one depends on its text alone. */
async function inTurn<T>(texts: readonly string[], run: (text: string, i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (const [i, text] of texts.entries()) results.push(await run(text, i))
  return results
}

/** Rows of one length, one behind the other. */
function stacked(rows: readonly ArrayLike<number>[]): Float32Array {
  const width = rows[0]?.length ?? 0
  const all = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) all.set(row, i * width)
  return all
}
