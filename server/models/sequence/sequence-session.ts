import { InferenceSession, Tensor } from 'onnxruntime-node'
import { ModelError, messageOf } from '../../errors.ts'
import { sessionOptions } from '../head-session.ts'
import { wordsOf } from './words.ts'

/** What an open sequence classifier says of a text; see writeSequenceModel. */
export interface SequenceSession {
  /** @throws {ModelError} if the model fails. */
  run(text: string): Promise<{ readonly logits: Float32Array; readonly probabilities: Float32Array }>
  close(): Promise<void>
}

/** @param where the file is, for errors. @throws {ModelError} naming the command that makes a new version. */
export async function openSequence(file: Uint8Array, where: string): Promise<SequenceSession> {
  const session = await InferenceSession.create(file, sessionOptions).catch((cause: unknown) => {
    throw new ModelError(`${where} cannot be loaded (${messageOf(cause)}): bursar train sequence`, { cause })
  })
  return {
    async run(text) {
      const words = wordsOf(text)
      // ONNX Runtime takes no empty tensor; an unknown word is left out.
      const given = words.length === 0 ? [''] : words
      const { logits, probabilities } = await session
        .run({ words: new Tensor('string', [...given], [given.length]) })
        .catch((cause: unknown) => {
          throw new ModelError(`model sequence failed: ${messageOf(cause)}`, { cause })
        })
      // The graph declares both as float32.
      return { logits: logits!.data as Float32Array, probabilities: probabilities!.data as Float32Array }
    },
    close: () => session.release(),
  }
}
