import { InferenceSession, Tensor } from 'onnxruntime-node'
import { bertShape } from './bert.ts'
import { buildEncoder, type OfficialModel } from './build-encoder.ts'
import { readSafetensors } from './safetensors.ts'
import { type Smoothing, smoothingFrom } from './smoothing.ts'
import { loadTokenizer } from './tokenizer.ts'

const PEAK = 'peak:'

/**
 * Smoothing vectors from own texts: run them through the fp32 model, keep the largest absolute activation per channel.
 * A few hundred texts of the kind that will be encoded are enough.
 * @param tokenizerDir holds the model's tokenizer.json.
 * @param onText called after each text with how many are done.
 * @throws {RangeError} if there is no text.
 */
export async function calibrate(
  model: OfficialModel,
  tokenizerDir: string,
  texts: readonly string[],
  maxTokens: number,
  onText: (done: number) => void,
): Promise<Smoothing> {
  if (texts.length === 0) throw new RangeError('no texts to calibrate with')
  const tokenizer = await loadTokenizer(tokenizerDir)
  const session = await InferenceSession.create(buildEncoder(model, { precision: 'fp32', peaks: true }))
  const peaks = new Map<string, Float32Array>()
  try {
    for (const [i, text] of texts.entries()) {
      const ids = BigInt64Array.from(tokenizer.encode(text, maxTokens), BigInt)
      const outputs = await session.run({ input_ids: new Tensor('int64', ids, [1, ids.length]) })
      for (const [name, { data }] of Object.entries(outputs)) {
        if (name.startsWith(PEAK) && data instanceof Float32Array) raise(peaks, name.slice(PEAK.length), data)
      }
      onText(i + 1)
    }
  } finally {
    await session.release()
  }
  const weights = readSafetensors(model.weights, 'model.safetensors')
  return smoothingFrom(peaks, weights, bertShape(model.config, 'config.json'))
}

function raise(peaks: Map<string, Float32Array>, name: string, values: Float32Array): void {
  const before = peaks.get(name)
  peaks.set(name, before ? values.map((value, i) => Math.max(value, before[i]!)) : values.slice())
}
